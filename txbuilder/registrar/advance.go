package registrar

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/build"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/step"
)

// maxActions bounds one call of Advance against a circle of states.
const maxActions = 200

// Advance performs the job's next actions, one after the other, as far as the
// chain allows. The job it returns says in Wait what it stands still for; an
// error leaves the job as it is on disk, to be continued by the next call.
func (r *Registrar) Advance(ctx context.Context, id job.ID) (*job.Job, error) {
	j, err := r.cfg.Journal.Job(ctx, id)
	if err != nil {
		return nil, err
	}
	switch j.Request.Kind {
	case job.KindSplit:
		return r.advanceSplit(ctx, j)
	case job.KindSeries:
		return r.advanceSeries(ctx, j)
	}
	run := &attempt{sent: make(map[chainhash.Hash]bool), cheap: make(map[chainhash.Hash]bool), unfit: make(map[chainhash.Hash]bool), raised: make(map[job.Role]bool)}
	for n := range maxActions {
		if err := ctx.Err(); err != nil {
			return j, err
		}
		f, err := r.facts.Single(ctx, j, run.sent)
		if err != nil {
			return j, j.Wrap(err)
		}
		if n == 0 {
			more, err := r.finds.Adopt(ctx, j, f)
			if err == nil && more == j && f.Synced {
				more, err = r.finds.AdoptPlanned(ctx, j)
			}
			if err != nil {
				return j, j.Wrap(err)
			}
			if more != j {
				j = more
				continue
			}
		}
		f.Dead, f.Cheap, f.Unfit = run.dead, run.cheap, run.unfit
		a := step.Step(j, f)
		next, err := r.perform(ctx, j, f, a)
		if b, ok := step.Instead(j, f, a, err); ok && ctx.Err() == nil {
			a = b
			next, err = r.perform(ctx, j, f, a)
		}
		var no *ports.Refused
		if a.Do == step.DoBroadcast && errors.As(err, &no) {
			again, rerr := r.afterRefusal(ctx, run, j, f, a, no, err)
			if rerr == nil && again {
				continue
			}
			if rerr == nil && no.Class == ports.RefusedRow {
				return r.perform(ctx, j, f, step.Action{Do: step.DoWait, To: j.State, Wait: rowWait(no)})
			}
			if rerr == nil && no.Class == ports.RefusedCoins {
				w, werr := r.facts.OtherVersion(ctx, j, no.Txid)
				if werr == nil && w != nil {
					return r.perform(ctx, j, f, step.Action{Do: step.DoWait, To: j.State, Wait: w})
				}
				rerr = werr
			}
			err = errors.Join(err, rerr)
		}
		if err != nil && a.Dearer && run.why != nil {
			err = fmt.Errorf("%w; a dearer version: %w", run.why, err)
		}
		if err != nil {
			return j, j.Wrap(err)
		}
		j = next
		switch a.Do {
		case step.DoSign:
			run.raised[a.Role] = run.raised[a.Role] || a.Dearer
		case step.DoBroadcast:
			for _, p := range a.Picks() {
				run.sent[j.Stage(p.Role).Versions[p.Version].Txid] = true
			}
		case step.DoWait, step.DoNothing:
			return j, nil
		}
		if j.Wait != nil && j.Wait.Signatures {
			return j, nil
		}
	}
	return j, j.Wrap(fmt.Errorf("%w (%s)", ErrRestless, j.State))
}

// perform does one action and gives the job as it is on disk after it.
func (r *Registrar) perform(ctx context.Context, j *job.Job, f step.Facts, a step.Action) (*job.Job, error) {
	switch a.Do {
	case step.DoNothing:
		return j, nil
	case step.DoWait:
		next, err := job.Clone(j)
		if err != nil {
			return nil, err
		}
		next.Wait = a.Wait
		r.book.Tell(record.Event{Job: j.ID, What: record.EventWaiting, State: j.State, Wait: a.Wait, Text: a.Wait.For})
		return next, nil
	case step.DoBroadcast:
		for _, p := range a.Picks() {
			if err := r.broadcast(ctx, j, p); err != nil {
				return j, err
			}
		}
		return j, nil
	case step.DoMove:
		return r.book.Change(ctx, j, a.To, func(n *job.Job) error {
			if a.Reason != "" {
				n.Reason = a.Reason
			}
			for _, st := range n.Stages {
				if st.Used = st.Used && !a.Lost; j.State.Undone(a.To) {
					st.Since = f.Tip
				}
			}
			return nil
		})
	case step.DoUse:
		return r.book.Change(ctx, j, a.To, func(n *job.Job) error {
			for _, p := range a.Picks() {
				st := n.Stage(p.Role)
				st.Current, st.Since, st.Used = p.Version, f.Tip, true
			}
			return nil
		})
	case step.DoSign:
		return r.signStep(ctx, j, f, a)
	case step.DoPublish:
		where, err := r.publish(ctx, j)
		if err != nil {
			return nil, fmt.Errorf("publish: %w", err)
		}
		next, err := r.book.Change(ctx, j, a.To, func(n *job.Job) error {
			n.Published, n.IsPublic = where, true
			return nil
		})
		if err == nil {
			r.book.Tell(record.Event{Job: j.ID, What: record.EventPublished, State: j.State, Text: strings.Join(where, " ")})
		}
		return next, err
	}
	panic(fmt.Sprintf("bug: no way to %s", a.Do))
}

// broadcast sends the stored bytes of a version, whether or not they were sent
// before.
func (r *Registrar) broadcast(ctx context.Context, j *job.Job, a step.Pick) error {
	v := j.Stage(a.Role).Versions[a.Version]
	tx, err := v.Tx()
	if err != nil {
		return err
	}
	if err := r.cfg.Chain.Broadcast(ctx, tx); err != nil {
		return fmt.Errorf("broadcast %s: %w", job.Words(a.Role), err)
	}
	r.book.Tell(record.Event{Job: j.ID, What: record.EventBroadcast, State: j.State, Role: a.Role, Txid: v.Txid.String(), Text: job.Words(a.Role)})
	return nil
}

// signStep builds, signs and stores a transaction with all that follows from it.
func (r *Registrar) signStep(ctx context.Context, j *job.Job, f step.Facts, a step.Action) (*job.Job, error) {
	if !f.CanSign {
		if a.Wait != nil && a.Wait.Deadline > 0 {
			return nil, &NeedsKey{Deadline: a.Wait.Deadline, Blocks: max(0, a.Wait.Deadline-f.Tip)}
		}
		return nil, ErrNeedsKey
	}
	if j.Request.External {
		return r.draftStep(ctx, j, f, a)
	}
	var made []build.Planned
	next, err := r.book.Change(ctx, j, a.To, func(n *job.Job) error {
		m, err := r.build.TxsFor(ctx, n, a)
		if err != nil {
			return err
		}
		before, moves := 0, n.Stage(job.RoleMove) == nil
		if st := n.Stage(a.Role); st != nil {
			before = len(st.Versions)
		}
		if err := m.Make(ctx, a); err != nil {
			return err
		}
		if moves && n.Stage(job.RoleMove) != nil { // what was to be signed first waits for it
			n.State, a.Role = job.MoveSigned, job.RoleMove
		}
		st := n.Stage(a.Role)
		if len(st.Versions) == before {
			return build.NoNewer(j, a.Role, f.Mined)
		}
		st.Current, st.Since, st.Used = before, f.Tip, true
		if a.Reason != "" {
			n.Reason = a.Reason
		}
		made = m.Planned
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, p := range made {
		r.book.Tell(record.Event{Job: j.ID, What: record.EventSigned, State: a.To, Role: p.Role, Text: p.Plan.Operation})
	}
	return next, nil
}

// AdvanceAll advances every open job, oldest first, and looks again at those that
// ended lately, since a reorg may have undone that. It goes on after an error
// of one job and returns all errors joined.
func (r *Registrar) AdvanceAll(ctx context.Context) ([]*job.Job, error) {
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	at := make(map[job.ID]int)
	for i, j := range jobs {
		at[j.ID] = i
	}
	var errs []error
	err = r.AdvanceEach(ctx, func(j *job.Job, err error) error {
		if i, ok := at[j.ID]; ok {
			jobs[i] = j
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("job %s: %w", j.ID, err))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return jobs, errors.Join(errs...)
}

// AdvanceEach is AdvanceAll for one who wants to hear of each job as it was left, with
// its error. An error of visit ends it.
func (r *Registrar) AdvanceEach(ctx context.Context, visit func(j *job.Job, err error) error) error {
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return err
	}
	tip, _, err := r.cfg.Chain.Tip(ctx)
	if err != nil {
		return fmt.Errorf("chain tip: %w", err)
	}
	for _, j := range jobs {
		if !j.Open() && !j.Fresh(tip) {
			continue
		}
		next, err := r.Advance(ctx, j.ID)
		if next == nil {
			next = j
		}
		if err := visit(next, err); err != nil {
			return err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil
}
