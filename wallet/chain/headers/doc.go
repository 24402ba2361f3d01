// Package headers keeps the headers of the chain with the most work, each held to the rules of its
// network: that it follows the one before it, its difficulty (with every retarget since the first
// block), its proof of work, the median time of the eleven blocks before it, its version, and the
// checkpoints that chaincfg names. The rules themselves are those of btcd's package blockchain.
//
// What it cannot know is whether there is yet another chain with more work. On signet the signature
// of a block's maker (BIP 325) is not checked, and that a block's time is not far in the future is
// not, either: the clock here may be what is wrong.
//
// The headers lie in a file, which may be deleted at any time:
//
//	file   = *header           of the block at height n at offset 80*n
//	header = version (4) previous (32) merkle-root (32) time (4) bits (4) nonce (4)
//
// Nothing in the file is believed. When it is opened, everything from the last checkpoint on is
// checked as if it had come from a node; what lies below is checked to hang together with that
// before it is used. From the first header that does not fit on, the file counts as empty.
package headers
