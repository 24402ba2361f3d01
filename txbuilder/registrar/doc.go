// Package registrar carries out what takes more than one transaction or more than one block:
// registering a name, launching a namespace.
//
// A job is a persisted state machine. Its journal entry holds the request, the state, and the bytes
// of every transaction signed so far, so that it can be stopped at any moment, on any machine
// fault, and go on later without paying twice. The rules:
//
//   - Bytes before broadcast. A transaction is on disk before anybody else sees it. A restart sends
//     the same bytes again; there is no "sent" state, because sending again is harmless.
//   - Disk before memory. The next state is saved, and only then believed. If saving fails, the job
//     stops with the error.
//   - Never sign twice for one intention. If bytes exist, they are used. A newer consensus hash or
//     a higher fee is a new, recorded version that spends the same outpoint as input 0, so that
//     only one of them can ever confirm.
//   - A replacement pays for all that it evicts, and what a node refuses for its fee is made
//     dearer: by the stored version, then by one above the node's floor (build/fees.go, advance).
//   - Nothing new is signed for an intention that nobody shows to have been agreed to with this
//     seed: other programs can write into the journal (record/agreed.go).
//   - A stored version is not sent when one of its coins has paid for something else of ours since:
//     a reorg may open a finished job again (facts/lost.go).
//   - The chain and the index decide, not the journal. Confirmations and acceptance are asked for
//     at every step, so a reorg just means waiting again.
//
// What follows a preorder is signed in the same unlock and journalled with it, at the planned fee
// rate and at a higher one: the outpoint that it spends is known as soon as the preorder is signed.
// From then on a job needs no password unless fees rise above both.
//
// This package puts the parts together and is how others call them. Package step is pure: a job and
// what the chain shows (package facts) give the next action. Package advance performs actions in
// one loop for all kinds of jobs. The states and their arrows are drawn in step/drawing.go. What is
// stored stands in package job, its file in package journal.
package registrar
