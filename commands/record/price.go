package record

import (
	"math/big"

	"blockstack/commands/voice"
	"blockstack/names"
)

// SetPrice puts a price into a document, under the key of its unit.
func SetPrice(doc map[string]any, unit names.Unit, amount *big.Int) {
	doc["unit"] = unit
	if unit == names.MicroStacks {
		doc["price_ustacks"] = amount
	} else {
		doc["price_sat"] = amount
	}
}

// FormatUnits writes an amount of whole satoshi or microSTACKS.
func FormatUnits(amount *big.Int, unit names.Unit) string {
	if unit == names.MicroStacks {
		return voice.Stacks(amount)
	}
	return voice.Satoshi(amount)
}
