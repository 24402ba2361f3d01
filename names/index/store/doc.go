// Package store keeps the state of a registry in a bbolt file: the form of each row, the checksum
// behind it, changes of many blocks that are written as a whole, what takes a block back, and the
// comparison of a file with its own operations. schema.go states the layout. Whoever opens the file
// hands in its transactions.
package store
