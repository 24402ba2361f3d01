// Package coins knows which outputs of the chain are ours.
//
// It wraps btcwallet, opened watch-only: account public keys and owner public
// keys go in, coins and history come out. No private key is ever here. What
// btcwallet does wrong is made good here:
//
//   - a reorg of two or more blocks is not rolled back by it: link.go repairs the
//     stores before it hears of a disconnected block;
//   - a reorg while the wallet is closed, a chain that became shorter, and a reorg
//     during a scan: align.go compares the recent blocks of our transactions with
//     the chain before and after every sync;
//   - recovery misses imported keys and later lists spent coins: it is never used.
//     Addresses are derived ahead of every sync instead, and when a used one lies
//     too close to the end the history is dropped and scanned again (settle.go);
//   - a replaced transaction stays in its books: the conflict is removed when the
//     replacement is recorded or seen (record.go);
//   - it forgets an unconfirmed transaction when sending it again fails for any
//     reason, also a lost connection: link.go never lets it send;
//   - it logs a write that failed, for want of space say, and goes on to the next block, so that a receipt is missing for good:
//     trackerdb.go stands between it and the file, and after the first failed write refuses all others. The sync ends with the
//     error, and the next one begins at the last block that is on the disk. A panic of its about damaged content ends there, too;
//   - it tries a failed step again for ever, and its clients wait without end for
//     a node that is away: attach.go and watch.go end such a connection.
//
// # Files
//
// wallet/wallet.db is btcwallet's own (its address and transaction managers). It
// can be deleted: the next sync builds it again. Beside it wallet.db.sum has the checksum of the file as it was closed: one that has
// changed since is built again. Its public passphrase is the
// word "public" and protects nothing; the file is mode 0600 because account
// public keys and history are private matters.
//
// labels.db (bbolt, 0600) holds what the seed and the chain cannot give back,
// and the public keys from which wallet.db is built. Numbers are big-endian; a
// branch is two bytes: purpose (44, 49, 84, 86; 1: owner keys, 2: revealer keys,
// 3: shared scripts, with the first of their keys) and 0 for receiving, 1 for
// change. "bucket: key -> value":
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
// The last ten are made when they are first needed.
//
// What accounts, keys, scripts, shared and counts say of scripts is a cache, which anybody may have written who can write
// the file. Scripts are derived from what Believe was given (derive.go), a row only says where to look, and Heal writes
// rows anew that say something else.
package coins
