// Package state is what the state of a registry consists of: the rows of names, namespaces,
// preorders and accounts, the operations that made them and why others were refused, and what
// follows from rows alone: how a name stands at a height, the text of an operation that is hashed,
// and the hashes (protocol 6, 7.2, 7.3).
//
// Rows are values: whoever changes one copies it. Nothing here reads a file or a block, so a proof
// can be checked with this package alone.
package state
