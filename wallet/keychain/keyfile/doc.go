// Package keyfile is the file that a keychain is kept in: its form, how it is sealed under
// passwords, and the list of scripts that can be read without one.
//
// # The file
//
// One JSON object, mode 0600, at most 4 MiB, unknown members refused:
//
//	{
//	  "schema": "blockstack/keychain/v2",   v1: the same without "scripts"
//	  "id": HEX,                   16 random bytes, names this keychain; not derived from the seed
//	  "created": "2026-01-02T15:04:05Z",
//	  "cipher": "xchacha20-poly1305",
//	  "scripts": {                 what a wallet that is locked believes of its own keys
//	    "fingerprint": HEX,        of the root key, 4 bytes
//	    "sealed_key": BASE64,      public half of the key that opens sealed boxes
//	    "owners": BASE64,          public keys m/888'/0'/i' from 0 on, 33 bytes each
//	    "revealers": BASE64,       public keys m/888'/1'/i' from 0 on
//	    "homes": { NAME: {         by the folder of a wallet
//	      "accounts": {"44": XPUB, …},   of the payment accounts, by purpose
//	      "gap": N,                unused keys in a row that end a search, 1 to 10000
//	      "sets": [BASE64, …]      redeem scripts that several keys sign
//	    } },
//	    "mac": BASE64              32 bytes, see scripts.go
//	  },
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
// The list of scripts can be read without the password and is written at an unlock alone. Its MAC
// is under a key that follows from the wrapping key and is checked at every unlock, when its keys
// are derived from the seed as well. Until then a reader believes the file: who can rewrite it can
// name other scripts to a wallet that is locked, up to the next unlock, which finds that out and
// makes the list anew. Nothing is signed in between.
//
// The key of an unlocker is Argon2id(password, salt, T, M, P), 32 bytes (RFC 9106). Sealing is
// XChaCha20-Poly1305 with associated data: for a wrapped key the text "blockstack/keychain/v1
// unlocker ID UNLOCKER", for the secret records "blockstack/keychain/v1 secret ID". T is 1 to 16, M
// is 8 to 1048576, P is 1 to 16 and the salt 16 to 64 bytes; T times M, summed over all unlockers,
// is at most 6291456, eight times the default. Larger values are refused before any memory is
// taken.
//
// A password of a person is taken in Unicode form NFKD, without a byte order mark before it. One
// that was written otherwise opens, too: after NFKD the bytes as typed, NFC, NFD and the bytes with
// the mark are tried, as far as they differ.
//
// The secret records are (type 1 byte, length 2 bytes big-endian, value) repeated, then zero bytes
// up to 128, so that the length of a phrase does not show:
//
//	1  BIP 39 entropy, 16 to 32 bytes; exactly one
//
// The file is written beside its place, synced, and renamed; Create never replaces an existing one.
package keyfile
