package registrar

import (
	"context"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
)

// notPreordered refuses to pay for what this wallet has preordered and not yet used: a
// lost journal, or another machine, is no reason to pay twice. What fits the request was
// adopted before (ours); what is found only now is named.
func (r *Registrar) notPreordered(ctx context.Context, j *job.Job, t *terms) error {
	if len(j.Stages) > 0 {
		return nil
	}
	own, err := r.everyPreorder(ctx, t.tip)
	if err != nil {
		return err
	}
	p, err := own.choose(ctx, &j.Request)
	if err == nil && p != nil {
		err = own.outstanding(&j.Request, p)
	}
	return err
}

// preordered is the hash that a sender would commit to, and whether it is recorded.
func (r *Registrar) preordered(ctx context.Context, j *job.Job, sender []byte) (hash names.PreorderHash, held bool, err error) {
	if j.Request.Kind == job.KindLaunch {
		if hash, err = txbuilder.NamespacePreorderHash(r.cfg.Params, j.Request.NamespaceID(), sender, j.Request.Owner); err == nil {
			held, err = r.cfg.Names.NamespacePreordered(ctx, hash)
		}
		return hash, held, err
	}
	if hash, err = txbuilder.PreorderHash(r.cfg.Params, j.Request.Name, sender, j.Request.Owner); err == nil {
		held, err = r.cfg.Names.Preordered(ctx, hash)
	}
	return hash, held, err
}
