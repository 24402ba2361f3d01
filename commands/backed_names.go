package commands

import (
	"context"
	"sync"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/snv"
)

// backedNames are the records of the index for what spends money: each is computed again from the transactions of its name before it is
// given out, once for each operation on it.
type backedNames struct {
	env *Env
	x   *index.Index

	mu      sync.Mutex
	checked map[string]chainhash.Hash // name → the operation that made the record
}

func (e *Env) backed(x *index.Index) *backedNames {
	return &backedNames{env: e, x: x, checked: map[string]chainhash.Hash{}}
}

// Record is a name's state at the tip. A name that nobody ever owned has no transactions.
func (b *backedNames) Record(ctx context.Context, n names.Name) (names.Record, error) {
	rec, err := b.x.Record(ctx, n)
	if err != nil || rec.LastTx == (chainhash.Hash{}) {
		return rec, err
	}
	b.mu.Lock()
	known := b.checked[n.String()] == rec.LastTx
	b.mu.Unlock()
	if known {
		return rec, nil
	}
	blocks, err := b.env.Blocks(ctx)
	if err != nil {
		return names.Record{}, err
	}
	if err := snv.Recheck(ctx, b.x, blocks, rec); err != nil {
		return names.Record{}, err
	}
	b.mu.Lock()
	b.checked[n.String()] = rec.LastTx
	b.mu.Unlock()
	return rec, nil
}
