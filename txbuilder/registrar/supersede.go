package registrar

import (
	"context"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/txbuilder"
)

// idle says whether an open job can change nothing until the name is renewed: an update, transfer or revocation in the grace
// period, when the index refuses all but a renewal. A renewal may take its place.
func (r *Registrar) idle(ctx context.Context, o *Job) (bool, error) {
	if !o.Open() || !o.Request.Kind.ofOwner() || o.Request.Kind == KindRenew || o.State != Planned && o.State != UpdateSigned {
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
	return pastTerm(&rec) && rec.Status != names.Expired && rec.Status != names.Available && f.Barred != "", nil
}

// pastTerm says whether a name's term is over by the next block, so that it can only be renewed.
func pastTerm(rec *names.Record) bool { return rec.ExpiresAt > 0 && rec.Height+1 >= rec.ExpiresAt }

// Blocked is the open job that keeps a name in its grace period from being renewed with others: it can change nothing any more, and a
// renewal of the name alone takes its place. nil: there is none.
func (r *Registrar) Blocked(ctx context.Context, j *Job, rec *names.Record) (*Conflict, error) {
	if !pastTerm(rec) {
		return nil, nil
	}
	idle, err := r.idle(ctx, j)
	if err != nil || !idle {
		return nil, err
	}
	return &Conflict{ID: j.ID, What: "purpose", Idle: true, Name: rec.Name}, nil
}

// supersede ends the job whose place another one has taken. Its transaction, should it have been sent, spends the same coin as the
// renewal, so that only one of them can confirm.
func (r *Registrar) supersede(ctx context.Context, j *Job) error {
	if j.Supersedes == "" {
		return nil
	}
	o, err := r.cfg.Journal.Job(ctx, j.Supersedes)
	if err != nil || !o.Open() {
		return err
	}
	_, err = r.change(ctx, o, Rejected, func(n *Job) error {
		n.Reason = "the name's term was over, so it could change nothing; the renewal " + string(j.ID) + " took its place"
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
	st := o.stage(o.flow().update)
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
