// Package legacy reads what the clients of 2014 to 2020 left behind: encrypted phrases (phrase.go),
// private keys as text (bundle.go) and the wallet file of the Python client (python.go). It writes
// none of them.
//
// Everything it reads is bounded before work is spent on it, authenticated before it is decrypted
// where the format allows that, and comes out as secret.Bytes or as keys that print as their public
// half.
package legacy
