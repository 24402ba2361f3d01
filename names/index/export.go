package index

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"blockstack/names"
	"blockstack/names/index/store"
	"blockstack/names/state"
)

// Export calls visit with every name at the tip, in the order of namespace and label. Expired and
// revoked names are included.
func (x *Index) Export(ctx context.Context, visit func(names.Record) error) error {
	err := x.query(ctx, func(r *store.Reader, tip Tip) error {
		return r.Names("", "", func(row *state.NameRow) (bool, error) {
			rec, err := record(r, row, tip.Height, tip.Consensus)
			if err == nil {
				err = ctx.Err()
			}
			if err == nil {
				err = visit(rec)
			}
			return err == nil, err
		})
	})
	if err != nil {
		return fmt.Errorf("export names: %w", err)
	}
	return nil
}

// Accounts calls visit with every token account at the tip, by address and token.
func (x *Index) Accounts(ctx context.Context, visit func(state.AccountRow) error) error {
	return x.AccountsAndPatches(ctx, func(row state.AccountRow) error {
		if row.Unit == state.UnitPatch {
			return nil
		}
		return visit(row)
	})
}

// AccountsAndPatches are the accounts, and the row that the reference keeps beside the patches of
// its genesis table.
func (x *Index) AccountsAndPatches(ctx context.Context, visit func(state.AccountRow) error) error {
	err := x.query(ctx, func(r *store.Reader, _ Tip) error {
		return r.Accounts(func(row *state.AccountRow) (bool, error) {
			err := ctx.Err()
			if err == nil && row.Unit != state.UnitGenesis {
				err = visit(*row)
			}
			return err == nil, err
		})
	})
	if err != nil {
		return fmt.Errorf("export accounts: %w", err)
	}
	return nil
}

// ConsensusHashes calls visit with the consensus hash of every height that the index knows, from
// the one before the first block on.
func (x *Index) ConsensusHashes(ctx context.Context, visit func(height int32, h names.ConsensusHash) error) error {
	err := x.query(ctx, func(r *store.Reader, tip Tip) error {
		for _, h := range slices.Sorted(maps.Keys(x.p.InitialConsensus)) {
			if err := visit(h, x.p.InitialConsensus[h]); err != nil {
				return err
			}
		}
		for h := x.p.FirstBlock; h <= tip.Height; h++ {
			row, err := r.Block(h)
			if err == nil && row == nil {
				err = fmt.Errorf("%w: block at height %d is missing", ErrCorrupt, h)
			}
			if err == nil {
				err = ctx.Err()
			}
			if err == nil {
				err = visit(h, row.Consensus)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("consensus hashes: %w", err)
	}
	return nil
}
