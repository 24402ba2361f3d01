package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"blockstack/storage/dial"
	"blockstack/storage/textfile"
	"blockstack/wallet/chain"
	"blockstack/wallet/chain/node"
)

// UsesPeers reports whether money goes through ordinary peers: where that was chosen, and on a
// public network where nothing else was. The sandbox brings its own node, so that what the file
// says about other networks does not count there.
func (c *Config) UsesPeers() bool {
	backend, peers := c.Backend, len(c.Peers) > 0
	if c.Network == "sandbox" {
		if c.origin["backend"] == OriginFile {
			backend = ""
		}
		return backend == BackendPeers || backend == "" && peers && c.origin["peer"] != OriginFile
	}
	switch backend {
	case BackendPeers:
		return true
	case "":
		return (c.Public() || peers) && c.Node == "" && c.NodeAuthFile == ""
	case BackendFiles:
		return c.Public() || peers
	}
	return false
}

// ChainProxy is what connections go through.
func (c *Config) ChainProxy() dial.Proxy {
	p, err := dial.ParseProxy(c.Proxy)
	if err != nil {
		return dial.Proxy{} // none: what is not one was refused when it was read
	}
	return p
}

// NodeConfig says how to reach the node that the configuration names.
func (c *Config) NodeConfig() (node.Config, error) {
	cfg := node.Config{Kind: node.Btcd, Net: c.Net()}
	switch {
	case c.Node == "" && c.NodeAuthFile == "":
		return cfg, &NodeError{Reason: NodeUnnamed}
	case c.Node != "" && !IsURL(c.Node):
		return cfg, &NodeError{Reason: NodeNoURL, What: c.Node}
	}
	if c.Backend == "bitcoind" {
		cfg.Kind = node.Bitcoind
	}
	host, https, err := nodeHost(c.Node, c.defaultRPCPort(cfg.Kind))
	if err != nil {
		return cfg, err
	}
	cfg.Host, cfg.Proxy, cfg.AllowPlaintext = host, c.ChainProxy(), c.InsecureNode
	if https && c.NodeCertFile == "" {
		return cfg, &NodeError{Reason: NodeNoCert, What: c.Node}
	}
	if c.NodeCertFile != "" {
		if cfg.Cert, err = textfile.ReadSmall(c.NodeCertFile); err != nil {
			return cfg, &NodeError{Reason: NodeCertFile, Err: err}
		}
	}
	if c.NodeAuthFile == "" {
		return cfg, &NodeError{Reason: NodeNoAuth, What: host}
	}
	b, err := textfile.ReadSmall(c.NodeAuthFile)
	if errors.Is(err, fs.ErrNotExist) && filepath.Base(c.NodeAuthFile) == ".cookie" {
		return cfg, &NodeError{Reason: NodeNoCookie, What: c.NodeAuthFile, Err: err}
	}
	if err != nil { // not what "no such name" exits with
		return cfg, &NodeError{Reason: NodeAuthFile, Err: err}
	}
	user, pass, ok := strings.Cut(strings.TrimRight(strings.TrimPrefix(string(b), textfile.Mark), "\r\n"), ":")
	if !ok || strings.ContainsAny(pass, "\r\n") {
		return cfg, &NodeError{Reason: NodeAuthForm, What: c.NodeAuthFile}
	}
	cfg.User, cfg.Pass = user, node.NewPassword(pass)
	return cfg, nil
}

// defaultRPCPort is where a node of the chosen network listens for RPC.
func (c *Config) defaultRPCPort(kind node.Kind) string {
	ports := map[string][2]string{ // btcd, bitcoind
		"mainnet": {"8334", "8332"},
		"testnet": {"18334", "18332"},
		"signet":  {"38334", "38332"},
		"regtest": {"18334", "18443"},
		"sandbox": {"18334", "18443"},
	}[c.Network]
	if kind == node.Bitcoind {
		return ports[1]
	}
	return ports[0]
}

// BlockFolder is the folder with a node's block files: the one that is named, or where a node keeps
// them below that.
func (c *Config) BlockFolder() (string, error) {
	if c.Node == "" {
		return "", &NodeError{Reason: NodeNoFolder}
	}
	if IsURL(c.Node) {
		return "", &NodeError{Reason: NodeIsURL, What: c.Node}
	}
	below := map[string]string{"testnet": "testnet3", "signet": "signet", "regtest": "regtest"}[c.Network]
	for _, dir := range []string{filepath.Join(c.Node, below, "blocks"), filepath.Join(c.Node, "blocks"), c.Node} {
		if _, err := os.Stat(filepath.Join(dir, "blk00000.dat")); err == nil {
			return dir, nil
		}
	}
	for _, dir := range []string{filepath.Join(c.Node, below, "blocks"), filepath.Join(c.Node, "blocks"), c.Node} {
		if later, err := filepath.Glob(filepath.Join(dir, "blk[0-9][0-9][0-9][0-9][0-9].dat")); err == nil && len(later) > 0 {
			return "", fmt.Errorf("block files in %s: blk00000.dat is not there: %w", dir, chain.ErrPruned)
		}
	}
	return "", &NodeError{Reason: NodeNoFiles, What: c.Node}
}

// NodeInPlaintext says that the values name a node that is not spoken to unless somebody asks for
// it.
func (f *Values) NodeInPlaintext() bool {
	if f.Node == nil || !IsURL(*f.Node) || f.NodeCertFile != nil || f.InsecureNode != nil && *f.InsecureNode {
		return false
	}
	host, _, err := nodeHost(*f.Node, "1")
	cfg := node.Config{Host: host}
	if f.Proxy != nil {
		cfg.Proxy, _ = dial.ParseProxy(*f.Proxy) // what is none was refused
	}
	return err == nil && cfg.Plaintext()
}
