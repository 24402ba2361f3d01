// Package txbuilder turns an intention into a plan: an unsigned transaction as a PSBT (BIP 174,
// version 0) together with its fee, its burn and what each of its outputs is for, in words.
//
// There is one file per operation, saying which outputs it has, in which order, and whose coin must
// be the first input (sections 2, 3 and 17 of the protocol). Coin selection, fees and dust are here
// and nowhere else.
//
// Three things bind every name operation built here:
//
//   - Every input, and every output that the protocol looks at, change included, is P2PKH or P2SH
//     (protocol 2.2, 2.3). Anything else makes the transaction invisible to the name system, so it
//     is refused with a *ForbiddenScript that says why.
//   - Outputs are addressed by fixed index, so nothing reorders them.
//   - All inputs signal replacement (BIP 125, sequence 0xfffffffd), since a transaction that quotes
//     a consensus hash must be replaceable before the hash is too old.
//
// The package knows no database, no password and no node: coins come in through Coins, signatures
// through Signer, rules through names.Params.
package txbuilder
