// Package chaintest is Bitcoin in memory for other packages' tests: blocks with
// real headers, merkle roots and proof of work on regtest, a memory pool with
// standard relay rules, mining and reorgs. Bitcoin has the methods of
// chain.Node with the same answers; Suite holds the two together and both pass
// it.
//
// Transactions are fully checked: amounts, scripts, coinbase maturity, locks.
// What it leaves out of a node is what its users cannot see: the network, and
// rules that only very large or very old transactions meet.
package chaintest
