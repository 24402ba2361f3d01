package txbuilder

import (
	"fmt"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
)

// rules are those of the name system at the height of the tip.
type rules struct {
	p      *names.Params // nil: there are none, for payments alone
	height int32         // 0: not known
}

// params are the name rules, which a name operation cannot do without.
func (at rules) params() (*names.Params, error) {
	if at.p == nil {
		return nil, fmt.Errorf("%w: a name operation needs the name rules", ErrBadRequest)
	}
	return at.p, nil
}

// epoch gives the rules of the next block.
func (at rules) epoch() (*names.Epoch, error) {
	p, err := at.params()
	if err != nil {
		return nil, err
	}
	if at.height <= 0 {
		return nil, fmt.Errorf("%w: a name operation needs the height of the tip", ErrBadRequest)
	}
	_, e := p.Epoch(at.height + 1)
	return e, nil
}

// readBack reads the operation out of the transaction the way an index will, and holds it to what
// was meant.
func (at rules) readBack(r *result, tx *wire.MsgTx) error {
	want := r.layout.Op
	if want == nil {
		return nil
	}
	got, err := nameop.FromTx(at.p, at.height+1, 1, tx, func(i int) (*wire.TxOut, error) {
		return wire.NewTxOut(int64(r.coins[i].value), r.coins[i].script), nil
	})
	if err != nil {
		return fmt.Errorf("%w: the name system would not read it: %w", ErrBadRequest, err)
	}
	if got.Op != want {
		return fmt.Errorf("%w: the name system would read %+v instead of %+v", ErrBadRequest, got.Op, want)
	}
	return nil
}
