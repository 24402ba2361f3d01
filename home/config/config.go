package config

import "maps"

// Config is every choice that holds for a whole run: the file, over it the environment, over it
// what the run was given. It holds no secret.
type Config struct {
	// File is the configuration file, which need not exist.
	File string
	// Home is the folder of wallet, index and everything else on disk.
	Home string
	// Network is one of Networks.
	Network string
	// Registry is the file with the name rules; empty: the built-in rules of the network.
	Registry string
	// Sandbox is the home of the sandbox whose node is used; empty: Home.
	Sandbox string
	// Backend is where blocks come from, one of Backends or BackendPeers; empty: btcd where a node
	// is named, for money else peers.
	Backend string
	// Node is the URL of the node's RPC; empty: the sandbox's, or the default port on this machine.
	Node string
	// Peers are the only peers that are asked, HOST or HOST:PORT; empty: whoever is found.
	Peers []string
	// Proxy is the URL of the SOCKS5 proxy that connections go through; empty: none.
	Proxy string
	// NodeAuthFile is the file with the node's user:password; empty: none.
	NodeAuthFile string
	// NodeCertFile is the file with the node's TLS certificate; empty: the system's authorities.
	NodeCertFile string
	// InsecureNode lets a node on another machine be spoken to without TLS.
	InsecureNode bool
	// ZoneFiles are the folders and URLs where zone files are read from, in order.
	ZoneFiles []string
	// JournalCopy is the folder of the encrypted copy of the journal; empty: there is none.
	JournalCopy string
	// CopyOptional lets jobs go on when that copy cannot be written.
	CopyOptional bool
	// Confirmations is when a job counts as done; 0: the network's own (DoneConfirmations).
	Confirmations int
	// PasswordFile, PasswordFD and PasswordCommand say where the wallet password comes from;
	// PasswordFD is -1 when not given.
	PasswordFile    string
	PasswordFD      int
	PasswordCommand string
	// Offline forbids every network connection.
	Offline bool

	choices Values            // file, environment and flags laid over one another
	origin  map[string]string // key of the file → where its value came from
}

// What a backend may be beside the kinds of node.
const (
	BackendFiles = "files"    // a node's block and undo files, read directly
	BackendPeers = "neutrino" // ordinary peers
)

// Networks are the networks that can be chosen. The sandbox is regtest with a node of our own.
func Networks() []string { return []string{"mainnet", "testnet", "signet", "regtest", "sandbox"} }

// Backends are where blocks may come from: the kinds of node, and a node's block files.
func Backends() []string { return []string{"btcd", "bitcoind", BackendFiles} }

// Public reports whether the network is one that other people use.
func (c *Config) Public() bool { return c.Network != "sandbox" && c.Network != "regtest" }

// DoneConfirmations is how many confirmations make a job done.
func (c *Config) DoneConfirmations() int32 {
	switch {
	case c.Confirmations > 0:
		return int32(c.Confirmations)
	case c.Network == "sandbox":
		return 1
	}
	return 6
}

// Choices are the values in force, whatever they came from.
func (c *Config) Choices() Values { return c.choices }

// The origins of a value. A network that follows from a sandbox has the origin OriginSandbox.
const (
	OriginDefault = "default"
	OriginFile    = "file"
	OriginGiven   = "flag or environment"
	OriginSandbox = "--sandbox"
)

// Origin says where the value of a key came from; empty: the key has no value.
func (c *Config) Origin(key string) string { return c.origin[key] }

// Origins says it of every key that has a value.
func (c *Config) Origins() map[string]string { return maps.Clone(c.origin) }
