package txbuilder

import "github.com/btcsuite/btcd/btcutil/v2"

// A fee that a node named is taken for meant up to ModestFee, and above that up
// to a tenth of what it moves.
const (
	ModestFee  btcutil.Amount = 50_000
	modestPart btcutil.Amount = 10
)

// OutOfProportion says whether a fee is so large beside what is sent or burnt
// that a person should look at it before it is paid.
func OutOfProportion(fee, moved btcutil.Amount) bool {
	return fee > ModestFee && fee > moved/modestPart
}
