// Package chaintest is Bitcoin in memory for other packages' tests: blocks with real headers,
// merkle roots and proof of work on regtest, a memory pool with standard relay rules, mining and
// reorgs. Bitcoin has the methods of chain.Node with the same answers; Suite holds the two together
// and both pass it.
//
// Transactions are fully checked: amounts, scripts, coinbase maturity, locks. Relay says how its
// memory pool is set, as that of a btcd or of a node of Bitcoin Core's: floors that move, full
// pools, rows of unconfirmed transactions, what a reorg brings back. The table there says which
// node shows which rule.
//
// What it leaves out of a node is what its users cannot see: the network, and rules that only very
// large or very old transactions meet.
package chaintest
