// Package backup makes one encrypted file of everything that cannot be had again from the chain,
// and reads it back.
//
// # The file
//
//	backup  = head sealed
//	head    = "BSKBAK01" time(4) memory_kib(4) threads(1) salt(16) nonce(24)      57 bytes
//	sealed  = XChaCha20-Poly1305(key, nonce, archive) with head as associated data
//	key     = Argon2id(password, salt, time, memory, threads), 32 bytes (RFC 9106)
//	archive = a tar file (ustar) of regular files, the first of which is manifest.json
//
// Numbers are big-endian. A backup has at most 256 MiB. What the archive holds:
//
//	manifest.json        {"schema": "blockstack/backup/v2", "created": TIME, "files": {NAME: SHA-256 in hex}}
//	keychain             the keychain file, which is encrypted with its own passwords
//	config.json          the choices
//	NETWORK/labels.db    labels, frozen coins, counters, public keys
//	NETWORK/journal.db   jobs with their signed transactions
//	NETWORK/profiles.db  the newest profile and history seen of each owner
//	NETWORK/zonefiles.tar  the zone files of one's own names: a tar file of files HASH.txt
//
// Any other name, a file without its hash or with another, and a file twice are refused. Backups of
// schema "blockstack/backup/v1" have neither profiles nor zone files, and are read. The password is
// taken in Unicode form NFKD; other spellings open, too. The seed is thus under two encryptions;
// both open with the wallet password of the time of the backup.
package backup
