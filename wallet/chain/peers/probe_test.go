package peers

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
)

// TestUnfitPeers: a named peer that is pruned, or has no filters, is told by its name, and soon. It
// says nothing about the headers that are kept.
func TestUnfitPeers(t *testing.T) {
	for name, c := range map[string]struct {
		services wire.ServiceFlag
		pruned   bool
		says     string
	}{
		"pruned":     {wire.SFNodeWitness | wire.SFNodeCF | wire.SFNodeNetworkLimited, true, "is pruned"},
		"no filters": {wire.SFNodeWitness | wire.SFNodeNetwork, false, "-peerblockfilters=1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host, dir := greeter(t, c.services), t.TempDir()
			kept := filepath.Join(dir, "kept")
			if err := os.WriteFile(kept, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			_, err := Open(t.Context(), Config{Dir: dir, Net: &chaincfg.RegressionNetParams, Named: []string{host}})
			var unfit *Unfit
			if !errors.As(err, &unfit) || unfit.Host != host || errors.Is(err, chain.ErrPruned) != c.pruned || !errors.Is(err, chain.ErrUnreachable) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
			if time.Since(begun) > 20*time.Second {
				t.Errorf("it took %s", time.Since(begun))
			}
			if _, err := os.Stat(kept); err != nil {
				t.Errorf("what was kept of headers: %v", err)
			}
		})
	}
	if err := fitness("h", wire.SFNodeNetwork|wire.SFNodeWitness|wire.SFNodeCF); err != nil {
		t.Errorf("a fit one: %v", err)
	}
}

// greeter is a peer that says what it serves, and no more.
func greeter(t *testing.T, services wire.ServiceFlag) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if _, _, err := wire.ReadMessage(conn, wire.ProtocolVersion, chaincfg.RegressionNetParams.Net); err != nil {
					return
				}
				none := wire.NewNetAddressIPPort(net.IPv4zero, 0, services)
				v := wire.NewMsgVersion(none, none, 7, 0)
				v.Services = services
				_ = wire.WriteMessage(conn, v, wire.ProtocolVersion, chaincfg.RegressionNetParams.Net)
				for {
					if _, _, err := wire.ReadMessage(conn, wire.ProtocolVersion, chaincfg.RegressionNetParams.Net); err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}
