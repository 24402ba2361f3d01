package node

import (
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/storage/dial"
	"blockstack/wallet/chain"
	"blockstack/wallet/chain/headers"
)

// Kind says which program a node is; their RPC differs in places.
type Kind int

// The kinds of node that Dial can speak to.
const (
	Btcd Kind = iota
	Bitcoind
)

// String returns the program's name.
func (k Kind) String() string {
	switch k {
	case Btcd:
		return "btcd"
	case Bitcoind:
		return "bitcoind"
	}
	return fmt.Sprintf("kind %d", int(k))
}

// Config says how to reach a node.
type Config struct {
	Kind Kind
	Host string // host:port of the RPC server
	User string
	Pass Password
	// Cert is the PEM certificate (chain) that the node's TLS must present. Empty means plain HTTP,
	// which is refused for hosts that are not this machine unless AllowPlaintext is set: the
	// password would be readable on the way.
	Cert           []byte
	AllowPlaintext bool
	// Proxy is what a node on another machine is reached through.
	Proxy dial.Proxy
	Net   *chaincfg.Params
	// Headers are what the node's chain is held to. nil: its chain is believed, which is for a node
	// that this program has started itself, and for its tests.
	Headers *headers.Chain
	// HeadersProgress is told how far they are, when there is much to fetch; nil: nobody.
	HeadersProgress func(height, target int32)
}

// Password is an RPC password. It prints as a placeholder under every verb and cannot be
// marshalled. The zero value is the empty password.
type Password struct {
	// A function, because fmt prints the fields of values that it reaches through unexported fields
	// without asking their methods.
	reveal func() string
}

// NewPassword wraps a password.
func NewPassword(text string) Password {
	return Password{reveal: func() string { return text }}
}

// Reveal returns the password for a connection; the result must not be kept.
func (p Password) Reveal() string {
	if p.reveal == nil {
		return ""
	}
	return p.reveal()
}

// Format prints the placeholder under every verb.
func (p Password) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[password]")) }

// String returns the placeholder.
func (p Password) String() string { return "[password]" }

// MarshalText refuses: a password is never written out.
func (p Password) MarshalText() ([]byte, error) {
	return nil, errors.New("a password cannot be marshalled")
}

func (c *Config) check() error {
	if c.Net == nil {
		return errors.New("node: no network given")
	}
	if c.Kind != Btcd && c.Kind != Bitcoind {
		return fmt.Errorf("node: %s is not supported", c.Kind)
	}
	_, mapped, err := dial.ASCIIAddress(c.Host)
	if err != nil {
		return fmt.Errorf("node address %q: %w", chain.Clip(c.Host), err)
	}
	c.Host = mapped
	if !c.AllowPlaintext && c.Plaintext() {
		return fmt.Errorf("node %s: %w", c.Host, chain.ErrPlaintext)
	}
	return nil
}

// Plaintext says that whoever is on the way to the node can read the password and change the
// answers: it is on another machine, reached without TLS, and is no onion service behind the proxy.
func (c *Config) Plaintext() bool {
	host, _, err := dial.ASCIIAddress(c.Host)
	return err == nil && len(c.Cert) == 0 && !dial.IsLoopback(host) && !(c.Proxy.Used() && dial.IsOnion(host))
}
