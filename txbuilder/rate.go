package txbuilder

import (
	"fmt"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/mempool"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wallet/txrules"
)

// FeeRate is a fee in satoshi per 1000 virtual bytes.
type FeeRate int64

const (
	// RelayRate is the lowest rate that nodes relay by default, and the increment that a
	// replacement must pay on top (BIP 125 rule 4).
	RelayRate = FeeRate(txrules.DefaultRelayFeePerKb)
	// MaxRate is the highest rate that is taken for meant: 2000 sat/vB.
	MaxRate FeeRate = 2_000_000
	// DefaultMaxFee is the ceiling on the fee of one transaction unless the configuration says
	// otherwise.
	DefaultMaxFee btcutil.Amount = 5_000_000
)

// SatPerVByte makes a rate from whole satoshi per virtual byte.
func SatPerVByte(sat int64) FeeRate { return FeeRate(sat * 1000) }

// ParseFeeRate reads a decimal rate in sat/vB with at most three decimals.
//
//	rate = 1*digit [ "." 1*3digit ]
func ParseFeeRate(text string) (FeeRate, error) {
	whole, frac, point := strings.Cut(text, ".")
	if whole == "" || len(text) > 16 || len(frac) > 3 || (point && frac == "") {
		return 0, fmt.Errorf("%w: %.16q is not a number of sat/vB with at most three decimals", ErrBadRate, text)
	}
	var v int64
	for _, c := range []byte(whole + frac + strings.Repeat("0", 3-len(frac))) {
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("%w: %.16q is not a number of sat/vB", ErrBadRate, text)
		}
		v = v*10 + int64(c-'0')
		if v > int64(MaxRate) {
			return 0, fmt.Errorf("%w: %s sat/vB is above %s", ErrBadRate, text, MaxRate)
		}
	}
	return FeeRate(v), FeeRate(v).check()
}

// check refuses rates that are not relayed or cannot have been meant.
func (r FeeRate) check() error {
	switch {
	case r < RelayRate:
		return fmt.Errorf("%w: %s is below the relay minimum of %s", ErrBadRate, r, RelayRate)
	case r > MaxRate:
		return fmt.Errorf("%w: %s is above %s", ErrBadRate, r, MaxRate)
	}
	return nil
}

// Fee is what a transaction of a virtual size pays at this rate, rounded up.
func (r FeeRate) Fee(vsize int64) btcutil.Amount {
	return btcutil.Amount((int64(r)*vsize + 999) / 1000)
}

// String shows the rate in sat/vB.
func (r FeeRate) String() string {
	if r%1000 == 0 {
		return fmt.Sprintf("%d sat/vB", int64(r)/1000)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%03d", int64(r)/1000, int64(r)%1000), "0") + " sat/vB"
}

// RateOf is the rate that a fee gives a transaction of a virtual size, rounded down.
func RateOf(fee btcutil.Amount, vsize int64) FeeRate {
	if vsize <= 0 {
		return 0
	}
	return FeeRate(int64(fee) * 1000 / vsize)
}

// DustLimit is the smallest value that an output with this script may have to be relayed at the
// default relay rate: 546 for P2PKH, 540 for P2SH, 294 for P2WPKH, 330 for P2TR.
func DustLimit(script []byte) btcutil.Amount {
	out := wire.NewTxOut(0, script)
	threshold := mempool.GetDustThreshold(out)
	return btcutil.Amount((threshold*int64(RelayRate) + 999) / 1000)
}
