// Package index turns Bitcoin blocks into the state of a registry: who owns which name, which namespaces exist, how many tokens an
// account holds, and the consensus hash after every block (protocol 6 to 10).
//
//	raw block ─scan─▶ candidate transactions ─nameop.FromTx─▶ located operations ─Apply─▶ changes and refusals ─▶ store
//
// Apply is pure: it reads a State, takes one block's operations and gives the changes, without touching a file. The rules are one
// function per operation in rule_*.go. The store is a bbolt file that can be deleted and built again from blocks; store_schema.go
// states its layout. Follow brings the store to the tip of a source of blocks, undoing blocks where the best chain changed.
//
// Names of the reference's look-ups: L is the height before the block that is applied. Most rules ask about the state at L even
// after earlier operations of the same block (protocol 7.1).
package index
