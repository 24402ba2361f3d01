package commands

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/headers"
	"blockstack/wallet/sandbox"
)

// maxAuthFile bounds the file with the node's user and password, and its certificate.
const maxAuthFile = 64 << 10

// SandboxDir is the folder of the sandbox's node.
func (c *Config) SandboxDir() string { return filepath.Join(c.SandboxHome(), "sandbox", "node") }

// Sandbox connects to the running sandbox.
func (e *Env) Sandbox(ctx context.Context) (*sandbox.Sandbox, error) {
	return e.rooms.sandbox.get(ctx, e, func(ctx context.Context) (*sandbox.Sandbox, func() error, error) {
		s, err := sandbox.Open(ctx, e.Config.SandboxDir())
		if err != nil {
			return nil, nil, err
		}
		return s, func() error { s.Close(); return nil }, nil
	})
}

// reconnect forgets the connection to the node: it may have come back at another address.
func (e *Env) reconnect() {
	if e.rooms.sandbox.open {
		e.rooms.sandbox.value.Close()
	}
	e.rooms.sandbox, e.rooms.node, e.rooms.blocks = lazy[*sandbox.Sandbox]{}, lazy[*chain.Node]{}, lazy[chain.Blocks]{}
}

// Node connects to the Bitcoin node.
func (e *Env) Node(ctx context.Context) (*chain.Node, error) {
	return e.rooms.node.get(ctx, e, func(ctx context.Context) (*chain.Node, func() error, error) {
		if e.Config.Offline {
			return nil, nil, fault("unreachable", "--offline forbids to ask a node")
		}
		if e.Config.Network == "sandbox" {
			s, err := e.Sandbox(ctx)
			if err != nil {
				return nil, nil, err
			}
			return s.Chain(), nil, nil
		}
		switch e.Config.Backend {
		case backendPeers:
			return nil, nil, peersAlone()
		case backendFiles:
			return nil, nil, fault("unreachable", "block files show blocks, but this needs a node: to send, to estimate fees or to find coins").
				hint("name one: --backend btcd|bitcoind --node URL --node-auth-file FILE; the index goes on from where it is")
		}
		cfg, err := e.Config.nodeConfig()
		if err != nil {
			return nil, nil, err
		}
		if cfg.Headers, err = headers.Open(e.Config.HeadersFile(), cfg.Net); err != nil {
			return nil, nil, err
		}
		shown := e.Out.Progress("headers", "blocks")
		cfg.HeadersProgress = func(at, target int32) {
			if target-at >= fewHeaders {
				shown.Update(int64(at), int64(target))
			}
		}
		n, err := chain.Dial(ctx, cfg)
		if err == nil {
			_, _, err = n.Tip(ctx) // which brings the headers to the tip
		}
		shown.Done()
		if err != nil {
			return nil, nil, errors.Join(err, cfg.Headers.Close())
		}
		return n, func() error { n.Close(); return cfg.Headers.Close() }, nil
	})
}

// fewHeaders are fetched so quickly that nothing is said about it.
const fewHeaders = 5000

// HeadersFile keeps the headers that a node's chain is held to.
func (c *Config) HeadersFile() string { return c.NetworkPath("headers.dat") }

// nodeConfig says how to reach the node that the configuration names.
func (c *Config) nodeConfig() (chain.Config, error) {
	cfg := chain.Config{Kind: chain.Btcd, Net: c.Net()}
	switch {
	case c.Node == "" && c.NodeAuthFile == "":
		return cfg, noNode()
	case c.Node != "" && !isURL(c.Node):
		return cfg, usagef("--node %s is not the URL of a node", c.Node).hint("give one, such as http://127.0.0.1:8332; or, where it is the folder of a node, read its block files with --backend files")
	}
	if c.Backend == "bitcoind" {
		cfg.Kind = chain.Bitcoind
	}
	host, https, err := nodeHost(c.Node, c.defaultRPCPort(cfg.Kind))
	if err != nil {
		return cfg, err
	}
	cfg.Host, cfg.Proxy, cfg.AllowPlaintext = host, c.proxy(), c.InsecureNode
	if https && c.NodeCertFile == "" {
		return cfg, usagef("--node %s: https needs the node's certificate", c.Node).hint("name it with --node-cert-file FILE")
	}
	if c.NodeCertFile != "" {
		if cfg.Cert, err = readSmallFile(c.NodeCertFile); err != nil {
			return cfg, fault("bad_config", "node certificate: %v", err).because(err).hint("it is where --node-cert-file or node_cert_file says")
		}
	}
	if c.NodeAuthFile == "" {
		return cfg, fault("unreachable", "the node at %s asks for a user and a password, and none is given", host).
			hint("write user:password into a file with mode 600 and name it with --node-auth-file FILE").
			hint("or try everything on a chain of your own: blockstack sandbox start")
	}
	b, err := readSmallFile(c.NodeAuthFile)
	if errors.Is(err, fs.ErrNotExist) && filepath.Base(c.NodeAuthFile) == ".cookie" {
		return cfg, fault("unreachable", "%s is not there, and a bitcoind has it only while it runs", c.NodeAuthFile).because(err).
			hint("start the node; or name its cookie where it is")
	}
	if err != nil { // not what "no such name" exits with
		return cfg, fault("bad_config", "node password file: %v", err).because(err).hint("it is where --node-auth-file or node_auth_file says")
	}
	user, pass, ok := strings.Cut(strings.TrimRight(strings.TrimPrefix(string(b), byteOrderMark), "\r\n"), ":")
	if !ok || strings.ContainsAny(pass, "\r\n") {
		return cfg, usagef("%s does not hold one line user:password", c.NodeAuthFile)
	}
	cfg.User, cfg.Pass = user, chain.NewPassword(pass)
	return cfg, nil
}

// nodeHost takes host and port out of a node's URL; empty is this machine.
func nodeHost(text, defaultPort string) (host string, https bool, err error) {
	if text == "" {
		return net.JoinHostPort("127.0.0.1", defaultPort), false, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" || u.Hostname() == "" || !validPort(u.Port()) {
		return "", false, usagef("--node: not a URL of the form http://HOST:PORT")
	}
	if u.User != nil {
		return "", false, fault("secret_in_arguments", "--node holds a user or password").hint("put user:password into a file and name it with --node-auth-file FILE")
	}
	port := u.Port()
	if port == "" {
		port = defaultPort
	}
	return net.JoinHostPort(u.Hostname(), port), u.Scheme == "https", nil
}

// validPort reports whether a URL's port is one; none is.
func validPort(port string) bool {
	n, err := strconv.Atoi(port)
	return port == "" || err == nil && n > 0 && n < 1<<16
}

// defaultRPCPort is where a node of the chosen network listens for RPC.
func (c *Config) defaultRPCPort(kind chain.Kind) string {
	ports := map[string][2]string{ // btcd, bitcoind
		"mainnet": {"8334", "8332"},
		"testnet": {"18334", "18332"},
		"signet":  {"38334", "38332"},
		"regtest": {"18334", "18443"},
		"sandbox": {"18334", "18443"},
	}[c.Network]
	if kind == chain.Bitcoind {
		return ports[1]
	}
	return ports[0]
}

// readSmallFile reads a file that cannot sensibly be large.
func readSmallFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxAuthFile {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, maxAuthFile)
	}
	return os.ReadFile(path)
}
