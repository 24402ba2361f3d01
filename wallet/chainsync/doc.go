// Package chainsync brings wallet.db up to date with the chain.
//
// It runs btcwallet on a connection to a node or to peers. What btcwallet does wrong is made good
// here:
//
//   - a reorg of two or more blocks is not rolled back by it: link.go repairs the stores before it
//     hears of a disconnected block;
//   - a reorg while the wallet is closed, a chain that became shorter, and a reorg during a scan:
//     align.go compares the recent blocks of our transactions with the chain before and after every
//     sync;
//   - recovery misses imported keys and later lists spent coins: it is never used. Addresses are
//     derived ahead of every sync instead, and when a used one lies too close to the end the
//     history is dropped and scanned again (learn.go);
//   - a replaced transaction stays in its books: the conflict is removed when the replacement is
//     recorded (package tracker, unmined.go) or seen (link.go);
//   - it forgets an unconfirmed transaction when sending it again fails for any reason, also a lost
//     connection: link.go never lets it send, resend.go does;
//   - it goes on after a write that failed: the sync ends with the error of package tracker, and
//     the next one begins at the last block that is on the disk;
//   - what its client loses, or does not live to tell, it never learns: keep.go makes a connection
//     that stands still below the tip anew;
//   - it tries a failed step again for ever, and its clients wait without end for a node that is
//     away: wait.go and watch.go end such a connection.
package chainsync
