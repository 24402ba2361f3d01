package registrar

import (
	"context"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
)

// Room is how many more names an owner may get, with those on their way.
func (r *Registrar) Room(ctx context.Context, owner []byte) (int, error) {
	own, flying, err := r.checks.Load(ctx, owner, func(*job.Job, names.Name) bool { return false })
	return max(0, r.cfg.Params.MaxNamesPerOwner-1-own-flying), err
}

// Committed is what the jobs for a list of names have spent or may still spend.
func (r *Registrar) Committed(ctx context.Context, list string) (sum btcutil.Amount, err error) {
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return 0, err
	}
	for _, j := range jobs {
		if j.Request.List != list {
			continue
		}
		if j.Open() && j.Request.Kind == job.KindSplit && j.Request.MaxTotal > 0 {
			sum += j.Request.MaxTotal // it may still be replaced
			continue
		}
		if j.Open() && j.Request.Kind == job.KindSeries {
			if sum += j.Request.MaxTotal; j.Request.MaxTotal == 0 {
				sum += j.Request.Series.Amount
			}
			continue
		}
		for _, v := range j.Reached() {
			sum += v.Cost()
		}
	}
	return sum, nil
}

// Record is the state of a name in the index that the jobs work with.
func (r *Registrar) Record(ctx context.Context, n names.Name) (names.Record, error) {
	return r.cfg.Names.Record(ctx, n)
}
