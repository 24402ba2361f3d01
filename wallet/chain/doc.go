// Package chain is what everything that reads Bitcoin's chain shares: what an answer is, what an
// error means, and the small interfaces of a source of blocks. Who is asked is a package of its
// own:
//
//	node        a full node that the user trusts, btcd or bitcoind, by JSON-RPC
//	peers       ordinary nodes of the network, which nobody has to trust or to run
//	blockfiles  the files of a full node, which may be stopped
//	follow      the client of the coin tracker, on top of a node or of peers
//	headers     the rules of headers, which all of them are held to
//
// Beside them stand the checks that need no source: a block is held to its hash (CheckBlock), the
// words of a refusal are read (Refusal), and recent fees are read out of blocks (RecentFeeRate).
// Template makes blocks for a test network.
//
// Heights are int32, amounts satoshi (btcutil.Amount), fee rates satoshi per 1000 virtual bytes.
// What a source does not know is reported as unknown and never as 0.
package chain
