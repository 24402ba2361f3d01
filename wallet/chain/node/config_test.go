package node

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/storage/dial"
	"blockstack/storage/dial/dialtest"
	"blockstack/wallet/chain"
)

// TestDialProxyDown: a proxy that is not there is what is named, and the node counts as not
// reached.
func TestDialProxyDown(t *testing.T) {
	address := dialtest.Nobody(t)
	_, err := Dial(t.Context(), Config{Host: "node.onion:8332", Proxy: dial.Proxy{Address: address}, Net: &chaincfg.MainNetParams})
	var down *dial.ProxyDown
	if !errors.As(err, &down) || !errors.Is(err, chain.ErrUnreachable) || !strings.Contains(err.Error(), address) {
		t.Error(err)
	}
}

// TestPlaintextHosts: a host is judged in the form in which it is dialled.
func TestPlaintextHosts(t *testing.T) {
	for host, want := range map[string]struct {
		dialled string
		private bool
	}{
		"127.0.0.1": {"127.0.0.1", true}, "::1": {"::1", true}, "localhost": {"localhost", true}, "LocalHost.": {"LocalHost.", true},
		"①②⑦.⓪.⓪.①": {"127.0.0.1", true}, "１２７。０。０。１": {"127.0.0.1", true}, "ｌｏｃａｌｈｏｓｔ": {"localhost", true}, "ⓛocalhost": {"localhost", true},
		"example.org": {"example.org", false}, "128.0.0.1": {"128.0.0.1", false}, "nodeaddress.onion": {"nodeaddress.onion", true},
		"nodeaddress.ONION.": {"nodeaddress.ONION.", true}, "localhost.example.org": {"localhost.example.org", false},
	} {
		cfg := Config{Host: net.JoinHostPort(host, "8332"), Net: &chaincfg.MainNetParams, Proxy: dial.Proxy{Address: "127.0.0.1:9050"}}
		if err := cfg.check(); errors.Is(err, chain.ErrPlaintext) == want.private {
			t.Errorf("%s: %v", host, err)
		}
		if cfg.Host != net.JoinHostPort(want.dialled, "8332") {
			t.Errorf("%s is dialled as %s", host, cfg.Host)
		}
	}
	cfg := Config{Host: "example.org:8332", Net: &chaincfg.MainNetParams, AllowPlaintext: true}
	if err := cfg.check(); err != nil || !cfg.Plaintext() {
		t.Errorf("a node without TLS that was asked for: %v", err)
	}
}
