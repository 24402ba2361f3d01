package commands

import (
	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/txscript/v2"
)

// addressScript reads an address of the chosen network.
func (e *Env) addressScript(text string) ([]byte, error) {
	net := e.Config.Net()
	a, err := address.DecodeAddress(text, net)
	if err != nil {
		return nil, fault("bad_address", "%.100q is not an address: %v", text, err).because(err)
	}
	if !a.IsForNet(net) {
		return nil, fault("bad_address", "%.100s is an address of another network than %s", text, e.Config.Network).
			hint("choose the network with --network")
	}
	return txscript.PayToAddrScript(a)
}
