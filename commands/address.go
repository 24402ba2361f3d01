package commands

import (
	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/commands/fault"
)

// addressScript reads an address of the chosen network.
func (e *Env) addressScript(text string) ([]byte, error) {
	net := e.Config.Net()
	a, err := address.DecodeAddress(text, net)
	if err != nil && !isForeign(text) {
		return nil, fault.New("bad_address", "%.100q is not an address: %v", text, err).Because(err).
			Hint("check it against where it came from; one wrong character is enough")
	}
	if err != nil || !a.IsForNet(net) {
		return nil, fault.New("bad_address", "%.100s is an address of another network than %s", text, e.Config.Network).
			Hint("choose the network with --network")
	}
	return txscript.PayToAddrScript(a)
}

// isForeign reports whether a text is an address of any network. Decoding it for one network does not say.
func isForeign(text string) bool {
	for _, net := range []*chaincfg.Params{&chaincfg.MainNetParams, &chaincfg.TestNet3Params, &chaincfg.RegressionNetParams} {
		if a, err := address.DecodeAddress(text, net); err == nil && a.IsForNet(net) {
			return true
		}
	}
	return false
}

// addressOf shows a script as an address, or as nothing.
func (e *Env) addressOf(script []byte) string {
	_, addrs, _, err := txscript.ExtractPkScriptAddrs(script, e.Config.Net())
	if err != nil || len(addrs) != 1 {
		return ""
	}
	return addrs[0].EncodeAddress()
}
