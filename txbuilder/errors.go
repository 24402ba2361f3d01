package txbuilder

import (
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
)

// Sentinels. Errors that carry data are the structs below; each of them matches its sentinel under
// errors.Is.
var (
	// ErrBadAmount is matched by every *BadAmount.
	ErrBadAmount = errors.New("bad amount")
	// ErrForbiddenScript is matched by every *ForbiddenScript.
	ErrForbiddenScript = errors.New("forbidden script")
	// ErrInsufficientFunds is matched by every *InsufficientFunds.
	ErrInsufficientFunds = errors.New("insufficient funds")
	// ErrDust is matched by every *DustAmount.
	ErrDust = errors.New("amount is dust")
	// ErrFeeTooHigh is matched by every *FeeTooHigh.
	ErrFeeTooHigh = errors.New("fee too high")
	// ErrBadRate says that a fee rate is outside what the network relays or a person can have
	// meant.
	ErrBadRate = errors.New("bad fee rate")
	// ErrNoFirstInput says that no coin may stand at input 0 of the operation: there are coins, but
	// none of the script that the protocol requires.
	ErrNoFirstInput = errors.New("no coin of the required script for input 0")
	// ErrNotSigned says that an input carries no usable signature.
	ErrNotSigned = errors.New("not signed")
	// ErrAltered says that a signed packet is not the transaction of its plan.
	ErrAltered = errors.New("transaction differs from its plan")
	// ErrBadURI says that a text is not a payment URI (BIP 21), or one that must not be paid.
	ErrBadURI = errors.New("bad payment URI")
	// ErrBadRequest says that a request contradicts itself or the protocol.
	ErrBadRequest = errors.New("bad request")
)

// InsufficientFunds says how much an intention needs as a whole and how much of it the usable coins
// can give. Unusable is money that is there but of a kind the operation cannot spend (native segwit
// in a name operation).
type InsufficientFunds struct {
	Need, Have btcutil.Amount
	Unusable   btcutil.Amount
}

// Error names both amounts in BTC.
func (e *InsufficientFunds) Error() string {
	s := fmt.Sprintf("need %s, have %s", FormatAmount(e.Need), FormatAmount(e.Have))
	if e.Unusable > 0 {
		s += fmt.Sprintf(" (and %s in native segwit coins, which name operations cannot spend)", FormatAmount(e.Unusable))
	}
	return s
}

// Is matches ErrInsufficientFunds.
func (e *InsufficientFunds) Is(target error) bool { return target == ErrInsufficientFunds }

// DustAmount says that an output would be too small to be relayed.
type DustAmount struct {
	Where           string
	Amount, Minimum btcutil.Amount
}

// Error names the output, the amount and the smallest that would do.
func (e *DustAmount) Error() string {
	return fmt.Sprintf("%s: %s is less than the smallest amount that is relayed, %s",
		e.Where, FormatAmount(e.Amount), FormatAmount(e.Minimum))
}

// Is matches ErrDust.
func (e *DustAmount) Is(target error) bool { return target == ErrDust }

// FeeTooHigh says that a fee is above the ceiling against absurd fees.
type FeeTooHigh struct {
	Fee, Ceiling btcutil.Amount
}

// Error names the fee and the ceiling.
func (e *FeeTooHigh) Error() string {
	return fmt.Sprintf("fee of %s is above the ceiling of %s", FormatAmount(e.Fee), FormatAmount(e.Ceiling))
}

// Is matches ErrFeeTooHigh.
func (e *FeeTooHigh) Is(target error) bool { return target == ErrFeeTooHigh }
