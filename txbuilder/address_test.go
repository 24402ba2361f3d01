package txbuilder

import (
	"errors"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"
)

// An address is one of another network, or none at all, in every format.
func TestForeignAddresses(t *testing.T) {
	for text, foreign := range map[string]bool{
		"1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk":           true,
		"3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy":           true,
		"bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq":   true,
		"mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8":           true,
		"tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx":   true,
		"bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080": true,
		"":                                   false,
		"xyz":                                false,
		"1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSj": false,
		"SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7": false,
	} {
		if isForeign(text) != foreign {
			t.Errorf("%q: %v", text, !foreign)
		}
		var bad *BadAddress
		net := &chaincfg.SigNetParams // whose addresses are none of these but the one of testnet's prefix
		if _, err := AddressScript(text, net, "signet"); err != nil && (!errors.As(err, &bad) || (bad.Foreign != "") != foreign) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if script, err := AddressScript("bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", &chaincfg.RegressionNetParams, "regtest"); err != nil || len(script) != 22 {
		t.Errorf("%x, %v", script, err)
	}
}
