// Package index turns Bitcoin blocks into the state of a registry and answers questions about it:
// who owns which name, which namespaces exist, how many tokens an account holds, and the consensus
// hash after every block (protocol 6 to 10).
//
//	raw block ─scan─▶ candidate transactions ─nameop.FromTx─▶ located operations ─rules.Apply─▶ changes and refusals ─▶ store
//
// The store is a bbolt file that can be deleted and built again from blocks; package store states
// its layout. Follow brings the store to the tip of a source of blocks, undoing blocks where the
// best chain changed. One process writes the file, others read it while it does not.
package index
