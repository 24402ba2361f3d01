package terms

import (
	"bytes"
	"context"
	"fmt"
	"math/big"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/reserve"
)

// Payers finds the scripts whose coins may stand at input 0 of a preorder. A script is left out
// when an equal preorder of it is recorded (an unused hash blocks an equal one for good), when it
// owns as many names as a script may (the sender is counted, protocol 7.5), or when the tokens are
// not on its account.
func (r *Checks) Payers(ctx context.Context, j *job.Job, t *Terms, reserved reserve.Reservations) (func(script []byte) bool, error) {
	credits, err := r.Wallet.Spendable(ctx, 1)
	if err != nil {
		return nil, err
	}
	jobs, err := r.Journal.Jobs(ctx)
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
			r.Owner != nil && r.Owner(cr.PkScript) {
			continue
		}
		seen[key] = true
		free, err := r.UnusedHash(ctx, j, t, cr.PkScript)
		if err != nil {
			return nil, err
		}
		if !free {
			outstanding = true
			continue
		}
		if j.Request.Kind == job.KindRegister {
			owned, err := r.Names.NamesOf(ctx, cr.PkScript)
			if err != nil {
				return nil, err
			}
			if len(owned) >= r.Params.MaxNamesPerOwner {
				continue
			}
		}
		if t.Price.Unit == names.MicroStacks {
			enough, err := r.HasTokens(ctx, j, jobs, cr.PkScript, t.Price.Amount, short)
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

// UnusedHash says whether no preorder with the hash that a sender would commit to is recorded or
// waits in the memory pool.
func (r *Checks) UnusedHash(ctx context.Context, j *job.Job, t *Terms, sender []byte) (bool, error) {
	hash, held, err := r.preordered(ctx, j, sender)
	return !held && !t.Rivals.preorders[hash], err
}

// HasTokens says whether a sender's account pays a price, less what other jobs are about to debit
// from it. short remembers the richest account.
func (r *Checks) HasTokens(ctx context.Context, j *job.Job, jobs []*job.Job, sender []byte, need *big.Int, short *TokensShort) (bool, error) {
	addr, err := r.Params.ScriptAddress(sender)
	if err != nil {
		return false, err
	}
	balance, found, err := r.Names.Balance(ctx, addr)
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
func (r *Checks) debited(ctx context.Context, o *job.Job) (bool, error) {
	for _, txid := range o.Txids(o.Flow().First()) {
		op, seen, err := r.Names.OpStatus(ctx, txid)
		if err != nil {
			return false, err
		}
		if seen && op.Accepted {
			return true, nil
		}
	}
	return false, nil
}

// rivals are what others are about to do, as far as the memory pool shows it.
type rivals struct {
	Seen      bool // the whole pool was looked through
	preorders map[names.PreorderHash]bool
	// contested are the names that are being registered, and the namespaces that are being
	// revealed.
	contested map[string]chainhash.Hash
}

// rivals looks through the memory pool before money moves: for preorders, since an equal hash
// blocks ours, and for a registration of the same name, which may come first or, in the same block,
// undo ours (protocol 7.1).
func (r *Checks) rivals(ctx context.Context, j *job.Job, t *Terms) (rivals, error) {
	found, err := r.Pool(ctx, j, t)
	if err != nil {
		return found, err
	}
	return found, found.Contest(j.Request.Subject())
}

// Contest is a *Contested when somebody else is at the same thing.
func (v *rivals) Contest(subject string) error {
	if txid, there := v.contested[subject]; there {
		return &Contested{What: subject, Txid: txid}
	}
	return nil
}

// Pool looks through the memory pool for what is not of a job.
func (r *Checks) Pool(ctx context.Context, j *job.Job, t *Terms) (rivals, error) {
	found := rivals{preorders: make(map[names.PreorderHash]bool), contested: make(map[string]chainhash.Hash)}
	pool, ok := ports.PoolOf(r.Chain)
	if !ok {
		return found, nil
	}
	txs, complete, err := pool.Unconfirmed(ctx)
	if err != nil {
		return found, fmt.Errorf("memory pool: %w", err)
	}
	found.Seen = complete
	own := make(map[chainhash.Hash]bool)
	for _, s := range j.Stages {
		for _, v := range s.Versions {
			own[v.Txid] = true
		}
	}
	_, e := r.Params.Epoch(t.Tip + 1)
	for _, tx := range txs {
		payload, ours := nameop.FindPayload(tx, r.Params.Magic)
		if !ours || own[tx.TxHash()] {
			continue
		}
		op, err := nameop.Decode(e, payload, len(tx.TxOut))
		if err != nil {
			continue // the index will not read it either
		}
		switch o := op.(type) {
		case nameop.NamePreorder:
			found.preorders[o.Hash] = true
		case nameop.NamespacePreorder:
			found.preorders[o.Hash] = true
		case nameop.NameRegistration:
			found.contested[o.Name] = tx.TxHash()
		case nameop.NamespaceReveal:
			found.contested[o.ID] = tx.TxHash()
		}
	}
	return found, nil
}
