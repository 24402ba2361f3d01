// Package follow is the one client that the coin tracker follows the chain by, on top of a
// bitcoind, of a btcd whose chain is held to headers, or of peers.
package follow
