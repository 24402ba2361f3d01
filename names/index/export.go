package index

import (
	"bytes"
	"context"
	"fmt"

	"blockstack/names"
	"blockstack/names/state"
)

// Export calls visit with every name at the tip, in the order of namespace and label. Expired and revoked names are included.
func (x *Index) Export(ctx context.Context, visit func(names.Record) error) error {
	err := x.query(ctx, func(v *view, tip Tip) error {
		return v.rows.each(bNames, nil, func(key, place []byte) (bool, error) {
			row, err := v.nameAfter(nameOfKey(key), place)
			if err != nil {
				return false, err
			}
			rec, err := v.record(row, tip.Height, tip.Consensus)
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
	err := x.query(ctx, func(v *view, _ Tip) error {
		return v.rows.each(bAccounts, nil, func(key, value []byte) (bool, error) {
			row, err := accountOfKey(key, value)
			if err == nil {
				err = ctx.Err()
			}
			if err == nil && row.Unit != state.UnitGenesis && row.Unit != state.UnitPatch {
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

// accountOfKey is an account from its key and value.
func accountOfKey(key, value []byte) (*state.AccountRow, error) {
	address, unit, ok := bytes.Cut(key, []byte{0})
	if !ok {
		return nil, fmt.Errorf("%w: key of an account", ErrCorrupt)
	}
	return decodeAccountRow(string(address), string(unit), value)
}
