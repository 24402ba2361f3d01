// Package chain is our connection to Bitcoin: where blocks come from, where
// transactions are sent to, and the client that the coin tracker follows.
//
// Node speaks JSON-RPC 1.0 over HTTP to a full node that the user trusts, btcd
// or bitcoind. Every call is bounded by its context, by a limit on the size of
// the answer, and by a short time for making the connection, so that a node
// that is switched off is an error at once (ErrUnreachable) and never a wait.
// What a node answers is checked as far as it can be: blocks and transactions
// must have the hash that was asked for.
//
// Peers are ordinary nodes of the network that nobody has to trust or to run:
// headers, compact filters and blocks from them are enough to find coins and to
// send, not to follow names. follower is the one client for both peers and
// bitcoind that the coin tracker follows; Proxy is the way around for every
// connection.
//
// Heights are int32, amounts satoshi (btcutil.Amount), fee rates satoshi per
// 1000 virtual bytes. What the node does not know is reported as unknown and
// never as 0.
package chain
