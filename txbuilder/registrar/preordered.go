package registrar

import (
	"context"

	"blockstack/names"
	"blockstack/txbuilder"
)

// notPreordered refuses to pay for what a script of ours has preordered and not yet
// used: a lost journal, or another machine, is no reason to pay twice.
func (r *Registrar) notPreordered(ctx context.Context, j *Job, t *terms) error {
	if len(j.Stages) > 0 {
		return nil
	}
	scripts, err := r.cfg.Wallet.Scripts(ctx)
	if err != nil {
		return err
	}
	for _, script := range scripts {
		if k := txbuilder.KindOf(script); k != txbuilder.KindP2PKH && k != txbuilder.KindP2SH {
			continue
		}
		hash, held, err := r.preordered(ctx, j, script)
		if err != nil {
			return err
		}
		if !held {
			continue
		}
		sent, err := r.cfg.Names.PreordersBy(ctx, script)
		if err != nil {
			return err
		}
		for _, o := range sent {
			if o.Hash != hash {
				continue
			}
			e := &PreorderOurs{What: j.Request.Subject(), Txid: o.Txid, Height: o.Height}
			if life := r.lifetime(j, t.tip); life > 0 {
				e.Until = o.Height + life
			}
			if e.Until == 0 || t.tip < e.Until {
				return e
			}
		}
	}
	return nil
}

// preordered is the hash that a sender would commit to, and whether it is recorded.
func (r *Registrar) preordered(ctx context.Context, j *Job, sender []byte) (hash names.PreorderHash, held bool, err error) {
	if j.Request.Kind == KindLaunch {
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
