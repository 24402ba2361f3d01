// Package keychain is the only place where private keys exist.
//
// A keychain holds the entropy of one BIP 39 phrase, encrypted at rest. From it
// come, by BIP 32, the keys of every role:
//
//	m/44'/coin'/0'/branch/index   payments, P2PKH                  (BIP 44)
//	m/49'/coin'/0'/branch/index   payments, P2WPKH inside P2SH     (BIP 49)
//	m/84'/coin'/0'/branch/index   payments, P2WPKH                 (BIP 84)
//	m/86'/coin'/0'/branch/index   payments, P2TR key path          (BIP 86)
//	m/888'/0'/i'                  owner key i of a name, P2PKH
//	m/888'/1'/i'                  revealer key i of a namespace, P2PKH
//	m/888'/1'/i'/j                import key j of that namespace, P2PKH; not BIP 32 (ring.go)
//	m/888'/2'/0'                  opens sealed boxes, signs nothing (sealed.go)
//
// coin is 0 on mainnet and 1 elsewhere; branch is 0 for receiving and 1 for
// change. Owner and revealer keys are the same on every network. No BIP 39
// passphrase is used.
//
// Keys never leave: a *Key signs hashes, SignPSBT signs transactions, and both
// are zeroed when the keychain is locked.
//
// # The file
//
// One JSON object, mode 0600, at most 64 KiB, unknown members refused:
//
//	{
//	  "schema": "blockstack/keychain/v1",
//	  "id": HEX,                   16 random bytes, names this keychain; not derived from the seed
//	  "created": "2026-01-02T15:04:05Z",
//	  "cipher": "xchacha20-poly1305",
//	  "unlockers": [ {             1 to 8; each opens the same wrapping key
//	      "id": HEX,               8 random bytes
//	      "type": "password",      or "keyring": the password is a random one that the operating system keeps
//	      "kdf": {"name": "argon2id", "time": T, "memory_kib": M, "threads": P, "salt": BASE64},
//	      "nonce": BASE64,         24 bytes
//	      "wrapped_key": BASE64    the 32-byte wrapping key, sealed: 48 bytes
//	  } ],
//	  "nonce": BASE64,             24 bytes
//	  "sealed": BASE64             the secret records, sealed with the wrapping key
//	}
//
// The key of an unlocker is Argon2id(password, salt, T, M, P), 32 bytes
// (RFC 9106). Sealing is XChaCha20-Poly1305 with associated data: for a wrapped
// key the text "blockstack/keychain/v1 unlocker ID UNLOCKER", for the secret
// records "blockstack/keychain/v1 secret ID". T is 1 to 16, M is 8 to 1048576,
// P is 1 to 16 and the salt 16 to 64 bytes; T times M, summed over all unlockers,
// is at most 6291456, eight times the default. Larger values are refused before
// any memory is taken.
//
// A password of a person is taken in Unicode form NFKD, without a byte order mark
// before it. One that was written otherwise opens, too: after NFKD the bytes as
// typed, NFC, NFD and the bytes with the mark are tried, as far as they differ.
//
// The secret records are (type 1 byte, length 2 bytes big-endian, value)
// repeated, then zero bytes up to 128, so that the length of a phrase does not
// show:
//
//	1  BIP 39 entropy, 16 to 32 bytes; exactly one
//
// The file is written beside its place, synced, and renamed; Create never
// replaces an existing one.
package keychain
