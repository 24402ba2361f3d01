package registrar

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
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
		f, err := r.look(ctx, j, run.sent)
		if err != nil {
			return j, r.wrap(j, err)
		}
		if n == 0 {
			more, err := r.adopt(ctx, j, f)
			if err == nil && more == j && f.Synced {
				more, err = r.adoptPlanned(ctx, j)
			}
			if err != nil {
				return j, r.wrap(j, err)
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
				w, werr := r.otherVersion(ctx, j, no.Txid)
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
			return j, r.wrap(j, err)
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
	return j, r.wrap(j, fmt.Errorf("%w (%s)", ErrRestless, j.State))
}

// wrap says which job an error belongs to.
func (r *Registrar) wrap(j *job.Job, err error) error {
	return fmt.Errorf("%s: %s: %w", j.Request.Subject(), j.Request.Kind, err)
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
		r.notify(Event{Job: j.ID, What: EventWaiting, State: j.State, Wait: a.Wait, Text: a.Wait.For})
		return next, nil
	case step.DoBroadcast:
		for _, p := range a.Picks() {
			if err := r.broadcast(ctx, j, p); err != nil {
				return j, err
			}
		}
		return j, nil
	case step.DoMove:
		return r.change(ctx, j, a.To, func(n *job.Job) error {
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
		return r.change(ctx, j, a.To, func(n *job.Job) error {
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
		next, err := r.change(ctx, j, a.To, func(n *job.Job) error {
			n.Published, n.IsPublic = where, true
			return nil
		})
		if err == nil {
			r.notify(Event{Job: j.ID, What: EventPublished, State: j.State, Text: strings.Join(where, " ")})
		}
		return next, err
	}
	panic(fmt.Sprintf("bug: no way to %s", a.Do))
}

// change alters a copy of a job, saves it, and only then gives it out.
func (r *Registrar) change(ctx context.Context, j *job.Job, to job.State, alter func(*job.Job) error) (*job.Job, error) {
	next, err := job.Clone(j)
	if err != nil {
		return nil, err
	}
	if err := alter(next); err != nil {
		return nil, err
	}
	if next.State == j.State {
		next.State = to
	}
	to, next.Updated = next.State, r.cfg.Clock.Now().UTC()
	if to == job.PreorderSigned || to == job.RegisterSigned || to == job.UpdateSigned {
		next.Reason = ""
	}
	if err := r.cfg.Journal.Save(ctx, next); err != nil {
		return nil, err
	}
	if to != j.State {
		r.notify(Event{Job: j.ID, What: EventState, State: to, Text: next.Reason})
	}
	return next, nil
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
	r.notify(Event{Job: j.ID, What: EventBroadcast, State: j.State, Role: a.Role, Txid: v.Txid.String(), Text: job.Words(a.Role)})
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
	var made []planned
	next, err := r.change(ctx, j, a.To, func(n *job.Job) error {
		m, err := r.makerFor(ctx, n, a)
		if err != nil {
			return err
		}
		before, moves := 0, n.Stage(job.RoleMove) == nil
		if st := n.Stage(a.Role); st != nil {
			before = len(st.Versions)
		}
		if err := m.make(ctx, a); err != nil {
			return err
		}
		if moves && n.Stage(job.RoleMove) != nil { // what was to be signed first waits for it
			n.State, a.Role = job.MoveSigned, job.RoleMove
		}
		st := n.Stage(a.Role)
		if len(st.Versions) == before {
			return nothingNewer(j, a.Role, f.Mined)
		}
		st.Current, st.Since, st.Used = before, f.Tip, true
		if a.Reason != "" {
			n.Reason = a.Reason
		}
		made = m.planned
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, p := range made {
		r.notify(Event{Job: j.ID, What: EventSigned, State: a.To, Role: p.role, Text: p.plan.Operation})
	}
	return next, nil
}

// make builds and signs what an action asks for.
func (m *maker) make(ctx context.Context, a step.Action) error {
	fl := m.j.Flow()
	m.forced = m.forced || a.Dearer
	switch a.Role {
	case job.RoleMove:
		return m.moveAgain(ctx)
	case fl.First():
		switch {
		case !a.Replace && m.j.Stage(job.RoleMove) != nil:
			if err := m.useMoved(ctx); err != nil {
				return err
			}
			return m.start(ctx)
		case !a.Replace:
			return m.begin(ctx)
		case m.j.Request.Kind.OfOwner():
			return m.owned(ctx, true)
		}
		if m.j.Request.Kind == job.KindImport {
			return m.fund(ctx, true)
		}
		return m.first(ctx, true)
	case job.RoleReturn:
		return m.giveBack(ctx)
	}
	if a.Role.IsImport() && a.Dearer {
		return m.dearerImport(ctx, a.Role)
	}
	if a.Role.IsImport() {
		return m.reimport(ctx, a.Role)
	}
	parentRole := fl.Preorder
	if a.Role == fl.Update {
		parentRole = fl.Register
	}
	if a.Replace {
		f, err := m.funding(ctx, a.Role, true)
		if err != nil {
			return err
		}
		st := m.j.Stage(a.Role)
		if err := m.withinBudget(st, f); err != nil {
			return err
		}
		return m.follow(ctx, a.Role, f, st.Versions[st.Current].Parent)
	}
	parent, tx, err := m.minedVersion(ctx, parentRole)
	if err != nil {
		return err
	}
	in := txbuilder.InputOf(tx, parent.Next)
	if a.Role == job.RoleRegister || a.Role == job.RoleReveal {
		if in, err = m.senderCoin(ctx, parent, tx); err != nil {
			return err
		}
		if shared, err := m.sharesSender(ctx); err != nil {
			return err
		} else if shared { // what is left is needed there
			if m.change, err = m.j.Sender, m.ours(ctx, m.j.Sender); err != nil {
				return err
			}
		}
	}
	for _, rate := range m.rates() {
		f := txbuilder.Funding{Rate: rate, Inputs: []txbuilder.Input{in}}
		if len(m.reuse) > 0 {
			f.Inputs = m.reuse
		}
		if err := m.follow(ctx, a.Role, f, parent.Txid); err != nil {
			return err
		}
		if a.Role == job.RoleUpdate {
			break // it quotes a consensus hash; a higher fee comes with a newer one
		}
	}
	return nil
}

// minedVersion is the version of a transaction that is in a block.
func (m *maker) minedVersion(ctx context.Context, role job.Role) (*job.Version, *wire.MsgTx, error) {
	for _, v := range m.j.Stage(role).Versions {
		st, err := m.r.lookTx(ctx, v.Txid, m.t.tip, m.t.tip, true)
		if err != nil {
			return nil, nil, err
		}
		if st.Height > 0 {
			tx, err := v.Tx()
			return v, tx, err
		}
	}
	return nil, nil, fmt.Errorf("%w: %s left the chain meanwhile", job.ErrIndexBehind, job.Words(role))
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
