// Package sandbox runs a real Bitcoin full node (btcd) on regtest on this machine, mines on it,
// reorganises its chain, hands out its coins, and keeps its chain between runs.
//
// Everything is in one folder; nothing is written outside of it:
//
//	state.json     what is running and the sandbox's secrets (0600; grammar above State)
//	btcd.conf      the node's configuration, with the RPC password (0600)
//	blocks.log     the best chain (grammar above blockLog); btcd deletes its own
//	               regtest chain at every start, so this one is replayed into it
//	mempool.json   unconfirmed transactions, kept over a stop
//	registry.json  whatever the caller keeps here; not read by this package
//	lock           held while a command changes any of this
//	data/ log/ home/ node.err   the node's own
//
// The node obeys standard relay rules, has a transaction index, and listens for RPC and peers on
// ports of 127.0.0.1 that are picked at the first start and kept while they are free. It outlives
// the process that started it. No process is ever signalled that is not provably the node that was
// started: process number, start time and program must all be the recorded ones.
//
// On macOS btcd looks up its home folder without asking the environment and makes an empty one
// there; on Linux it is given one inside the folder.
package sandbox
