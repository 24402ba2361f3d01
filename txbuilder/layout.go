package txbuilder

import (
	"bytes"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/nameop"
)

// Role is what an output of a transaction is for.
type Role string

// The roles. Data is the OP_RETURN; Change returns money to the payer; OwnerChange returns the
// owner's coin to the owner.
const (
	RoleData        Role = "data"
	RoleBurn        Role = "burn"
	RoleOwner       Role = "owner"
	RoleOwnerChange Role = "owner_change"
	RoleRevealer    Role = "revealer"
	RoleRecipient   Role = "recipient"
	RoleZoneFile    Role = "zone_file_hash"
	RolePayment     Role = "payment"
	RoleReturn      Role = "return"
	RoleChange      Role = "change"
	RoleMoved       Role = "moved"
	RoleFee         Role = "fee" // in lines only
)

// Output is one output of a layout.
type Output struct {
	Role   Role
	Script []byte
	// Value is what the output holds. Zero, except for data, means the least that is relayed; the
	// builder fills it in.
	Value btcutil.Amount
	// Text says in words what the output is for.
	Text string
}

// Layout is what an operation fixes of its transaction: the outputs in the order that the protocol
// reads them by, and where the change stands.
type Layout struct {
	Operation string
	// Op is the name operation that the OP_RETURN carries; nil: none.
	Op      nameop.Op
	Outputs []Output
	// Change is the index of the change output among Outputs when the protocol gives it a place and
	// requires it; -1 when change, if there is any, comes after all others.
	Change int
	// Checked is how many leading outputs the protocol looks at (2.3); with a change output of a
	// name operation all of them are held to its rule.
	Checked int
	// OpenChange says that change may be of any standard kind (payments only).
	OpenChange bool
}

// dataOutput is the OP_RETURN output of an operation.
func dataOutput(magic [2]byte, op nameop.Op, text string) (Output, error) {
	script, err := nameop.Script(magic, op)
	if err != nil {
		return Output{}, err
	}
	return Output{Role: RoleData, Script: script, Text: text}, nil
}

// ownerLayout is the shape that update, revoke and the like share: data, then the owner's coin back
// to the owner. None of it but the data is looked at.
func ownerLayout(operation string, op nameop.Op, data Output, owner []byte, ownerValue btcutil.Amount) *Layout {
	return &Layout{Operation: operation, Op: op, Change: -1, Outputs: []Output{
		data,
		{Role: RoleOwnerChange, Script: owner, Value: ownerValue, Text: "back to the owner"},
	}}
}

// settle gives every output without a value the given minimum for its script.
func (l *Layout) settle(minimum func(script []byte) btcutil.Amount) {
	for i := range l.Outputs {
		if o := &l.Outputs[i]; o.Role != RoleData && o.Value == 0 && i != l.Change {
			o.Value = minimum(o.Script)
		}
	}
}

// check holds a layout to what is relayed and, where the protocol looks, to what it reads.
func (l *Layout) check() error {
	for i, o := range l.Outputs {
		where := fmt.Sprintf("output %d (%s)", i, o.Role)
		if o.Role == RoleData {
			if err := checkData(o.Script); err != nil {
				return fmt.Errorf("%s: %w", where, err)
			}
			continue
		}
		if i < l.Checked {
			if err := checkNamed(where, o.Script); err != nil {
				return err
			}
		} else if err := checkStandard(where, o.Script); err != nil {
			return err
		}
		if i == l.Change {
			continue
		}
		if least := DustLimit(o.Script); o.Value < least {
			return &DustAmount{Where: where, Amount: o.Value, Minimum: least}
		}
		if o.Value > btcutil.MaxSatoshi {
			return fmt.Errorf("%w: %s holds more than 21 million BTC", ErrBadRequest, where)
		}
	}
	return nil
}

// burn sums what the layout burns.
func (l *Layout) burn() btcutil.Amount {
	var sum btcutil.Amount
	for _, o := range l.Outputs {
		if o.Role == RoleBurn {
			sum += o.Value
		}
	}
	return sum
}

// spent sums the outputs other than the change.
func (l *Layout) spent() btcutil.Amount {
	var sum btcutil.Amount
	for i, o := range l.Outputs {
		if i != l.Change {
			sum += o.Value
		}
	}
	return sum
}

// txOuts are the outputs as they stand.
func (l *Layout) txOuts() []*wire.TxOut {
	outs := make([]*wire.TxOut, len(l.Outputs))
	for i, o := range l.Outputs {
		outs[i] = wire.NewTxOut(int64(o.Value), bytes.Clone(o.Script))
	}
	return outs
}
