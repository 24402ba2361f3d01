package commands

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
)

// formatBTC writes an amount with all its decimals: 0.00125500 BTC.
func formatBTC(a btcutil.Amount) string {
	sign, v := "", uint64(a)
	if a < 0 {
		sign, v = "-", -uint64(a)
	}
	return fmt.Sprintf("%s%d.%08d BTC", sign, v/btcutil.SatoshiPerBitcoin, v%btcutil.SatoshiPerBitcoin)
}

// formatStacks writes an amount of microSTACKS with all its decimals: 1.500000 STACKS.
func formatStacks(micro *big.Int) string { return stacksNumber(micro) + " STACKS" }

// stacksNumber is formatStacks without the unit, as the command line takes it.
func stacksNumber(micro *big.Int) string { return decimals(micro, 6) }

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

// rfc3339 writes a time as JSON has it.
func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// hexText writes bytes in lower-case hex.
func hexText(b []byte) string { return hex.EncodeToString(b) }

// hexTexts writes several byte strings in hex.
func hexTexts(list [][]byte) []string {
	out := []string{}
	for _, b := range list {
		out = append(out, hexText(b))
	}
	return out
}

// formatSat writes a whole number of satoshi of any size.
func formatSat(sat *big.Int) string { return decimals(sat, 8) + " BTC" }
