package peers

import (
	"errors"
	"net"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/storage/dial"
	"blockstack/wallet/chain"
)

// TestPeersProxyDown: a proxy that is not there, or is none, is what is named, and no peer counts
// as reached.
func TestPeersProxyDown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	off := l.Addr().String()
	_ = l.Close()
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	go func() {
		for {
			c, err := other.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("220 mail.example ESMTP\r\n"))
			_ = c.Close()
		}
	}()
	for _, address := range []string{off, other.Addr().String()} {
		_, err := Open(t.Context(), Config{Dir: t.TempDir(), Net: &chaincfg.MainNetParams, Proxy: dial.Proxy{Address: address}})
		var down *dial.ProxyDown
		if !errors.As(err, &down) || !errors.Is(err, chain.ErrUnreachable) || down.Address != address {
			t.Errorf("%s: %v", address, err)
		}
	}
}
