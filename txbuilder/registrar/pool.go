package registrar

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
)

// rivals are what others are about to do, as far as the memory pool shows it.
type rivals struct {
	seen      bool // the whole pool was looked through
	preorders map[names.PreorderHash]bool
	// contested are the names that are being registered, and the namespaces that are
	// being revealed.
	contested map[string]chainhash.Hash
}

// rivals looks through the memory pool before money moves: for preorders, since
// an equal hash blocks ours, and for a registration of the same name, which may
// come first or, in the same block, undo ours (protocol 7.1).
func (r *Registrar) rivals(ctx context.Context, j *job.Job, t *terms) (rivals, error) {
	found, err := r.pool(ctx, j, t)
	if err != nil {
		return found, err
	}
	return found, found.contest(j.Request.Subject())
}

// contest is a *Contested when somebody else is at the same thing.
func (v *rivals) contest(subject string) error {
	if txid, there := v.contested[subject]; there {
		return &Contested{What: subject, Txid: txid}
	}
	return nil
}

// pool looks through the memory pool for what is not of a job.
func (r *Registrar) pool(ctx context.Context, j *job.Job, t *terms) (rivals, error) {
	found := rivals{preorders: make(map[names.PreorderHash]bool), contested: make(map[string]chainhash.Hash)}
	pool, ok := ports.PoolOf(r.cfg.Chain)
	if !ok {
		return found, nil
	}
	txs, complete, err := pool.Unconfirmed(ctx)
	if err != nil {
		return found, fmt.Errorf("memory pool: %w", err)
	}
	found.seen = complete
	own := make(map[chainhash.Hash]bool)
	for _, s := range j.Stages {
		for _, v := range s.Versions {
			own[v.Txid] = true
		}
	}
	_, e := r.cfg.Params.Epoch(t.tip + 1)
	for _, tx := range txs {
		payload, ours := nameop.FindPayload(tx, r.cfg.Params.Magic)
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

// Contested says that somebody else is registering the name, or revealing the
// namespace, at this moment.
type Contested struct {
	What string
	Txid chainhash.Hash
}

// Error names the transaction.
func (e *Contested) Error() string {
	return fmt.Sprintf("somebody else is registering %s at this moment (transaction %s)", e.What, e.Txid)
}

// Code is contested.
func (e *Contested) Code() string { return "contested" }
