package registrar

import (
	"bytes"
	"context"
	"math/big"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/reserve"
)

// payers finds the scripts whose coins may stand at input 0 of a preorder. A
// script is left out when an equal preorder of it is recorded (an unused hash
// blocks an equal one for good), when it owns as many names as a script may (the
// sender is counted, protocol 7.5), or when the tokens are not on its account.
func (r *Registrar) payers(ctx context.Context, j *job.Job, t *terms, reserved reserve.Reservations) (func(script []byte) bool, error) {
	credits, err := r.cfg.Wallet.Spendable(ctx, 1)
	if err != nil {
		return nil, err
	}
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	seen, good := make(map[string]bool), make(map[string]bool)
	outstanding := false
	short := &TokensShort{Have: new(big.Int)}
	for _, cr := range credits {
		key := string(cr.PkScript)
		k := txbuilder.KindOf(cr.PkScript)
		if _, taken := reserved[cr.OutPoint]; taken || seen[key] || k != txbuilder.KindP2PKH && k != txbuilder.KindP2SH ||
			r.cfg.Owner != nil && r.cfg.Owner(cr.PkScript) {
			continue
		}
		seen[key] = true
		free, err := r.unusedHash(ctx, j, t, cr.PkScript)
		if err != nil {
			return nil, err
		}
		if !free {
			outstanding = true
			continue
		}
		if j.Request.Kind == job.KindRegister {
			owned, err := r.cfg.Names.NamesOf(ctx, cr.PkScript)
			if err != nil {
				return nil, err
			}
			if len(owned) >= r.cfg.Params.MaxNamesPerOwner {
				continue
			}
		}
		if t.price.Unit == names.MicroStacks {
			enough, err := r.hasTokens(ctx, j, jobs, cr.PkScript, t.price.Amount, short)
			if err != nil {
				return nil, err
			}
			if !enough {
				continue
			}
		}
		good[key] = true
	}
	switch {
	case len(good) > 0 || len(seen) == 0:
		return func(script []byte) bool { return good[string(script)] }, nil
	case short.Need != nil:
		return nil, short
	case outstanding:
		return nil, &PreorderOutstanding{What: j.Request.Subject()}
	}
	return func([]byte) bool { return false }, nil
}

// unusedHash says whether no preorder with the hash that a sender would commit to
// is recorded or waits in the memory pool.
func (r *Registrar) unusedHash(ctx context.Context, j *job.Job, t *terms, sender []byte) (bool, error) {
	hash, held, err := r.preordered(ctx, j, sender)
	return !held && !t.rivals.preorders[hash], err
}

// hasTokens says whether a sender's account pays a price, less what other jobs
// are about to debit from it. short remembers the richest account.
func (r *Registrar) hasTokens(ctx context.Context, j *job.Job, jobs []*job.Job, sender []byte, need *big.Int, short *TokensShort) (bool, error) {
	addr, err := r.cfg.Params.ScriptAddress(sender)
	if err != nil {
		return false, err
	}
	balance, found, err := r.cfg.Names.Balance(ctx, addr)
	if err != nil {
		return false, err
	}
	left := new(big.Int)
	if found && balance != nil {
		left.Set(balance)
	}
	for _, o := range jobs {
		pays := o.State == job.PreorderSigned || o.State == job.UpdateSigned && o.Request.Kind == job.KindRenew
		if o.ID == j.ID || !pays || o.Price == nil || o.Price.Unit != names.MicroStacks || !bytes.Equal(o.Sender, sender) {
			continue
		}
		debited, err := r.debited(ctx, o)
		if err != nil {
			return false, err
		}
		if !debited {
			left.Sub(left, o.Price.Amount)
		}
	}
	short.Need = need
	if left.Cmp(short.Have) > 0 {
		short.Have, short.Address = left, addr
	}
	return left.Cmp(need) >= 0, nil
}

// debited says whether the index has already taken a job's tokens.
func (r *Registrar) debited(ctx context.Context, o *job.Job) (bool, error) {
	for _, txid := range o.Txids(o.Flow().First()) {
		op, seen, err := r.cfg.Names.OpStatus(ctx, txid)
		if err != nil {
			return false, err
		}
		if seen && op.Accepted {
			return true, nil
		}
	}
	return false, nil
}
