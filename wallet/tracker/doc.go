// Package tracker is wallet.db: the file of btcwallet, opened watch-only, and the guard around it.
//
// Account public keys and owner public keys go in, coins and history come out. The file can be
// deleted: the next sync builds it again. Its public passphrase is the word "public" and protects
// nothing; the mode is 0600 because account public keys and history are private matters. Beside it
// wallet.db.sum has the checksum of the file as it was closed: one that has changed since is built
// again (sum.go).
//
// btcwallet logs a write that failed, for want of space say, and goes on to the next block, so that
// a receipt is missing for good: DB stands between it and the file, and after the first failed
// write refuses all others (guard.go). A panic of its about damaged content ends there, too.
package tracker
