package faults

import (
	"blockstack/commands/prompt"
	"blockstack/wallet"
	"blockstack/wallet/agent"
	"blockstack/wallet/backup"
	"blockstack/wallet/keychain"
	"blockstack/wallet/legacy"
)

// safetyErrors are the rows for old clients' files, backups and the agent.
func safetyErrors() []rule {
	return []rule{
		on(legacy.ErrWrongPassword, "wrong_password", "this is the password that was used in the old program; capitals, keyboard layout and spaces count"),
		on(legacy.ErrMalformed, "malformed"),
		on(legacy.ErrUnsupported, "malformed"),
		on(legacy.ErrBadKey, "malformed"),
		on(wallet.ErrBadSignature, "bad_signature", "the message must be the same to the last byte, line ends included"),
		on(wallet.ErrMessage, "malformed"),
		on(wallet.ErrNotOurs, "not_found", "list yours: blockstack wallet address, blockstack wallet coins"),
		on(agent.ErrNoAgent, "locked", "the agent ended meanwhile; run the same command again"),
		on(agent.ErrRunning, "conflict", "end it: blockstack wallet lock"),
		on(agent.ErrNoFolder, "file_access", "remove the folder, or give it back to yourself with mode 700"),
		on(keychain.ErrToken, "malformed"),
		on(agent.ErrUnsupported, "usage", "give the password with "+prompt.PasswordFlags),
		on(backup.ErrWrongPassword, "wrong_password", "a backup keeps the wallet password of the day it was made",
			"without it, the words bring back coins and names: blockstack wallet restore"),
		on(backup.ErrDamaged, "damaged", "copy it again from where it was written, and prove the copy: blockstack wallet backup-verify FILE",
			"without a whole backup, the words bring back coins and names: blockstack wallet restore"),
		on(backup.ErrNewer, "newer_version", "use the newer program; nothing is wrong with the file"),
		on(backup.ErrMalformed, "malformed"),
		on(backup.ErrExists, "conflict", "restore into another folder: --home DIR"),
		onBusy(backup.ErrBusy, "another blockstack command is using this home; try again when it is done"),
	}
}
