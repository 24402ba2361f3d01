package estimate

import (
	"context"
	"fmt"
	"math/big"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/build"
	"blockstack/txbuilder/registrar/doubt"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/match"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/rescue"
	"blockstack/txbuilder/registrar/terms"
)

// Estimate is what a request would do and cost, for showing before anything is written or signed.
type Estimate struct {
	// Request is the request with defaults filled in.
	Request job.Request
	// Running is the job that the request means, when there is one already; then nothing else is
	// filled in.
	Running *job.Job
	// Found is a preorder that was sent already and that no job follows, with the job that would go
	// on with it; then nothing else is filled in either.
	Found *own.Pending
	// Doubt says why nothing is started yet; nil: it can be.
	Doubt *doubt.InDoubt
	// Transactions in the order of the chain, at the planned rate.
	Transactions []Transaction
	// Fee at the planned rate; FeeHigh when what follows the preorder has to go out at the higher
	// rate.
	Fee, FeeHigh btcutil.Amount
	// Burn is paid for the name or namespace in bitcoin; BurnTokens in microSTACKS, nil when none
	// are.
	Burn       btcutil.Amount
	BurnTokens *big.Int
	// Given is what other outputs hold that are not change: the coin that comes with the name, for
	// instance, which its owner can spend.
	Given btcutil.Amount
	// Total is what leaves the payer at the planned rate; Worst at the higher one.
	Total, Worst btcutil.Amount
	// Locked is how much of the payer's change is kept for what follows.
	Locked btcutil.Amount
	Unit   names.Unit
	// Payer is the address of the preorder's input 0, Payee who is paid.
	Payer, Payee string
	// Height is the tip at which all this is true.
	Height int32
	// ExactUntil is the last height at which the names it relies on are certain; nil: Height.
	ExactUntil *int32
	// Renewal is what a renewal does to the lifetime; nil for other kinds.
	Renewal *terms.Renewal
	// Deadline is the last block in which an owner's operation counts, 0: none.
	Deadline int32
	// PreorderBy is the last block in which the first transaction counts as it is; RegisterWithin
	// how many blocks the registration has after it, 0: no limit.
	PreorderBy, RegisterWithin int32
	// Blocks is about how many blocks the job takes.
	Blocks int32
	// Irreversible says what cannot be undone, Risks how a stranger could interfere.
	Irreversible, Risks []string
}

// Transaction is one transaction of an estimate.
type Transaction struct {
	Role  job.Role
	Plan  *txbuilder.Plan // unsigned; those after the first spend outputs that do not exist yet
	VSize int64
	Fee   btcutil.Amount
	// FeeHigh is the fee at the higher rate.
	FeeHigh btcutil.Amount
	Burn    btcutil.Amount
}

// Plan makes all checks and says what a request would do. It writes nothing and signs nothing.
func (r *Plans) Plan(ctx context.Context, req job.Request) (*Estimate, error) {
	req, err := req.Normal(r.Params, r.Confirmations)
	if err != nil {
		return nil, err
	}
	running, attempt, idle, err := r.Match.Find(ctx, &req)
	if err != nil {
		return nil, err
	}
	if running != nil {
		return &Estimate{Request: running.Request, Running: running}, nil
	}
	if p, err := r.Finds.Ours(ctx, &req, true); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", req.Subject(), req.Kind, err)
	} else if p != nil {
		return &Estimate{Request: p.Job.Request, Found: p}, nil
	}
	j := &job.Job{ID: job.NewID(&req, attempt), Attempt: attempt, State: job.Planned, Request: req, Single: job.Single{Supersedes: idle}}
	e, err := r.Estimate(ctx, j)
	if err != nil {
		return nil, j.Wrap(err)
	}
	return e, nil
}

// Estimate builds the job's transactions without signing them.
func (r *Plans) Estimate(ctx context.Context, j *job.Job) (*Estimate, error) {
	draft, err := job.Clone(j)
	if err != nil {
		return nil, err
	}
	t, err := r.Checks.Terms(ctx, draft)
	if err != nil {
		return nil, err
	}
	m, err := r.Build.Txs(ctx, draft, t, build.Unsigned)
	if err != nil {
		return nil, err
	}
	if asked := j.Request.Rate; asked < m.Relay.Floor {
		return nil, &BelowFloor{asked, m.Relay.Floor}
	}
	if err := m.Begin(ctx); err != nil {
		return nil, err
	}
	e := &Estimate{Request: j.Request, Unit: t.Price.Unit, Height: t.Tip, PreorderBy: t.Window, RegisterWithin: j.Request.Kind.Lifetime(r.Params, t.Tip),
		Renewal: t.Renewal, Deadline: t.Deadline}
	if k := j.Request.Kind; k == job.KindRenew || k == job.KindRevoke || k == job.KindImport {
		e.PreorderBy = 0 // they quote no consensus hash
	}
	if e.ExactUntil, err = r.Names.ExactUntil(ctx); err != nil {
		return nil, err
	}
	if t.Price.Unit == names.MicroStacks {
		e.BurnTokens = t.Price.Amount
	}
	if len(draft.Sender) > 0 {
		if e.Payer, err = r.Params.ScriptAddress(draft.Sender); err != nil {
			return nil, err
		}
	}
	if t.Payee != nil {
		if e.Payee, err = r.Params.ScriptAddress(t.Payee); err != nil {
			return nil, err
		}
	}
	e.addTransactions(m.Planned)
	for _, p := range m.Planned {
		if p.Role != job.RoleMove {
			e.Locked = max(e.Locked, p.Plan.Keep)
		}
	}
	if _, moves := e.transaction(job.RoleMove); moves {
		e.Risks = append(e.Risks, "the wallet has no coins that name operations can spend; some are moved to an address of its own first, which is mined before anything else is sent")
	}
	e.Total = e.Fee + e.Burn + e.Given
	e.Worst = e.FeeHigh + e.Burn + e.Given
	e.Blocks = j.Request.Confirmations * int32(min(3, len(e.Transactions)))
	if !t.Rivals.Seen && !j.Request.Kind.OfOwner() && j.Request.Kind != job.KindImport {
		e.Risks = append(e.Risks, "the memory pool could not be looked through; a competitor whose transaction is in no block yet would not have been seen")
	}
	if e.Doubt, err = r.Doubts.InDoubt(ctx, &j.Request, t.Tip); err != nil {
		return nil, err
	}
	if e.Doubt != nil {
		e.Risks = append(e.Risks, e.Doubt.Error())
	}
	e.explain(j)
	return e, nil
}

// transaction is the one of a role.
func (e *Estimate) transaction(role job.Role) (Transaction, bool) {
	for _, t := range e.Transactions {
		if t.Role == role {
			return t, true
		}
	}
	return Transaction{}, false
}

// addTransactions takes each transaction once, at the planned rate; the versions at the higher rate
// only for their fee.
func (e *Estimate) addTransactions(made []build.Planned) {
	at := make(map[job.Role]int)
	for _, p := range made {
		i, known := at[p.Role]
		if !known {
			i = len(e.Transactions)
			at[p.Role] = i
			e.Transactions = append(e.Transactions, Transaction{Role: p.Role, Plan: p.Plan, VSize: p.Plan.VSize, Fee: p.Plan.Fee, Burn: p.Plan.Burn})
		}
		e.Transactions[i].FeeHigh = max(e.Transactions[i].FeeHigh, p.Plan.Fee)
	}
	for _, t := range e.Transactions {
		e.Fee += t.Fee
		e.FeeHigh += t.FeeHigh
		e.Burn += t.Burn
		for _, line := range t.Plan.Lines {
			if line.Role == txbuilder.RoleOwner || line.Role == txbuilder.RoleZoneFile {
				e.Given += line.Amount
			}
		}
	}
}

// Plans says what requests would do and cost.
type Plans struct {
	ports.World
	Confirmations int32
	Checks        *terms.Checks
	Doubts        *doubt.Doubts
	Build         *build.Config
	Match         *match.Match
	Finds         *rescue.Finds
}

// over is the same with what transactions are built with.
func (r *Plans) over(b *build.Config) *Plans {
	still, match := *r, *r.Match
	still.World, still.Build, still.Checks, still.Doubts = b.World, b, b.Checks, b.Doubts
	match.World, match.Facts = b.World, b.Facts
	still.Match = &match
	return &still
}

// BelowFloor says that a request's fee rate is below what the node takes now.
type BelowFloor struct{ Rate, Floor txbuilder.FeeRate }

// Error names both rates.
func (e *BelowFloor) Error() string {
	return fmt.Sprintf("the node takes no transaction below %s now, and this would pay %s", e.Floor, e.Rate)
}

// Code is refused.
func (e *BelowFloor) Code() string { return "refused" }
