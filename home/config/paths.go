package config

import "path/filepath"

// The places on disk. Their meaning is in docs/formats.md; what may be deleted is in the README.

// Path is a file or folder in the home.
func (c *Config) Path(elem ...string) string {
	return filepath.Join(append([]string{c.Home}, elem...)...)
}

// NetworkPath is a file or folder of the chosen network: each network has a wallet, a journal and
// an index of its own.
func (c *Config) NetworkPath(elem ...string) string {
	return c.Path(append([]string{c.Network}, elem...)...)
}

// KeychainFile is the encrypted seed, the same for all networks.
func (c *Config) KeychainFile() string { return c.Path("keychain") }

// WalletDir is btcwallet's watch-only store.
func (c *Config) WalletDir() string { return c.NetworkPath("wallet") }

// LabelsFile holds labels, frozen coins and counters.
func (c *Config) LabelsFile() string { return c.NetworkPath("labels.db") }

// JournalFile holds the jobs.
func (c *Config) JournalFile() string { return c.NetworkPath("journal.db") }

// ProfilesFile holds the newest profile seen of each owner.
func (c *Config) ProfilesFile() string { return c.NetworkPath("profiles.db") }

// IndexFile holds the name index.
func (c *Config) IndexFile() string { return c.NetworkPath("index.db") }

// PeersDir holds the headers of blocks and filters that peers gave.
func (c *Config) PeersDir() string { return c.NetworkPath("peers") }

// CacheDir holds zone files and profiles by hash.
func (c *Config) CacheDir() string { return c.Path("cache") }

// SandboxHome is the home whose sandbox is used.
func (c *Config) SandboxHome() string {
	if c.Sandbox != "" {
		return c.Sandbox
	}
	return c.Home
}

// HeadersFile keeps the headers that a node's chain is held to.
func (c *Config) HeadersFile() string { return c.NetworkPath("headers.dat") }

// OwnZoneFiles is the folder with the zone files of one's own names, by hash. It is read first.
func (c *Config) OwnZoneFiles() string { return c.NetworkPath("zonefiles") }

// LastBackupFile says when the last backup was written, and where to.
func (c *Config) LastBackupFile() string { return c.Path("last-backup.json") }

// SandboxDir is the folder of the sandbox's node.
func (c *Config) SandboxDir() string { return filepath.Join(c.SandboxHome(), "sandbox", "node") }
