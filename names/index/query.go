package index

import (
	"context"
	"fmt"
	"math/big"

	"blockstack/names"
	"blockstack/names/index/store"
	"blockstack/names/rules"
	"blockstack/names/state"
)

// MaxPage is the most that one call gives of a long list.
const MaxPage = 10_000

// page bounds a limit.
func page(limit int) int {
	if limit <= 0 || limit > MaxPage {
		return MaxPage
	}
	return limit
}

// Record is a name's state at the tip. A name that nobody ever owned has the status Available and
// is no error.
func (x *Index) Record(ctx context.Context, n names.Name) (names.Record, error) {
	var rec names.Record
	err := x.query(ctx, func(r *store.Reader, tip Tip) error {
		row, err := r.Name(n.String())
		if err != nil {
			return err
		}
		if row == nil {
			rec = names.Record{Name: n, Status: names.Available, Height: tip.Height, Consensus: tip.Consensus}
			return nil
		}
		rec, err = record(r, row, tip.Height, tip.Consensus)
		return err
	})
	if err != nil {
		return names.Record{}, fmt.Errorf("%s: %w", n, err)
	}
	return rec, nil
}

// record is a row as seen from a height, with the namespace's row of now.
func record(r *store.Reader, row *state.NameRow, height int32, consensus names.ConsensusHash) (names.Record, error) {
	space, err := r.Namespace(row.Space())
	if err != nil {
		return names.Record{}, err
	}
	rec, err := state.RecordAt(r.Params(), row, space, height, consensus)
	if err != nil {
		return names.Record{}, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return rec, nil
}

// NamesOf are the names whose current record has an owner, expired and revoked ones included, at
// most MaxPage.
func (x *Index) NamesOf(ctx context.Context, ownerScript []byte) ([]names.Record, error) {
	return x.NamesOfFrom(ctx, ownerScript, names.Name{}, MaxPage)
}

// NamesOfFrom is a page of NamesOf: at most limit names that come after one, which is zero for the
// first page.
func (x *Index) NamesOfFrom(ctx context.Context, ownerScript []byte, after names.Name, limit int) ([]names.Record, error) {
	list := &recordPage{limit: page(limit)}
	err := x.query(ctx, func(r *store.Reader, tip Tip) error {
		return r.Owned(ownerScript, after.String(), list.visit(ctx, r, tip))
	})
	if err != nil {
		return nil, fmt.Errorf("names of an owner: %w", err)
	}
	return list.records, nil
}

// Names is a page of the names of a namespace, or of all namespaces when id is empty, in the order
// of namespace and label: at most limit names that come after one, which is zero for the first
// page. Expired and revoked names are included.
func (x *Index) Names(ctx context.Context, id names.NamespaceID, after names.Name, limit int) ([]names.Record, error) {
	list := &recordPage{limit: page(limit)}
	err := x.query(ctx, func(r *store.Reader, tip Tip) error {
		return r.Names(id, after.String(), list.visit(ctx, r, tip))
	})
	if err != nil {
		return nil, fmt.Errorf("names of namespace %q: %w", id, err)
	}
	return list.records, nil
}

// recordPage collects records up to a limit.
type recordPage struct {
	limit   int
	records []names.Record
}

// visit takes rows as they are at the tip.
func (p *recordPage) visit(ctx context.Context, r *store.Reader, tip Tip) func(*state.NameRow) (bool, error) {
	return func(row *state.NameRow) (bool, error) {
		rec, err := record(r, row, tip.Height, tip.Consensus)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return false, err
		}
		p.records = append(p.records, rec)
		return len(p.records) < p.limit, nil
	}
}

// Namespace is a namespace's rules and state at the tip; names.ErrNotFound if it was never
// revealed.
func (x *Index) Namespace(ctx context.Context, id names.NamespaceID) (names.Namespace, error) {
	var ns names.Namespace
	err := x.query(ctx, func(r *store.Reader, tip Tip) error {
		row, err := r.Namespace(string(id))
		if err != nil {
			return err
		}
		if row == nil {
			return names.ErrNotFound
		}
		ns = state.NamespaceAt(x.p, row, tip.Height)
		return nil
	})
	if err != nil {
		return names.Namespace{}, fmt.Errorf("namespace %q: %w", id, err)
	}
	return ns, nil
}

// Namespaces are all namespaces that were ever revealed, by id.
func (x *Index) Namespaces(ctx context.Context) ([]names.Namespace, error) {
	var list []names.Namespace
	err := x.query(ctx, func(r *store.Reader, tip Tip) error {
		return r.Namespaces(func(row *state.NamespaceRow) (bool, error) {
			list = append(list, state.NamespaceAt(x.p, row, tip.Height))
			return true, ctx.Err()
		})
	})
	if err != nil {
		return nil, fmt.Errorf("namespaces: %w", err)
	}
	return list, nil
}

// Account is the balance of an address in a token. found is false when it never had any.
func (x *Index) Account(ctx context.Context, address string, unit names.Unit) (balance *big.Int, found bool, err error) {
	row, err := x.AccountRow(ctx, address, string(unit))
	if err != nil || row == nil {
		return new(big.Int), false, err
	}
	return row.Balance(), true, nil
}

// AccountRow is the last state of an account, nil when there is none.
func (x *Index) AccountRow(ctx context.Context, address, unit string) (row *state.AccountRow, err error) {
	err = x.query(ctx, func(r *store.Reader, _ Tip) error {
		row, err = r.Account(address, unit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", address, err)
	}
	return row, nil
}

// Preorder is the outstanding preorder of a name that a registration with this hash would use up.
func (x *Index) Preorder(ctx context.Context, h names.PreorderHash) (state.PreorderRow, bool, error) {
	return x.preorder(ctx, h, rules.OpenPreorder)
}

// NamespacePreorder is the outstanding preorder of a namespace that a reveal with this hash would
// use up.
func (x *Index) NamespacePreorder(ctx context.Context, h names.PreorderHash) (state.PreorderRow, bool, error) {
	return x.preorder(ctx, h, rules.OpenNamespacePreorder)
}

// findPreorder is OpenPreorder or OpenNamespacePreorder.
type findPreorder func(*names.Params, rules.State, int32, names.PreorderHash) (*state.PreorderRow, error)

// preorder asks as an operation in the block after the tip would.
func (x *Index) preorder(ctx context.Context, h names.PreorderHash, find findPreorder) (state.PreorderRow, bool, error) {
	var row *state.PreorderRow
	err := x.query(ctx, func(r *store.Reader, tip Tip) (err error) {
		row, err = find(x.p, r, tip.Height+1, h)
		return err
	})
	if err != nil {
		return state.PreorderRow{}, false, fmt.Errorf("preorder %s: %w", h, err)
	}
	if row == nil {
		return state.PreorderRow{}, false, nil
	}
	return *row, true, nil
}

// PreordersBySender are the outstanding preorders of a sender, oldest first, at most MaxPage. Those
// that have expired are outstanding too: nothing has used them up.
func (x *Index) PreordersBySender(ctx context.Context, script []byte) ([]state.PreorderRow, error) {
	var list []state.PreorderRow
	err := x.query(ctx, func(r *store.Reader, _ Tip) error {
		return r.PreordersOf(script, func(row state.PreorderRow) (bool, error) {
			list = append(list, row)
			return len(list) < MaxPage, ctx.Err()
		})
	})
	if err != nil {
		return nil, fmt.Errorf("preorders of a sender: %w", err)
	}
	return list, nil
}

// ConsensusHash is the consensus hash after the block at a height; those before the first block are
// known too. Other heights give ErrOutOfRange.
func (x *Index) ConsensusHash(ctx context.Context, height int32) (names.ConsensusHash, error) {
	var h names.ConsensusHash
	err := x.query(ctx, func(r *store.Reader, _ Tip) error {
		hash, ok, err := r.Consensus(height)
		if err == nil && !ok {
			err = ErrOutOfRange
		}
		h = hash
		return err
	})
	if err != nil {
		return names.ConsensusHash{}, fmt.Errorf("consensus hash at height %d: %w", height, err)
	}
	return h, nil
}
