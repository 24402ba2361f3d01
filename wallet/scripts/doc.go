// Package scripts says which output scripts follow from the public keys of a wallet.
//
// It reads no file: a Deriver is given account keys, the public keys of owners and revealers, and
// the scripts that several keys sign (Public), and makes from them what is ours. No private key is
// ever here.
package scripts
