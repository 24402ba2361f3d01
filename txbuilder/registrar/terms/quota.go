package terms

import (
	"context"
	"errors"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
)

// quota holds an owner who gets another name to the number of names that a script may own less one,
// counting those on their way: with as many as the rules allow an owner could not renew any of them
// (protocol 7.5).
func (r *Checks) quota(ctx context.Context, j *job.Job, owner []byte) error {
	own, flying, err := r.Load(ctx, owner, func(o *job.Job, n names.Name) bool { return o.ID == j.ID && n == j.Request.Name })
	if err != nil {
		return err
	}
	if limit := r.Params.MaxNamesPerOwner - 1; own+flying >= limit {
		addr, err := r.Params.ScriptAddress(owner)
		return errors.Join(err, &Quota{Owner: addr, Names: own, Flying: flying, Limit: limit})
	}
	return nil
}

// Load counts the names that an owner has, and those that open jobs bring, but for what is left
// out.
func (r *Checks) Load(ctx context.Context, owner []byte, except func(*job.Job, names.Name) bool) (own, flying int, err error) {
	owned, err := r.Names.NamesOf(ctx, owner)
	if err != nil {
		return 0, 0, err
	}
	have := make(map[names.Name]bool)
	for _, rec := range owned {
		have[rec.Name] = true
	}
	jobs, err := r.Journal.Jobs(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, o := range jobs {
		for _, n := range o.Arrivals(owner) {
			if !have[n] && !except(o, n) {
				flying++
				have[n] = true
			}
		}
	}
	return len(owned), flying, nil
}

// ownerQuota holds an operation to the number of names that a script may own: a renewal is refused
// when who has the name after it owns that many, the name itself included; a transfer when the new
// owner does; an update only above it (protocol 7.5).
func (r *Checks) ownerQuota(ctx context.Context, j *job.Job) error {
	req := &j.Request
	switch req.Kind {
	case job.KindRenew:
		if req.To == nil {
			return r.ownQuota(ctx, req, r.Params.MaxNamesPerOwner-1)
		}
		return r.quota(ctx, j, req.To)
	case job.KindTransfer:
		return r.quota(ctx, j, req.To)
	case job.KindUpdate:
		return r.ownQuota(ctx, req, r.Params.MaxNamesPerOwner)
	}
	return nil
}

// ownQuota holds an owner to the most names with which an operation on one of them counts.
func (r *Checks) ownQuota(ctx context.Context, req *job.Request, limit int) error {
	owned, err := r.Names.NamesOf(ctx, req.Owner)
	if err != nil || len(owned) <= limit {
		return err
	}
	addr, err := r.Params.ScriptAddress(req.Owner)
	return errors.Join(err, &Quota{Owner: addr, Names: len(owned), Limit: limit})
}
