package registrar

import (
	"context"
	"fmt"
	"math/big"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
)

// Estimate is what a request would do and cost, for showing before anything is
// written or signed.
type Estimate struct {
	// Request is the request with defaults filled in.
	Request job.Request
	// Running is the job that the request means, when there is one already; then nothing else is filled in.
	Running *job.Job
	// Found is a preorder that was sent already and that no job follows, with the job
	// that would go on with it; then nothing else is filled in either.
	Found *Pending
	// Doubt says why nothing is started yet; nil: it can be.
	Doubt *InDoubt
	// Transactions in the order of the chain, at the planned rate.
	Transactions []Transaction
	// Fee at the planned rate; FeeHigh when what follows the preorder has to go out at the higher rate.
	Fee, FeeHigh btcutil.Amount
	// Burn is paid for the name or namespace in bitcoin; BurnTokens in microSTACKS, nil when none are.
	Burn       btcutil.Amount
	BurnTokens *big.Int
	// Given is what other outputs hold that are not change: the coin that comes
	// with the name, for instance, which its owner can spend.
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
	Renewal *Renewal
	// Deadline is the last block in which an owner's operation counts, 0: none.
	Deadline int32
	// PreorderBy is the last block in which the first transaction counts as it is;
	// RegisterWithin how many blocks the registration has after it, 0: no limit.
	PreorderBy, RegisterWithin int32
	// Blocks is about how many blocks the job takes.
	Blocks int32
	// Irreversible says what cannot be undone, Risks how a stranger could
	// interfere.
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

// Plan makes all checks and says what a request would do. It writes nothing and
// signs nothing.
func (r *Registrar) Plan(ctx context.Context, req job.Request) (*Estimate, error) {
	req, err := req.Normal(r.cfg.Params, r.cfg.Confirmations)
	if err != nil {
		return nil, err
	}
	running, attempt, idle, err := r.find(ctx, &req)
	if err != nil {
		return nil, err
	}
	if running != nil {
		return &Estimate{Request: running.Request, Running: running}, nil
	}
	if p, err := r.ours(ctx, &req, true); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", req.Subject(), req.Kind, err)
	} else if p != nil {
		return &Estimate{Request: p.Job.Request, Found: p}, nil
	}
	j := &job.Job{ID: job.NewID(&req, attempt), Attempt: attempt, State: job.Planned, Request: req, Supersedes: idle}
	e, err := r.estimate(ctx, j)
	if err != nil {
		return nil, r.wrap(j, err)
	}
	return e, nil
}

// estimate builds the job's transactions without signing them.
func (r *Registrar) estimate(ctx context.Context, j *job.Job) (*Estimate, error) {
	draft, err := job.Clone(j)
	if err != nil {
		return nil, err
	}
	t, err := r.terms(ctx, draft)
	if err != nil {
		return nil, err
	}
	m, err := r.maker(ctx, draft, t, unsigned)
	if err != nil {
		return nil, err
	}
	if asked := j.Request.Rate; asked < m.relay.Floor {
		return nil, &BelowFloor{asked, m.relay.Floor}
	}
	if err := m.begin(ctx); err != nil {
		return nil, err
	}
	e := &Estimate{Request: j.Request, Unit: t.price.Unit, Height: t.tip, PreorderBy: t.window, RegisterWithin: r.lifetime(j, t.tip),
		Renewal: t.renewal, Deadline: t.deadline}
	if k := j.Request.Kind; k == job.KindRenew || k == job.KindRevoke || k == job.KindImport {
		e.PreorderBy = 0 // they quote no consensus hash
	}
	if e.ExactUntil, err = r.cfg.Names.ExactUntil(ctx); err != nil {
		return nil, err
	}
	if t.price.Unit == names.MicroStacks {
		e.BurnTokens = t.price.Amount
	}
	if len(draft.Sender) > 0 {
		if e.Payer, err = r.cfg.Params.ScriptAddress(draft.Sender); err != nil {
			return nil, err
		}
	}
	if t.payee != nil {
		if e.Payee, err = r.cfg.Params.ScriptAddress(t.payee); err != nil {
			return nil, err
		}
	}
	e.addTransactions(m.planned)
	for _, p := range m.planned {
		if p.role != job.RoleMove {
			e.Locked = max(e.Locked, p.plan.Keep)
		}
	}
	if _, moves := e.transaction(job.RoleMove); moves {
		e.Risks = append(e.Risks, "the wallet has no coins that name operations can spend; some are moved to an address of its own first, which is mined before anything else is sent")
	}
	e.Total = e.Fee + e.Burn + e.Given
	e.Worst = e.FeeHigh + e.Burn + e.Given
	e.Blocks = j.Request.Confirmations * int32(min(3, len(e.Transactions)))
	if !t.rivals.seen && !j.Request.Kind.OfOwner() && j.Request.Kind != job.KindImport {
		e.Risks = append(e.Risks, "the memory pool could not be looked through; a competitor whose transaction is in no block yet would not have been seen")
	}
	if e.Doubt, err = r.inDoubt(ctx, &j.Request, t.tip); err != nil {
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

// addTransactions takes each transaction once, at the planned rate; the versions
// at the higher rate only for their fee.
func (e *Estimate) addTransactions(made []planned) {
	at := make(map[job.Role]int)
	for _, p := range made {
		i, known := at[p.role]
		if !known {
			i = len(e.Transactions)
			at[p.role] = i
			e.Transactions = append(e.Transactions, Transaction{Role: p.role, Plan: p.plan, VSize: p.plan.VSize, Fee: p.plan.Fee, Burn: p.plan.Burn})
		}
		e.Transactions[i].FeeHigh = max(e.Transactions[i].FeeHigh, p.plan.Fee)
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

// explain says what cannot be undone and who could interfere.
func (e *Estimate) explain(j *job.Job) {
	if j.Request.Kind.OfOwner() {
		e.explainOwner(j)
		return
	}
	if j.Request.Kind == job.KindImport {
		e.explainImport(j)
		return
	}
	what := j.Request.Subject()
	paid := txbuilder.FormatAmount(e.Burn)
	if e.BurnTokens != nil {
		paid += fmt.Sprintf(" and %s microSTACKS", e.BurnTokens)
	}
	e.Irreversible = append(e.Irreversible,
		fmt.Sprintf("once the preorder of %s is in a block, the %s it pays is gone, whether or not the rest succeeds", what, paid))
	if j.Request.Kind == job.KindLaunch {
		e.Irreversible = append(e.Irreversible, "the rules of the namespace can never be changed once they are revealed")
		e.Risks = append(e.Risks, "somebody who sees the reveal before it is in a block cannot take the namespace without a preorder of their own, made earlier")
		return
	}
	if e.RegisterWithin > 0 {
		e.Irreversible = append(e.Irreversible,
			fmt.Sprintf("a registration that is in no block %d blocks after the preorder loses the name and what was paid", e.RegisterWithin))
	}
	e.Risks = append(e.Risks,
		"somebody who preordered the same name before can register it first; then what this job paid is lost",
		"two valid registrations of one name in one block are both refused; the job then says so")
}
