// Package snv proves to somebody without an index who owned a name at a height, from one consensus
// hash that he trusts. It goes further than the simplified name verification of protocol 11, which
// shows that an operation was accepted at one height: here no later operation can have been left
// out.
//
// # What is proven
//
// Given the rules of a registry and a trusted pair (C, H), where C is the consensus hash of height
// H: "at H the name N has owner A, zone-file hash Z and status S". What a proof must show for that,
// and why nothing less will do:
//
//  1. The last operation on N. The serialization that is hashed holds the whole record of a name
//     after the operation (NAMEREC of protocol 6.3): owner script, zone-file hash, revoked or not,
//     first registration, last renewal. Registration, renewal, update, transfer, revocation and
//     import all begin with NAMEREC, and nothing else changes the record of a name. So one
//     operation, accepted at height h, is the record of N, if it is the last one on N up to H. A
//     preorder does not touch N, and a registration after expiry is an operation on N like any
//     other.
//
//  2. That it is the last one. The proof therefore holds every serialized operation of every block
//     h, h+1, ..., H. The verifier looks through all of them. Among those of block h the one with
//     the highest position in the block counts.
//
//  3. That these are all of them. The consensus hash of block k is a function of the ops hash of k
//     and of the consensus hashes of k-1, k-3, k-7, ... down to the first block (protocol 6.1), and
//     the ops hash is a function of all serialized operations of k. The verifier computes both
//     himself, upwards: for k = h, ..., H the ops hash from the operations, and the consensus hash
//     from it and the earlier hashes. Those of heights h and above are his own results; those below
//     h that the formula reaches (the skip list reaches back from every height of the range, so
//     there are about as many as blocks, not just a few) stand in the proof, unchecked. The last
//     result must be C. By induction downwards from H, two different sets of inputs with the same C
//     are a collision: either all ops hashes and all earlier hashes are the true ones, or somebody
//     has found one. And a true ops hash has no second list of operations either.
//
//     This needs the number of inputs to be fixed, not chosen by the prover of the proof: it
//     follows from k and the first block. It needs the leaves under an ops hash to be unambiguous.
//     The tree repeats the last element of an odd row, so that a list with its last element doubled
//     has the same root (CVE-2012-2459): operations must stand in strictly ascending order of their
//     positions in the block, which the serialization holds, so no operation appears twice. An
//     inner node cannot pass for a leaf nor a leaf for an inner node: leaves enter the tree
//     byte-reversed, inner nodes do not, and what is hashed for a leaf must be a well-formed
//     operation, of which the shortest is longer than the 64 bytes under an inner node. A block
//     without operations has one leaf, the hash of nothing; that no operation serializes to nothing
//     keeps it apart from all other lists. In a consensus hash, 16-byte items stand beside one of
//     32 bytes, so the border between two neighbours could be moved; the item that this makes of 32
//     bytes would have to be the ops hash of operations that somebody knows, which is a preimage of
//     256 bits.
//
//  4. The namespace of N, for expiry: ready block and lifetime. A ready operation (!) holds both.
//     An id is made ready at most once, ever, because reveal and ready are both refused afterwards
//     (protocol 8.8, 8.9): so any accepted ! of the id is the one. If there is one in blocks h..H
//     the verifier has seen it. Otherwise the proof shows the block r < h that has it, by the walk
//     of protocol 11: from the lowest height above r whose consensus hash is already established,
//     down the skip list, one ops hash and the list of earlier consensus hashes per step, each
//     checked against the hash that is known; at r all operations of the block. That takes about
//     log2(h-r) steps.
//
//     A name whose last operation is an import may belong to a namespace that is not ready. Its
//     ready operation cannot be before the import (protocol 8.6) and would have been seen after it,
//     so then none exists up to H, and what counts is the reveal (&), the last one in h..H or else
//     the one in force at h-1. A reveal at r was in force at h-1 if r <= h-1 < r + lifetime of
//     reveals; no other can have been accepted in that time, so it is the one. For every other last
//     operation the namespace was ready at h.
//
// Status and deadlines are then computed by the same function as in the index, with the epoch of H.
// A name that is revoked or expired at H is proven to be so. That N was never registered is not
// provable here: it would take every block from the first.
//
// # What a block hash proves
//
// The proof also carries the transactions of the operations on N, each with its merkle branch, and
// the headers of all blocks from the first of them to H. With a trusted hash of block H these
// transactions are in the chain. That says nothing about ownership: Bitcoin does not check
// operations, and whoever is refused by the name rules still has his transaction in a block. So a
// [Statement] from a block hash alone says Inclusion and not Ownership.
//
// A branch must end in the header's merkle root, at the depth and position that it claims. Three
// tricks are refused. A transaction of exactly 64 bytes, which could be an inner node; an inner
// node that reads as a transaction, since below a 64-byte transaction in the block a false branch
// could go on; and a branch in which a right-hand node equals its sibling, which gives a
// transaction a second position. Every header must have the work that it claims, and follow the one
// before.
//
// With a consensus hash the transactions add a second, independent lock. The last operation's
// transaction must have the txid and the position that its serialization says, and must say the
// same: name, zone-file hash, new owner. With both kinds of trust an attacker needs a forged
// operation with real work upon it as well as a forged consensus hash.
//
// # How strong it is
//
// A consensus hash has 128 bits. To find a second history for a given C takes 2^128 work. To make
// two histories with one C in advance takes 2^64, but the attacker must know the consensus hash of
// the block before, fill the block himself, and be done before it is mined. Whoever fears that
// trusts a block hash too. What is never proven is that C belongs to H, nor that it is of the chain
// with the most work: that is what the user trusts. Heights are relative to H.
//
// Nothing in a proof is believed before the last comparison; what is reported comes from the
// verifier's own computation.
package snv
