// Package peers reads the chain from ordinary nodes of the network that nobody has to trust or to
// run: headers, compact filters and blocks from them are enough to find coins and to send, not to
// follow names. The protocol is neutrino's; what is ours is that a disk that fails or files that
// were changed are errors and never the end of the process, that a question in the middle of a
// reorg gets an answer, and that what a peer loses is asked for again.
package peers
