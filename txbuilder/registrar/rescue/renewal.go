package rescue

import (
	"bytes"
	"cmp"
	"context"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/step"
)

// ourRenewal gives the job that goes on with a renewal that was sent already and that no job
// follows, where it is the one that is asked for: in no block yet, or in one and recent. Nil: there
// is none.
func (r *Finds) ourRenewal(ctx context.Context, req *job.Request, dry bool) (*own.Pending, error) {
	tip, err := r.Facts.SyncedTip(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := r.Search.SentRenewal(ctx, req, tip)
	height := int32(0)
	if err == nil && tx == nil {
		tx, height, err = r.Search.OwnMined(ctx, req)
	}
	if err != nil || tx == nil {
		return nil, err
	}
	jobs, err := r.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	p := &own.Pending{Outstanding: ports.Outstanding{Txid: tx.TxHash(), Height: height, Sender: req.Owner}, Tx: tx, Name: req.Name, Owner: req.Owner}
	other := &own.RenewalOurs{Name: req.Name, Txid: p.Txid}
	op, _ := own.RenewalIn(r.Params, tx, cmp.Or(height, tip+1))
	to := req.Owner
	if req.To != nil {
		to = req.To
	}
	if o := job.FollowedBy(jobs)[p.Txid]; o != nil {
		other.Job = o.ID
	} else if bytes.Equal(tx.TxOut[1].PkScript, to) && (len(req.ZoneFile) == 0 || op.ZoneFile == names.HashZoneFile(req.ZoneFile)) {
		p.Job, err = r.renewalJob(ctx, p, *req, tip, dry)
		return p, err
	}
	if height > 0 {
		return nil, nil // it is refused as Unchanged
	}
	return nil, other
}

// renewalJob makes the job that follows a renewal. One for the same thing that has signed nothing
// yet becomes that job.
func (r *Finds) renewalJob(ctx context.Context, p *own.Pending, req job.Request, tip int32, dry bool) (*job.Job, error) {
	now := r.Book.Clock.Now().UTC()
	j := &job.Job{State: job.UpdateSigned, Request: req, Created: now, Updated: now, Sender: req.Owner}
	running, attempt, idle, err := r.Match.Find(ctx, &req)
	switch {
	case err != nil:
		return nil, err
	case running != nil && running.State == job.Planned && len(running.Stages)+len(running.Drafted) == 0:
		j.ID, j.Attempt, j.Request, j.Created, j.Supersedes = running.ID, running.Attempt, running.Request, running.Created, running.Supersedes
		j.Mark = running.Mark
	case running != nil && running.Open():
		return nil, &job.Conflict{ID: running.ID, What: "renewal"}
	default:
		j.ID, j.Attempt, j.Supersedes = job.NewID(&req, attempt), attempt, idle
	}
	a := trail{r: r, j: j, f: step.Facts{Tip: tip}}
	if err := a.add(ctx, job.RoleRenew, p.Tx, cmp.Or(p.Height, tip+1), chainhash.Hash{}, -1); err != nil {
		return nil, err
	}
	if err := r.renewalTerms(ctx, j, p); err != nil {
		return nil, err
	}
	if dry {
		return j, nil
	}
	if err := r.Journal.Save(ctx, j); err != nil {
		return nil, err
	}
	where := "found in no block yet"
	if p.Height > 0 {
		where = "found on the chain"
	}
	r.Book.Tell(record.Event{Job: j.ID, What: record.EventState, State: j.State, Text: where})
	return j, r.Book.Supersede(ctx, j)
}

// renewalTerms fills in deadline and price of a renewal that was sent. One in a block has paid what
// it has paid, and counts already: its terms hold only if a reorg undoes it.
func (r *Finds) renewalTerms(ctx context.Context, j *job.Job, p *own.Pending) error {
	if p.Height == 0 {
		t, err := r.Checks.Terms(ctx, j)
		if err == nil {
			j.Deadline, j.Price = t.Deadline, &job.Price{Unit: t.Price.Unit, Amount: t.Price.Amount, Payee: t.Payee}
		}
		return err
	}
	rec, err := r.Names.Record(ctx, p.Name)
	if err != nil {
		return err
	}
	ns, err := r.Names.Namespace(ctx, p.Name.Namespace())
	if err != nil {
		return err
	}
	j.Deadline = rec.GraceEnds
	if creator, until := r.Checks.CreatorPaid(&ns, p.Height); creator {
		j.Deadline = min(j.Deadline, until)
	}
	op, _ := own.RenewalIn(r.Params, p.Tx, p.Height)
	j.Price = r.paidBy(op, p.Tx.TxOut[3].Value, p.Tx.TxOut[3].PkScript)
	return nil
}
