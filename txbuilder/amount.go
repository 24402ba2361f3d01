package txbuilder

import (
	"fmt"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2"
)

// maxAmountText bounds what ParseAmount reads: "21000000.00000000" has 17 characters, and leading
// zeroes help nobody.
const maxAmountText = 32

// ParseAmount reads a decimal amount of BTC into satoshi. No float is involved.
//
//	amount   = digits [ "." 1*8digit ]
//	digits   = 1*digit
//
// A sign, an exponent, a thousands separator, a unit, a missing digit on either side of the point,
// more than eight decimals and more than 21 million BTC are refused with a *BadAmount. Zero is an
// amount.
func ParseAmount(text string) (btcutil.Amount, error) {
	bad := func(reason string) (btcutil.Amount, error) {
		shown := text
		if len(shown) > maxAmountText {
			shown = shown[:8] + "..." // of something that is no amount, enough to find it
		}
		return 0, &BadAmount{Text: shown, Reason: reason}
	}
	if text == "" {
		return bad("empty")
	}
	if len(text) > maxAmountText {
		return bad("too long")
	}
	whole, frac, point := strings.Cut(text, ".")
	if whole == "" {
		return bad("needs a digit before the decimal point")
	}
	if point && frac == "" {
		return bad("needs a digit after the decimal point")
	}
	if len(frac) > 8 {
		return bad("has more than 8 decimals; a satoshi is 0.00000001 BTC")
	}
	sat := int64(0)
	for _, c := range []byte(whole + frac + strings.Repeat("0", 8-len(frac))) {
		if c < '0' || c > '9' {
			return bad("is not a plain decimal number of BTC such as 0.01")
		}
		sat = sat*10 + int64(c-'0')
		if sat > btcutil.MaxSatoshi {
			return bad("is more than 21 million BTC")
		}
	}
	return btcutil.Amount(sat), nil
}

// FormatAmount writes an amount as decimal BTC with eight decimals and the unit, for instance
// "0.00125500 BTC".
func FormatAmount(a btcutil.Amount) string {
	sign, v := "", int64(a)
	if v < 0 {
		sign, v = "-", -v
	}
	return fmt.Sprintf("%s%d.%08d BTC", sign, v/btcutil.SatoshiPerBitcoin, v%btcutil.SatoshiPerBitcoin)
}

// BadAmount says why a text is not an amount of bitcoin.
type BadAmount struct {
	Text   string
	Reason string
}

// Error names the text and the reason.
func (e *BadAmount) Error() string { return fmt.Sprintf("amount %q: %s", e.Text, e.Reason) }

// Is matches ErrBadAmount.
func (e *BadAmount) Is(target error) bool { return target == ErrBadAmount }
