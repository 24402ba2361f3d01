package txbuilder

import (
	"fmt"
	"math/big"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
)

// Price is what the name system asks, in whole units.
type Price struct {
	Unit   names.Unit
	Amount *big.Int // satoshi or microSTACKS
}

// Sat is a price in BTC as an amount.
func (p Price) Sat() (btcutil.Amount, error) {
	if p.Unit != names.Satoshi || p.Amount == nil || p.Amount.Sign() < 0 {
		return 0, fmt.Errorf("%w: not a price in BTC", ErrBadRequest)
	}
	if !p.Amount.IsInt64() || p.Amount.Int64() > btcutil.MaxSatoshi {
		return 0, fmt.Errorf("%w: a price of %s satoshi is more than all bitcoin", ErrBadRequest, p.Amount)
	}
	return btcutil.Amount(p.Amount.Int64()), nil
}

// Tokens is a price in STACKS as the wire carries it.
func (p Price) Tokens() (uint64, error) {
	if p.Unit != names.MicroStacks || p.Amount == nil || p.Amount.Sign() < 0 {
		return 0, fmt.Errorf("%w: not a price in STACKS", ErrBadRequest)
	}
	if !p.Amount.IsUint64() {
		return 0, fmt.Errorf("%w: a price of %s microSTACKS does not fit the wire", ErrBadRequest, p.Amount)
	}
	return p.Amount.Uint64(), nil
}

// burnOutput pays a price: the price itself in BTC, but never less than what is relayed, or the
// least that is relayed beside tokens (protocol 17.1).
func burnOutput(price Price, payee []byte, text string) (Output, error) {
	o := Output{Role: RoleBurn, Script: payee, Text: text}
	if price.Unit == names.MicroStacks {
		_, err := price.Tokens()
		return o, err
	}
	sat, err := price.Sat()
	if err != nil {
		return o, err
	}
	o.Value = max(sat, DustLimit(payee))
	return o, nil
}

// tokensOf is a price in STACKS, nil for one in BTC.
func tokensOf(price Price) (*big.Int, error) {
	if price.Unit != names.MicroStacks {
		_, err := price.Sat()
		return nil, err
	}
	_, err := price.Tokens()
	return price.Amount, err
}
