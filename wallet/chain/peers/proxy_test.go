package peers

import (
	"errors"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/storage/dial"
	"blockstack/storage/dial/dialtest"
	"blockstack/wallet/chain"
)

// TestPeersProxyDown: a proxy that is not there, or is none, is what is named, and no peer counts
// as reached.
func TestPeersProxyDown(t *testing.T) {
	for _, address := range []string{dialtest.Nobody(t), dialtest.NoProxy(t)} {
		_, err := Open(t.Context(), Config{Dir: t.TempDir(), Net: &chaincfg.MainNetParams, Proxy: dial.Proxy{Address: address}})
		var down *dial.ProxyDown
		if !errors.As(err, &down) || !errors.Is(err, chain.ErrUnreachable) || down.Address != address {
			t.Errorf("%s: %v", address, err)
		}
	}
}
