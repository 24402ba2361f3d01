package config

import "testing"

// TestUsesPeers: ordinary peers are asked where that was chosen, and on public networks where
// nothing else was.
func TestUsesPeers(t *testing.T) {
	const flag, file = "flag or environment", "file"
	for _, c := range []struct {
		cfg  Config
		from string // where backend and peer come from
		want bool
	}{
		{cfg: Config{Network: "mainnet"}, want: true},
		{cfg: Config{Network: "testnet"}, want: true},
		{cfg: Config{Network: "regtest"}},
		{cfg: Config{Network: "regtest", Peers: []string{"x"}}, want: true},
		{cfg: Config{Network: "mainnet", Node: "http://127.0.0.1:8334"}},
		{cfg: Config{Network: "mainnet", NodeAuthFile: "auth"}},
		{cfg: Config{Network: "mainnet", Backend: "btcd"}},
		{cfg: Config{Network: "mainnet", Backend: "bitcoind", Peers: []string{"x"}}},
		{cfg: Config{Network: "mainnet", Backend: "neutrino", Node: "http://127.0.0.1:8334"}, want: true},
		{cfg: Config{Network: "mainnet", Backend: "files"}, want: true},
		{cfg: Config{Network: "regtest", Backend: "files"}},
		{cfg: Config{Network: "sandbox"}},
		{cfg: Config{Network: "sandbox", Backend: "neutrino"}, from: flag, want: true},
		{cfg: Config{Network: "sandbox", Backend: "neutrino"}, from: file},
		{cfg: Config{Network: "sandbox", Peers: []string{"x"}}, from: flag, want: true},
		{cfg: Config{Network: "sandbox", Peers: []string{"x"}}, from: file},
		{cfg: Config{Network: "sandbox", Backend: "btcd", Peers: []string{"x"}}, from: flag},
	} {
		c.cfg.origin = map[string]string{"backend": c.from, "peer": c.from}
		if got := c.cfg.UsesPeers(); got != c.want {
			t.Errorf("%+v from %s: %v", c.cfg, c.from, got)
		}
	}
}
