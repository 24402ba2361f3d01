// Package rules judges name operations: Apply reads the state before a block, takes the operations
// of the block and gives what changes and what is refused (protocol 7 to 10). It touches no file.
//
// The rules are one function per operation in rule_*.go. Each is given what it asks: how names,
// namespaces and preorders stand, the quota, the consensus hashes that may be quoted, the token
// accounts. What they read is a State, with the changes of the block on top.
//
// Names of the reference's look-ups: L is the height before the block that is applied. Most rules
// ask about the state at L even after earlier operations of the same block (protocol 7.1).
package rules
