package jobports

import (
	"context"
	"reflect"
	"sync"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/snv"
	"blockstack/wallet/chain"
)

// Backed are the records of the index for what spends money: each is computed again from the
// transactions of its name before it is given out, once for each operation on it.
type Backed struct {
	x      *index.Index
	blocks func(ctx context.Context) (chain.Blocks, error)

	mu      sync.Mutex
	checked map[string]chainhash.Hash // name → the operation that made the record
	rules   map[names.NamespaceID]names.Namespace
}

// NewBacked checks the records of an index by its source of blocks, which is asked for when it is
// first needed.
func NewBacked(x *index.Index, blocks func(ctx context.Context) (chain.Blocks, error)) *Backed {
	return &Backed{x: x, blocks: blocks, checked: map[string]chainhash.Hash{}, rules: map[names.NamespaceID]names.Namespace{}}
}

// Namespace is a namespace's rules and state, backed by the transaction that revealed it.
func (b *Backed) Namespace(ctx context.Context, id names.NamespaceID) (names.Namespace, error) {
	ns, err := b.x.Namespace(ctx, id)
	if err != nil {
		return ns, err
	}
	b.mu.Lock()
	known := reflect.DeepEqual(b.rules[id], rulesOf(ns))
	b.mu.Unlock()
	if known {
		return ns, nil
	}
	blocks, err := b.blocks(ctx)
	if err != nil {
		return names.Namespace{}, err
	}
	if err := snv.RecheckNamespace(ctx, b.x, blocks, ns); err != nil {
		return names.Namespace{}, err
	}
	b.mu.Lock()
	b.rules[id] = rulesOf(ns)
	b.mu.Unlock()
	return ns, nil
}

// rulesOf is what operations say of a namespace, without the height at which it is asked.
func rulesOf(ns names.Namespace) names.Namespace {
	ns.Height, ns.Status = 0, ""
	return ns
}

// Record is a name's state at the tip. A name that nobody ever owned has no transactions.
func (b *Backed) Record(ctx context.Context, n names.Name) (names.Record, error) {
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
	blocks, err := b.blocks(ctx)
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
