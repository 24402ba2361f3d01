// Package agent keeps a keychain unlocked in a process of its own for a while, so that commands
// need not ask for the password each time. It signs; it never hands out a key. When its time is
// over, or it is told to, it zeroes the keys and ends.
//
// # The protocol
//
// A Unix socket, mode 0600, in a folder that only its owner can enter (place.go). Where the system
// says who is at the other end (Linux, macOS), anybody but the same user is sent away. One request
// for each connection, one answer, each one line of JSON of at most 8 MiB:
//
//	request = {"op": "status"}
//	        / {"op": "sign_psbt",    "psbt": BASE64}
//	        / {"op": "public_key",   "path": PATH}
//	        / {"op": "sign_token",   "path": PATH, "header": BASE64, "payload": BASE64}
//	        / {"op": "sign_message", "path": PATH, "text": BASE64}   the legacy form
//	        / {"op": "mark",         "text": BASE64}         what the user has agreed to
//	        / {"op": "vouch", "digest": BASE64, "mac": BASE64}   of the list of scripts in the keychain file
//	        / {"op": "lock"}
//	answer  = {"error": CODE, "message": TEXT}
//	        / {"keychain": ID, "until": TIME}               status, lock
//	        / {"psbt": BASE64, "signed": N}
//	        / {"public_key": 66HEX}
//	        / {"public_key": 66HEX, "signature": HEX}       DER
//	        / {"mark": BASE64}                              keychain.Mark, 32 bytes
//	        / {"vouched": true}                             a holder of the password wrote that list; else {}
//
// The agent builds what it signs; there is no way to have it sign a hash, which says nothing about
// what it spends:
//
//   - a PSBT, with every key of the wallet, after the checks of keychain.SignPSBT;
//   - a token (keychain.TokenHash), with owner keys;
//   - a message (keychain.MessageHash), with owner and revealer keys and those of P2PKH addresses.
//     BIP 322 is a PSBT.
//
// # When it ends
//
// Before each act, and every two seconds, all clocks are read; whichever says first that the time
// is over ends it (term): a machine that sleeps past the end finds it locked, and so does one whose
// clock is set. It ends as well when its socket is gone. Of 16 connections the oldest that has not
// asked gives way to a new one. A request that meets a bug is answered with an error, and the agent
// goes on.
package agent
