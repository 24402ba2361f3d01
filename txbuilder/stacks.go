package txbuilder

import (
	"math"
	"math/big"
	"strings"
)

// stacksDecimals is how many decimals an amount of STACKS has: 1 STACKS is 1,000,000 microSTACKS
// (protocol, notation).
const stacksDecimals = 6

// ParseStacks reads an amount of STACKS as people write it into microSTACKS. The grammar is that of
// ParseAmount with six decimals; the largest amount is the one that fits the wire.
//
//	amount = 1*20DIGIT [ "." 1*6DIGIT ] [ SP "STACKS" ]
func ParseStacks(text string) (uint64, error) {
	bad := func(reason string) (uint64, error) { return 0, &BadAmount{Text: clipAmount(text), Reason: reason} }
	number := strings.TrimSuffix(text, " STACKS")
	whole, fraction, dot := strings.Cut(number, ".")
	switch {
	case whole == "" || !digits(whole) || dot && (fraction == "" || !digits(fraction)):
		return bad("not a decimal number of STACKS such as 64000 or 0.5")
	case len(fraction) > stacksDecimals:
		return bad("more than six decimals")
	case len(whole) > 20:
		return bad("too large")
	}
	n, ok := new(big.Int).SetString(whole+fraction+strings.Repeat("0", stacksDecimals-len(fraction)), 10)
	if !ok || n.Cmp(new(big.Int).SetUint64(math.MaxUint64)) > 0 {
		return bad("too large")
	}
	return n.Uint64(), nil
}

// digits says whether a text is ASCII digits alone.
func digits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// clipAmount keeps a hostile text out of error messages.
func clipAmount(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}
