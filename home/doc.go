// Package home opens the rooms of one home on one network: configuration, node or peers, index,
// wallet, journal. It is what commands and servers stand on: no flags, no printing, no questions.
// It tells what happens through a Teller, and has keys opened through Keys.
//
// A Home is safe for many goroutines, and several processes can use one home at the same time. Who
// owns which file:
//
//   - index.db is nobody's for longer than a lease: it is open while requests use it, all requests
//     of a process share it, and after a second of use others get their turn. Every reader brings
//     it to the tip of the chain first, so there is no process that keeps it for others. A first
//     build, which takes hours on a public network, holds it; meanwhile the others end with
//     index.ErrBusy.
//   - journal.db is held around each step of a job and each payment, and that lock is what keeps
//     two requests from spending the same coins. Who also wants the index takes it first, so that
//     two of them never wait for each other.
//   - the headers of ordinary peers are leased like the index.
//   - wallet.db is held while it is brought to the tip. labels.db is opened for each reading and
//     writing.
package home
