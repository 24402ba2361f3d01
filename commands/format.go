package commands

import (
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
func stacksNumber(micro *big.Int) string {
	digits := new(big.Int).Abs(micro).String()
	if len(digits) < 7 {
		digits = strings.Repeat("0", 7-len(digits)) + digits
	}
	sign := ""
	if micro.Sign() < 0 {
		sign = "-"
	}
	return sign + digits[:len(digits)-6] + "." + digits[len(digits)-6:]
}

// rfc3339 writes a time as JSON has it.
func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339) }
