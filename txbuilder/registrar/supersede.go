package registrar

import (
	"context"
	"errors"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
)

// idle says whether an open job can change nothing until the name is renewed: an update, transfer or revocation in the grace
// period, when the index refuses all but a renewal. A renewal may take its place.
func (r *Registrar) idle(ctx context.Context, o *job.Job) (bool, error) {
	if !o.Open() || !o.Request.Kind.OfOwner() || o.Request.Kind == job.KindRenew || o.State != job.Planned && o.State != job.UpdateSigned {
		return false, nil
	}
	f, err := r.look(ctx, o, nil)
	if err != nil || !f.Synced {
		return false, err
	}
	for _, t := range f.Txs {
		if t.Height > 0 {
			return false, nil
		}
	}
	rec, err := r.cfg.Names.Record(ctx, o.Request.Name)
	if err != nil {
		return false, err
	}
	return job.PastTerm(&rec) && rec.Status != names.Expired && rec.Status != names.Available && f.Barred != "", nil
}

// useless is idle for a name of any job. listed says that it is one of a list whose transaction for the name was sent: the others of
// the list may hang on that, so nothing takes its place; the list itself leaves it out.
func (r *Registrar) useless(ctx context.Context, o *job.Job, n names.Name) (idle, listed bool, err error) {
	if o.Request.Kind != job.KindSeries {
		idle, err = r.idle(ctx, o)
		return idle, false, err
	}
	q, found := o.ForName(n)
	if !o.Open() || !found || !q.Kind.OfOwner() || q.Kind == job.KindRenew || o.ProgressOf(n).State.Final() {
		return false, false, nil
	}
	tip, err := r.syncedTip(ctx)
	if errors.Is(err, job.ErrIndexBehind) {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	st := o.StageOf(q.Kind.Role(), n)
	if st != nil {
		for _, v := range st.Versions {
			if at, err := r.lookTx(ctx, v.Txid, tip, tip, true); err != nil || at.Height > 0 {
				return false, false, err
			}
		}
	}
	rec, err := r.cfg.Names.Record(ctx, n)
	if err != nil {
		return false, false, err
	}
	now, err := r.lookName(ctx, &q, tip)
	if err != nil {
		return false, false, err
	}
	idle = job.PastTerm(&rec) && job.Live(rec.Status) && now.Barred != ""
	return idle, idle && st != nil && st.Used, nil
}

// Superseded says whether a renewal of a name may take the place of an open job that can change nothing for it any more. A *Conflict
// says that such a job must first leave the name out by itself.
func (r *Registrar) Superseded(ctx context.Context, j *job.Job, n names.Name) (bool, error) {
	idle, listed, err := r.useless(ctx, j, n)
	if err == nil && listed {
		err = &job.Conflict{ID: j.ID, What: "purpose", Listed: true, Name: n}
	}
	return idle && err == nil, err
}

// supersede ends the job whose place another one has taken, or what a list has of the name. Its transaction, should it have been sent,
// spends the same coin as the renewal, so that only one of them can confirm; that of a list was not sent.
func (r *Registrar) supersede(ctx context.Context, j *job.Job) error {
	if j.Supersedes == "" {
		return nil
	}
	o, err := r.cfg.Journal.Job(ctx, j.Supersedes)
	if err != nil || !o.Open() {
		return err
	}
	reason := "the name's term was over, so it could change nothing; the renewal " + string(j.ID) + " took its place"
	if o.Request.Kind == job.KindSeries {
		_, err = r.change(ctx, o, o.State, func(n *job.Job) error {
			for i := range n.Items {
				if p := &n.Items[i]; n.Request.Series.Items[i].Name == j.Request.Name && !p.State.Final() {
					p.State, p.Dropped, p.Reason = job.Rejected, job.Rejected, reason
				}
			}
			return nil
		})
		return err
	}
	_, err = r.change(ctx, o, job.Rejected, func(n *job.Job) error {
		n.Reason = reason
		return nil
	})
	return err
}

// rivalCoin is input 0 of the transaction of the job that this one takes the place of, with the rate and fee that replace it; ok is
// false when there is none.
func (m *maker) rivalCoin(ctx context.Context) (coin txbuilder.Input, rate txbuilder.FeeRate, fee btcutil.Amount, ok bool, err error) {
	if m.j.Supersedes == "" {
		return coin, 0, 0, false, nil
	}
	o, err := m.r.cfg.Journal.Job(ctx, m.j.Supersedes)
	if err != nil {
		return coin, 0, 0, false, err
	}
	if o.Request.Kind == job.KindSeries {
		return coin, 0, 0, false, nil // nothing was sent
	}
	st := o.Stage(o.Flow().Update)
	if st == nil || len(st.Versions) == 0 || !st.Used {
		return coin, 0, 0, false, nil
	}
	tx, err := st.Versions[st.Current].Tx()
	if err != nil {
		return coin, 0, 0, false, err
	}
	inputs, err := m.inputsOf(ctx, tx)
	if err != nil {
		return coin, 0, 0, false, err
	}
	if rate, fee, err = m.outbid(ctx, st); err != nil {
		return coin, 0, 0, false, err
	}
	return inputs[0], rate, fee, true, nil
}
