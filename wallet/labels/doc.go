// Package labels is the book of labels of a wallet: labels.db.
//
// It holds what the seed and the chain cannot give back (labels, frozen and held coins, payments
// and the requests they answered, transactions that were sent), and the public keys from which
// wallet.db is built. The file is bbolt, mode 0600. Numbers are big-endian; a branch is two bytes:
// purpose (44, 49, 84, 86; 1: owner keys, 2: revealer keys, 3: shared scripts, with the first of
// their keys) and 0 for receiving, 1 for change. "bucket: key -> value":
//
//	meta:     "version"     -> 4 bytes, 2; rows have checksums since 2 (package dbfile)
//	meta:     "network"     -> name of the Bitcoin network ("mainnet", "regtest", …)
//	meta:     "keychain"    -> id of the keychain that signs; empty: none
//	meta:     "fingerprint" -> 4 bytes, as in a PSBT
//	meta:     "birthday"    -> 8 bytes, Unix seconds; nothing of ours is older
//	meta:     "gap"         -> 4 bytes, unused addresses after the last used one that are looked at
//	meta:     "rescan"      -> reason; present: wallet.db must be built again
//	meta:     "short"       -> present: owner or revealer keys must be derived ahead, which needs the password
//	meta:     "sealed"      -> 32 bytes, public half of the key that opens sealed boxes; missing in older files
//	meta:     "since"       -> 8 bytes, Unix seconds when this file was made: it remembers no payment before; missing in older files
//	accounts: purpose (1 byte) -> extended public key as text
//	counts:   branch        -> derived (4), used (4), next (4): numbers of keys derived, up to the
//	                           last one used on the chain, up to the last one handed out
//	keys:     branch index(4) -> script
//	scripts:  script        -> branch index(4) public key(33)
//	sent:     txid          -> a transaction of ours, raw, until it is 100 blocks deep
//	frozen:   txid vout(4)  -> reason; a coin that payments do not touch; it need not have come yet
//	labels:   type ":" ref  -> text; types and refs of BIP 329 ("tx:<txid>", "addr:<address>", "output:<txid>:<vout>")
//	payees:   name          -> Unix seconds (8) txid address; where the last payment to a name went
//	names:    txid address 0 -> the name that this transaction paid there
//	origins:  purpose (1 byte) -> fingerprint (4) steps (4 each); where an account of a watch-only wallet came from
//	shared:   index(4)      -> JSON: redeem_script (base64), label; a script that several keys sign
//	payments: txid          -> JSON: a payment as it was asked for (targets, amounts, request id) with its transaction; txid is that of
//	                           the unsigned transaction while a PSBT waits for signatures
//	requests: id            -> the key in payments of what answered the request; kept for ever
//	held:     txid vout(4)  -> JSON: holder, until (Unix seconds); a coin that a prepared payment waits for
//	replaced: txid          -> JSON: by (txid), time, tx; an unconfirmed transaction of ours that another one took the coins of
//	inputs:   txid          -> index (4 each); the inputs of a transaction in sent that spend coins of ours
//	void:     txid          -> Unix seconds (8); a transaction in sent that cannot be mined, since a coin that it spends is gone
//
// The last ten are made when they are first needed. Rows of accounts, counts, keys, scripts, shared
// and origins are written and read by package watched, all others here.
//
// What accounts, keys, scripts, shared and counts say of scripts is a cache, which anybody may have
// written who can write the file; package watched holds it to the keys.
package labels
