// Package send hands signed transactions to Bitcoin. A transaction is on disk before it leaves, and
// stays there while its fate is unknown: what is sent again is the same transaction, never a second
// one. It is forgotten only when a node of one's own refuses it.
package send
