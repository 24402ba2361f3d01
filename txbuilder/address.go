package txbuilder

import (
	"fmt"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/names/outscript"
)

// BadAddress says that a text is not an address of the network.
type BadAddress struct {
	Text    string
	Foreign string // the network that was meant, where it is an address of another one
	Err     error  // else: why it is not one
}

// Error names the text and the reason.
func (e *BadAddress) Error() string {
	if e.Foreign != "" {
		return fmt.Sprintf("%.100s is an address of another network than %s", e.Text, e.Foreign)
	}
	return fmt.Sprintf("%.100q is not an address: %v", e.Text, e.Err)
}

// Unwrap returns why it is no address.
func (e *BadAddress) Unwrap() error { return e.Err }

// AddressScript reads an address of a network into its output script. called is the user's word for
// the network, in errors.
func AddressScript(text string, net *chaincfg.Params, called string) ([]byte, error) {
	a, err := address.DecodeAddress(text, net)
	if err != nil && !isForeign(text) {
		return nil, &BadAddress{Text: text, Err: err}
	}
	if err != nil || !a.IsForNet(net) {
		return nil, &BadAddress{Text: text, Foreign: called}
	}
	return txscript.PayToAddrScript(a)
}

// isForeign reports whether a text is an address of any network. Decoding it for one network does
// not say.
func isForeign(text string) bool {
	for _, net := range []*chaincfg.Params{&chaincfg.MainNetParams, &chaincfg.TestNet3Params, &chaincfg.RegressionNetParams} {
		if a, err := address.DecodeAddress(text, net); err == nil && a.IsForNet(net) {
			return true
		}
	}
	return false
}

// ScriptAddress shows a script as an address, or as nothing.
func ScriptAddress(script []byte, net *chaincfg.Params) string {
	return outscript.Address(script, net)
}
