// Package agent keeps a keychain unlocked in a process of its own for a while, so
// that commands need not ask for the password each time. It signs; it never hands
// out a key. When its time is over, or it is told to, it zeroes the keys and ends.
//
// # The protocol
//
// A Unix socket, mode 0600, in a folder that only its owner can enter. Where the
// system says who is at the other end (Linux, macOS), anybody but the same user is
// sent away. One request for each connection, one answer, each one line of JSON of
// at most 8 MiB:
//
//	request = {"op": "status"}
//	        / {"op": "sign_psbt",  "psbt": BASE64}
//	        / {"op": "public_key", "path": PATH}
//	        / {"op": "sign_hash",  "path": PATH, "hash": 64HEX}
//	        / {"op": "sign_message", "path": PATH, "text": BASE64}   the legacy form; also P2PKH payment keys
//	        / {"op": "lock"}
//	answer  = {"error": CODE, "message": TEXT}
//	        / {"keychain": ID, "until": TIME}               status, lock
//	        / {"psbt": BASE64, "signed": N}
//	        / {"public_key": 66HEX}
//	        / {"signature": HEX}                            DER
//
// Paths are those of owner and revealer keys alone: a hash says nothing about what it
// spends, so keys of coins sign PSBTs only, after the checks of keychain.SignPSBT.
package agent
