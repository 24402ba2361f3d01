package jobports

import (
	"context"
	"math/big"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/txbuilder/registrar"
)

// Names is the index as jobs see it.
type Names struct {
	*index.Index
	// Backed checks the records that money depends on.
	Backed *Backed
	// Follow brings the index to the node's tip.
	Follow func(ctx context.Context, x *index.Index) error
}

// Namespace is a namespace's rules, backed by the transaction that revealed it.
func (n Names) Namespace(ctx context.Context, id names.NamespaceID) (names.Namespace, error) {
	return n.Backed.Namespace(ctx, id)
}

// Record is a name's state, backed by its transactions.
func (n Names) Record(ctx context.Context, name names.Name) (names.Record, error) {
	return n.Backed.Record(ctx, name)
}

// Tip brings the index to the node's tip and says which that is.
func (n Names) Tip(ctx context.Context) (int32, chainhash.Hash, error) {
	if err := n.Follow(ctx, n.Index); err != nil {
		return 0, chainhash.Hash{}, err
	}
	t, err := n.Index.Tip(ctx)
	return t.Height, t.Hash, err
}

// ExactUntil is the last height at which these answers are certain, where that is not the tip's.
func (n Names) ExactUntil(ctx context.Context) (*int32, error) {
	tip, err := n.Index.Tip(ctx)
	if err != nil || tip.ExactUntil >= tip.Height {
		return nil, err
	}
	return &tip.ExactUntil, nil
}

// NamesOf lists the names that count for an owner's quota: alive and not revoked.
func (n Names) NamesOf(ctx context.Context, owner []byte) ([]names.Record, error) {
	all, err := n.Index.NamesOf(ctx, owner)
	live := all[:0]
	for _, r := range all {
		if r.Status == names.Registered || r.Status == names.Grace {
			live = append(live, r)
		}
	}
	return live, err
}

// Preordered says whether an unused name preorder with a hash is recorded.
func (n Names) Preordered(ctx context.Context, h names.PreorderHash) (bool, error) {
	_, found, err := n.Index.Preorder(ctx, h)
	return found, err
}

// NamespacePreordered says the same of namespace preorders.
func (n Names) NamespacePreordered(ctx context.Context, h names.PreorderHash) (bool, error) {
	_, found, err := n.Index.NamespacePreorder(ctx, h)
	return found, err
}

// PreordersBy lists the unused preorders that a script has sent.
func (n Names) PreordersBy(ctx context.Context, sender []byte) (list []registrar.Outstanding, err error) {
	rows, err := n.Index.PreordersBySender(ctx, sender)
	for _, row := range rows {
		list = append(list, registrar.Outstanding{Hash: row.Hash, Namespace: row.Namespace, Txid: row.At.Txid, Height: row.At.Height, Sender: row.Sender})
	}
	return list, err
}

// Balance is the balance of an account in microSTACKS.
func (n Names) Balance(ctx context.Context, address string) (*big.Int, bool, error) {
	if n.Params().GenesisUnknown {
		return nil, false, &registrar.UnknownGrants{What: "account " + address}
	}
	return n.Index.Account(ctx, address, names.MicroStacks)
}

// OpStatus is what the index made of a transaction.
func (n Names) OpStatus(ctx context.Context, txid chainhash.Hash) (registrar.OpStatus, bool, error) {
	s, seen, err := n.Index.OpStatus(ctx, txid)
	return registrar.OpStatus{Height: s.Height, Accepted: s.Accepted, Reason: s.Reason}, seen, err
}
