package rescue

import (
	"bytes"
	"context"
	"fmt"
	"math/big"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder/registrar/build"
	"blockstack/txbuilder/registrar/facts"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/match"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/step"
	"blockstack/txbuilder/registrar/terms"
)

// Finds makes jobs go on with what was sent without them.
type Finds struct {
	ports.World
	Confirmations int32
	Facts         *facts.Source
	Search        *own.Search
	Checks        *terms.Checks
	Match         *match.Match
	Book          *record.Book
	Build         *build.Config
}

// Ours looks whether a preorder or a renewal of what is asked for was sent already, though no job
// follows it. One that fits gives the job that goes on with it, which is saved unless dry; one for
// somebody else is a *PreorderOurs. Nil: there is none.
func (r *Finds) Ours(ctx context.Context, req *job.Request, dry bool) (*own.Pending, error) {
	if req.Kind == job.KindRenew {
		return r.ourRenewal(ctx, req, dry)
	}
	if req.Kind != job.KindRegister && req.Kind != job.KindLaunch {
		return nil, nil
	}
	tip, err := r.Facts.SyncedTip(ctx)
	if err != nil {
		return nil, err
	}
	own, err := r.Search.EveryPreorder(ctx, tip)
	if err != nil {
		return nil, err
	}
	p, err := own.Choose(ctx, req)
	if err != nil || p == nil {
		return nil, err
	}
	found := *req
	found.Owner, p.Name = p.Owner, req.Name
	if req.Kind == job.KindLaunch {
		p.Namespace = req.Namespace.ID
	}
	p.Job, err = r.rescued(ctx, p, found, dry)
	return p, err
}

// AdoptPlanned makes a job that has signed nothing yet go on with a preorder or renewal that was
// sent without it.
func (r *Finds) AdoptPlanned(ctx context.Context, j *job.Job) (*job.Job, error) {
	if j.State != job.Planned || len(j.Stages)+len(j.Drafted) > 0 {
		return j, nil
	}
	p, err := r.Ours(ctx, &j.Request, false)
	if err != nil || p == nil {
		return j, err
	}
	return p.Job, nil
}

// rescued makes the job of a preorder, or brings it in from the copy of the journal. A job for the
// same thing that has signed nothing yet becomes that job.
func (r *Finds) rescued(ctx context.Context, p *own.Pending, req job.Request, dry bool) (*job.Job, error) {
	req, err := req.Normal(r.Params, r.Confirmations)
	if err != nil {
		return nil, err
	}
	now := r.Book.Clock.Now().UTC()
	j := &job.Job{State: job.PreorderSigned, Request: req, Created: now, Updated: now, Sender: p.Sender}
	running, attempt, _, err := r.Match.Find(ctx, &req)
	switch {
	case err != nil:
		return nil, err
	case running != nil && running.State == job.Planned && len(running.Stages)+len(running.Drafted) == 0 && running.Request.Kind == req.Kind:
		j.ID, j.Attempt, j.Request, j.Created, j.Mark = running.ID, running.Attempt, running.Request, running.Created, running.Mark
	case running != nil && running.Open():
		return nil, &job.Conflict{ID: running.ID, What: "preorder"}
	default:
		j.ID, j.Attempt = job.NewID(&req, attempt), attempt
	}
	if err := r.stillOpen(ctx, &req); err != nil {
		return nil, err
	}
	if p.Copied != nil && p.Copied.GoesOnWith(&req, running) {
		return r.bringIn(ctx, p, dry)
	}
	tip, _, err := r.Chain.Tip(ctx)
	if err != nil {
		return nil, fmt.Errorf("chain tip: %w", err)
	}
	a := trail{r: r, j: j, f: step.Facts{Tip: tip}}
	if err := a.first(ctx, p); err != nil {
		return nil, err
	}
	_, e := r.Params.Epoch(tip + 1)
	j.NeedsUpdate = len(j.Request.ZoneFile) > 0 && !e.Features.Has(names.FeatureRegisterUpdate)
	if dry {
		return j, nil
	}
	if err := r.Journal.Save(ctx, j); err != nil {
		return nil, err
	}
	where := "found on the chain"
	if p.Tx != nil {
		where = "found in no block yet"
	}
	r.Book.Tell(record.Event{Job: j.ID, What: record.EventState, State: j.State, Text: where})
	return j, nil
}

// bringIn brings the copied job of a preorder into this journal, and of a list all that belongs to
// it; dry: says which job that would be.
func (r *Finds) bringIn(ctx context.Context, p *own.Pending, dry bool) (*job.Job, error) {
	j := p.Copied
	if dry {
		return job.Clone(j)
	}
	jobs := []*job.Job{j}
	if s := j.Request.Series; s != nil {
		jobs = nil
		for _, o := range r.Search.Copied.Jobs {
			if o.ID == s.Split || o.Request.Kind == job.KindSeries && o.Request.Series.Split == s.Split {
				jobs = append(jobs, o)
			}
		}
	}
	in, err := r.Import(ctx, jobs)
	if err != nil {
		return nil, err
	}
	for _, o := range in {
		if o.What == job.ImportBarred {
			return nil, fmt.Errorf("job %s, from the copy of the journal: %w", o.Job.ID, o.Err)
		}
		if o.Job.ID == j.ID {
			r.Book.Tell(record.Event{Job: o.Job.ID, What: record.EventState, State: o.Job.State, Text: "brought in from the copy of the journal"})
			j = o.Job
		}
	}
	return j, nil
}

// stillOpen refuses to go on with a name that somebody has.
func (r *Finds) stillOpen(ctx context.Context, req *job.Request) error {
	if req.Kind != job.KindRegister {
		return nil
	}
	rec, err := r.Names.Record(ctx, req.Name)
	if err != nil {
		return err
	}
	if job.Live(rec.Status) {
		return &terms.NameTaken{Name: req.Name, Status: rec.Status, Owner: rec.OwnerAddress}
	}
	return nil
}

// paidBy is what a preorder or a renewal has paid.
func (r *Finds) paidBy(op nameop.Op, sat int64, payee []byte) *job.Price {
	price := &job.Price{Unit: names.Satoshi, Amount: big.NewInt(sat), Payee: bytes.Clone(payee)}
	tokens, paid := uint64(0), false
	switch o := op.(type) {
	case nameop.NamePreorder:
		tokens, paid = o.Tokens, o.HasTokens && o.Tokens > 0
	case nameop.NamespacePreorder:
		tokens, paid = o.Tokens, o.HasTokens
	case nameop.NameRenewal:
		tokens, paid = o.Tokens, o.HasTokens && o.Tokens > 0
	}
	if paid {
		price.Unit, price.Amount = names.MicroStacks, new(big.Int).SetUint64(tokens)
	}
	return price
}
