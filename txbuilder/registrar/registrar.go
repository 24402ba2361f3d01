package registrar

import (
	"errors"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
)

// Config is what a Registrar works with.
type Config struct {
	Journal   ports.Journal
	Chain     ports.Chain
	Names     ports.Names
	Wallet    ports.Wallet
	Publisher ports.Publisher // nil: zone files are not published by the job
	// Copies are kept before anything is sent. Nil: there are none.
	Copies ports.Copier
	// Copied reads the copies of jobs that this journal has not written. Nil: there are none.
	Copied CopiedJobs
	// LastDays says whether this home knows what it sent of late. Nil: it does.
	LastDays LastDays
	// DoubtBlocks is how many blocks a home that does not starts no preorder; zero: 12.
	DoubtBlocks int32
	Params      *names.Params
	Net         *chaincfg.Params
	Clock       ports.Clock // nil: the system's
	// Confirmations is when a transaction counts unless a request says otherwise;
	// zero: 6.
	Confirmations int32
	// Owner says which scripts own names; their coins never pay. Nil: none.
	Owner func(script []byte) bool
	// MaxFee is the ceiling on one transaction's fee, see txbuilder.
	MaxFee btcutil.Amount
	// Notify is told what happens, for showing. Nil: nobody.
	Notify func(Event)
}

// Event is something that a job did or waits for.
type Event struct {
	Job  job.ID
	What EventKind
	// State is the job's state after it.
	State job.State
	Role  job.Role
	Txid  string
	Text  string
	Wait  *job.Wait
}

// EventKind classifies events.
type EventKind string

// The kinds of events.
const (
	EventSigned    EventKind = "signed"
	EventDrafted   EventKind = "drafted"
	EventBroadcast EventKind = "broadcast"
	EventState     EventKind = "state"
	EventPublished EventKind = "published"
	EventWaiting   EventKind = "waiting"
)

// Registrar runs jobs. One process at a time has a journal open.
type Registrar struct {
	cfg    Config
	held   *heldCoins
	copied *copiedOnce
}

// DefaultConfirmations is when a transaction counts on public networks.
const DefaultConfirmations = 6

// New checks a configuration.
func New(cfg Config) (*Registrar, error) {
	if cfg.Journal == nil || cfg.Chain == nil || cfg.Names == nil || cfg.Wallet == nil || cfg.Params == nil || cfg.Net == nil {
		return nil, errors.New("registrar: journal, chain, names, wallet, rules and network must be given")
	}
	if cfg.Confirmations == 0 {
		cfg.Confirmations = DefaultConfirmations
	}
	if cfg.DoubtBlocks == 0 {
		cfg.DoubtBlocks = DoubtBlocks
	}
	if cfg.LastDays != nil {
		cfg.Copies = keptBoth{cfg.Copies, cfg.LastDays}
	}
	if cfg.Copies != nil {
		cfg.Chain = ports.CopiedChain{Chain: cfg.Chain, Copies: cfg.Copies}
	}
	if cfg.Clock == nil {
		cfg.Clock = ports.SystemClock{}
	}
	return &Registrar{cfg: cfg, held: new(heldCoins), copied: &copiedOnce{from: cfg.Copied}}, nil
}

// notify tells the listener.
func (r *Registrar) notify(e Event) {
	if r.cfg.Notify != nil {
		r.cfg.Notify(e)
	}
}
