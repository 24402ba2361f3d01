package registrar

import (
	"blockstack/txbuilder/registrar/advance"
	"blockstack/txbuilder/registrar/build"
	"blockstack/txbuilder/registrar/doubt"
	"blockstack/txbuilder/registrar/estimate"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/journal"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/rescue"
	"blockstack/txbuilder/registrar/reserve"
	"blockstack/txbuilder/registrar/step"
	"blockstack/txbuilder/registrar/terms"
)

// The names of the parts that their users know by this package.
type (
	NeedsKey = advance.NeedsKey

	FloorTooHigh = build.FloorTooHigh
	NoOwnerCoin  = build.NoOwnerCoin
	NoSenderCoin = build.NoSenderCoin
	NothingNewer = build.NothingNewer

	InDoubt  = doubt.InDoubt
	LastDays = doubt.LastDays

	Batch        = estimate.Batch
	BatchRequest = estimate.BatchRequest
	BelowFloor   = estimate.BelowFloor
	Estimate     = estimate.Estimate
	ItemCost     = estimate.ItemCost

	Coded         = job.Coded
	Conflict      = job.Conflict
	Draft         = job.Draft
	ID            = job.ID
	Import        = job.Import
	ImportOutcome = job.ImportOutcome
	ImportSet     = job.ImportSet
	Item          = job.Item
	Job           = job.Job
	Listed        = job.Listed
	Kind          = job.Kind
	OverBudget    = job.OverBudget
	Price         = job.Price
	Progress      = job.Progress
	Request       = job.Request
	Role          = job.Role
	Series        = job.Series
	Split         = job.Split
	Stage         = job.Stage
	State         = job.State
	Version       = job.Version
	View          = job.View

	BoltJournal  = journal.File
	NotCopied    = journal.NotCopied
	OtherNetwork = journal.OtherNetwork

	CopiedJobs   = own.CopiedJobs
	Pending      = own.Pending
	PreorderOurs = own.PreorderOurs
	RenewalOurs  = own.RenewalOurs
	Sent         = own.Sent
	UnreadCopies = own.UnreadCopies

	Chain        = ports.Chain
	Copier       = ports.Copier
	Journal      = ports.Journal
	OpStatus     = ports.OpStatus
	Outstanding  = ports.Outstanding
	Pool         = ports.Pool
	RefusalClass = ports.RefusalClass
	Refused      = ports.Refused
	RelayFees    = ports.RelayFees
	Spender      = ports.Spender
	TxStatus     = ports.TxStatus

	Event     = record.Event
	NotAgreed = record.NotAgreed

	Imported      = rescue.Imported
	RescueRequest = rescue.RescueRequest

	Depth        = reserve.Depth
	Ending       = reserve.Ending
	Reservations = reserve.Reservations

	Action = step.Action

	Contested           = terms.Contested
	MustRenew           = terms.MustRenew
	NameTaken           = terms.NameTaken
	NamespaceClosed     = terms.NamespaceClosed
	NamespaceTaken      = terms.NamespaceTaken
	NeverExpires        = terms.NeverExpires
	NotOwner            = terms.NotOwner
	PayeeChanging       = terms.PayeeChanging
	PreorderOutstanding = terms.PreorderOutstanding
	Quota               = terms.Quota
	UnknownGrants       = terms.UnknownGrants
	TokensShort         = terms.TokensShort
	Unchanged           = terms.Unchanged
)

// The constants of the parts.
const (
	DoubtBlocks = doubt.DoubtBlocks

	Cancelled         = job.Cancelled
	Cancelling        = job.Cancelling
	Done              = job.Done
	Expired           = job.Expired
	ImportBarred      = job.ImportBarred
	ImportKnown       = job.ImportKnown
	ImportMerged      = job.ImportMerged
	ImportNew         = job.ImportNew
	KindImport        = job.KindImport
	KindLaunch        = job.KindLaunch
	KindRegister      = job.KindRegister
	KindRenew         = job.KindRenew
	KindRevoke        = job.KindRevoke
	KindSeries        = job.KindSeries
	KindSplit         = job.KindSplit
	KindTransfer      = job.KindTransfer
	KindUpdate        = job.KindUpdate
	MaxImports        = job.MaxImports
	MaxSeries         = job.MaxSeries
	MoveSigned        = job.MoveSigned
	Planned           = job.Planned
	PreorderConfirmed = job.PreorderConfirmed
	PreorderSigned    = job.PreorderSigned
	RegisterConfirmed = job.RegisterConfirmed
	RegisterSigned    = job.RegisterSigned
	Rejected          = job.Rejected
	RoleFund          = job.RoleFund
	RoleMove          = job.RoleMove
	RolePreorder      = job.RolePreorder
	RoleReady         = job.RoleReady
	RoleRegister      = job.RoleRegister
	RoleRenew         = job.RoleRenew
	RoleReturn        = job.RoleReturn
	RoleRevoke        = job.RoleRevoke
	RoleSplit         = job.RoleSplit
	RoleTransfer      = job.RoleTransfer
	RoleUpdate        = job.RoleUpdate
	Running           = job.Running
	UpdateConfirmed   = job.UpdateConfirmed
	UpdateSigned      = job.UpdateSigned

	MaxCopyBytes = journal.MaxCopyBytes

	RefusedCoins = ports.RefusedCoins
	RefusedFee   = ports.RefusedFee
	RefusedOther = ports.RefusedOther
	RefusedRow   = ports.RefusedRow

	EventBroadcast = record.EventBroadcast
	EventDrafted   = record.EventDrafted
	EventPublished = record.EventPublished
	EventSigned    = record.EventSigned
	EventState     = record.EventState
	EventWaiting   = record.EventWaiting

	PurposeFollow = reserve.PurposeFollow
	PurposeSpends = reserve.PurposeSpends
	UntilOver     = reserve.UntilOver
	UntilSpent    = reserve.UntilSpent
	UntilUsed     = reserve.UntilUsed

	DoSign = step.DoSign
)

// The errors of the parts, and what is called from outside of the engine.
var (
	ErrNotCancellable = advance.ErrNotCancellable
	ErrNeedsKey       = advance.ErrNeedsKey
	ErrRestless       = advance.ErrRestless

	ErrBadCopy      = job.ErrBadCopy
	ErrBadJournal   = job.ErrBadJournal
	ErrBadRequest   = job.ErrBadRequest
	ErrIndexBehind  = job.ErrIndexBehind
	ErrNewerJournal = job.ErrNewerJournal
	ErrNoDraft      = job.ErrNoDraft
	ErrNoJob        = job.ErrNoJob
	ErrNotExternal  = job.ErrNotExternal
	ErrOldDraft     = job.ErrOldDraft
	FindDraft       = job.FindDraft

	DecodeCopy     = journal.DecodeCopy
	ErrJournalBusy = journal.ErrBusy
	NewCopies      = journal.NewCopies
	OpenJournal    = journal.Open

	Lost         = own.Lost
	SentPreorder = own.SentPreorder

	Reserved = reserve.Reserved
)
