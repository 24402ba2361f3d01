// Package names is the vocabulary of the Blockstack Naming System on Bitcoin: names, namespaces,
// records, hashes, prices and the parameters of a registry with their epochs. Everything in it is a
// value: no input or output, no clock. Time is a block height that is passed in.
//
// The rules follow the protocol as its last Bitcoin-anchored servers ran it; comments give the
// section of docs/protocol.md ("protocol 5.1"). Amounts are satoshi or microSTACKS, hashes are
// bytes in the order in which their hex text is written.
package names
