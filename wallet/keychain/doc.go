// Package keychain is the only place where private keys exist.
//
// A keychain holds the entropy of one BIP 39 phrase, encrypted at rest. From it come, by BIP 32,
// the keys of every role:
//
//	m/44'/coin'/0'/branch/index   payments, P2PKH                  (BIP 44)
//	m/49'/coin'/0'/branch/index   payments, P2WPKH inside P2SH     (BIP 49)
//	m/84'/coin'/0'/branch/index   payments, P2WPKH                 (BIP 84)
//	m/86'/coin'/0'/branch/index   payments, P2TR key path          (BIP 86)
//	m/888'/0'/i'                  owner key i of a name, P2PKH
//	m/888'/1'/i'                  revealer key i of a namespace, P2PKH
//	m/888'/1'/i'/j                import key j of that namespace, P2PKH; not BIP 32 (ring.go)
//	m/888'/2'/0'                  opens sealed boxes and makes marks, signs nothing (sealed.go)
//
// coin is 0 on mainnet and 1 elsewhere; branch is 0 for receiving and 1 for change. Owner and
// revealer keys are the same on every network. No BIP 39 passphrase is used.
//
// Keys never leave: a *Key signs hashes, SignPSBT signs transactions, and both are zeroed when the
// keychain is locked.
//
// Its parts are hdpath (paths and their scripts), seedphrase (BIP 39) and keyfile (the file, its
// sealing, the list of scripts). Nobody else imports them; what others need of them has a name here
// (front.go).
package keychain
