package bills

import (
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/txbuilder"
)

// Bill is one line of what is to be paid.
type Bill struct {
	Target string // address or name
	Amount btcutil.Amount
	All    bool // everything there is
	Label  string
}

var (
	// ErrZero says that nothing is to be paid.
	ErrZero = errors.New("the amount is 0")
	// ErrNoAmount says that neither the target nor anything beside it tells an amount.
	ErrNoAmount = errors.New("no amount")
)

// OtherAmount says that a payment URI asks for another amount than the one beside it.
type OtherAmount struct {
	Asked btcutil.Amount
	Given string
}

// Error names both.
func (e *OtherAmount) Error() string {
	return fmt.Sprintf("the payment URI asks for %s, not for %s", txbuilder.FormatAmount(e.Asked), e.Given)
}

// ParseAmount reads a decimal number of BTC above 0, or max.
func ParseAmount(text string) (amount btcutil.Amount, all bool, err error) {
	if text == "max" {
		return 0, true, nil
	}
	if amount, err = txbuilder.ParseAmount(text); err == nil && amount == 0 {
		err = ErrZero
	}
	return amount, false, err
}

// Parse reads a target and an amount. A payment URI may bring the amount, which the one beside it
// must not contradict. ErrNoAmount: there is none.
func Parse(target, amount string) (Bill, error) {
	b := Bill{Target: target}
	if txbuilder.IsURI(target) {
		u, err := txbuilder.ParseURI(target)
		if err != nil {
			return b, err
		}
		b.Target, b.Amount, b.Label = u.Address, u.Amount, u.Message
		if b.Label == "" {
			b.Label = u.Label
		}
		if amount == "" && b.Amount > 0 {
			return b, nil
		}
	}
	if amount == "" {
		return b, ErrNoAmount
	}
	given, all, err := ParseAmount(amount)
	if err == nil && b.Amount > 0 && (all || given != b.Amount) {
		err = &OtherAmount{b.Amount, amount}
	}
	b.Amount, b.All = given, all
	return b, err
}
