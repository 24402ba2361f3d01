package voice

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
)

// BTC writes an amount with all its decimals: 0.00125500 BTC.
func BTC(a btcutil.Amount) string {
	sign, v := "", uint64(a)
	if a < 0 {
		sign, v = "-", -uint64(a)
	}
	return fmt.Sprintf("%s%d.%08d BTC", sign, v/btcutil.SatoshiPerBitcoin, v%btcutil.SatoshiPerBitcoin)
}

// Stacks writes an amount of microSTACKS with all its decimals: 1.500000 STACKS.
func Stacks(micro *big.Int) string { return StacksNumber(micro) + " STACKS" }

// StacksNumber is Stacks without the unit, as the command line takes it.
func StacksNumber(micro *big.Int) string { return decimals(micro, 6) }

// decimals writes a whole number of smallest units with a decimal point before the last n digits.
func decimals(v *big.Int, n int) string {
	digits := new(big.Int).Abs(v).String()
	if len(digits) <= n {
		digits = strings.Repeat("0", n+1-len(digits)) + digits
	}
	sign := ""
	if v.Sign() < 0 {
		sign = "-"
	}
	return sign + digits[:len(digits)-n] + "." + digits[len(digits)-n:]
}

// Time writes a time as JSON has it.
func Time(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Hex writes bytes in lower-case hex.
func Hex(b []byte) string { return hex.EncodeToString(b) }

// Hexes writes several byte strings in hex.
func Hexes(list [][]byte) []string {
	out := []string{}
	for _, b := range list {
		out = append(out, Hex(b))
	}
	return out
}

// Satoshi writes a whole number of satoshi of any size.
func Satoshi(sat *big.Int) string { return decimals(sat, 8) + " BTC" }

// SatPointer is an amount that may be unknown.
func SatPointer(a btcutil.Amount) *int64 {
	v := int64(a)
	return &v
}

// Itoa writes a height.
func Itoa(n int32) string { return strconv.Itoa(int(n)) }
