// Package node speaks JSON-RPC 1.0 over HTTP to a full node that the user trusts, btcd or bitcoind.
//
// Every call is bounded by its context, by a limit on the size of the answer, and by a short time
// for making the connection, so that a node that is switched off is an error at once
// (chain.ErrUnreachable) and never a wait. What a node answers is checked as far as it can be:
// blocks and transactions must have the hash that was asked for, and where headers are kept, the
// chain must be theirs.
//
// A Node has roles, each a type with what it needs: link asks, headerSync and bestChain hold blocks
// to headers, knowledge says what the node can know, transactions looks up, sending broadcasts,
// fees asks for rates, operation is for a node of our own.
package node
