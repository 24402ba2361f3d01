package match

import (
	"context"
	"errors"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
)

// idle says whether an open job can change nothing until the name is renewed: an update, transfer
// or revocation in the grace period, when the index refuses all but a renewal. A renewal may take
// its place.
func (r *Match) idle(ctx context.Context, o *job.Job) (bool, error) {
	if !o.Open() || !o.Request.Kind.OfOwner() || o.Request.Kind == job.KindRenew || o.State != job.Planned && o.State != job.UpdateSigned {
		return false, nil
	}
	f, err := r.Facts.Single(ctx, o, nil)
	if err != nil || !f.Synced {
		return false, err
	}
	for _, t := range f.Txs {
		if t.Height > 0 {
			return false, nil
		}
	}
	rec, err := r.Names.Record(ctx, o.Request.Name)
	if err != nil {
		return false, err
	}
	return job.PastTerm(&rec) && rec.Status != names.Expired && rec.Status != names.Available && f.Barred != "", nil
}

// useless is idle for a name of any job. listed says that it is one of a list whose transaction for
// the name was sent: the others of the list may hang on that, so nothing takes its place; the list
// itself leaves it out.
func (r *Match) useless(ctx context.Context, o *job.Job, n names.Name) (idle, listed bool, err error) {
	if o.Request.Kind != job.KindSeries {
		idle, err = r.idle(ctx, o)
		return idle, false, err
	}
	q, found := o.ForName(n)
	if !o.Open() || !found || !q.Kind.OfOwner() || q.Kind == job.KindRenew || o.ProgressOf(n).State.Final() {
		return false, false, nil
	}
	tip, err := r.Facts.SyncedTip(ctx)
	if errors.Is(err, job.ErrIndexBehind) {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	st := o.StageOf(q.Kind.Role(), n)
	if st != nil {
		for _, v := range st.Versions {
			if at, err := r.Facts.Tx(ctx, v.Txid, tip, tip, true); err != nil || at.Height > 0 {
				return false, false, err
			}
		}
	}
	rec, err := r.Names.Record(ctx, n)
	if err != nil {
		return false, false, err
	}
	now, err := r.Facts.Name(ctx, &q, tip)
	if err != nil {
		return false, false, err
	}
	idle = job.PastTerm(&rec) && job.Live(rec.Status) && now.Barred != ""
	return idle, idle && st != nil && st.Used, nil
}

// Superseded says whether a renewal of a name may take the place of an open job that can change
// nothing for it any more. A *Conflict says that such a job must first leave the name out by
// itself.
func (r *Match) Superseded(ctx context.Context, j *job.Job, n names.Name) (bool, error) {
	idle, listed, err := r.useless(ctx, j, n)
	if err == nil && listed {
		err = &job.Conflict{ID: j.ID, What: "purpose", Listed: true, Name: n}
	}
	return idle && err == nil, err
}
