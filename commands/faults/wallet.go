package faults

import (
	"slices"

	"blockstack/commands/fault"
	"blockstack/commands/prompt"
	"blockstack/wallet"
	"blockstack/wallet/chainsync"
	"blockstack/wallet/keychain"
	"blockstack/wallet/keyring"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// watchErrors are the rows for wallets without keys.
func watchErrors() []rule {
	return []rule{
		on(wallet.ErrNoKeychain, "watch_only",
			"do it in the home that has the keys; payments can be made here and signed there: blockstack pay TARGET AMOUNT --psbt FILE"),
		on(wallet.ErrNoAccount, "not_found", "see what is watched: blockstack wallet descriptors"),
		on(wallet.ErrPrivateDescriptor, "malformed",
			"give the public descriptors, which the other wallet shows with: blockstack wallet descriptors",
			"a file with private keys belongs into no wallet that only looks"),
		onType("malformed", func(e *wallet.DescriptorError, f *fault.Fault) {
			if e.Sum != "" {
				f.Hint("compare the line with its source; only when it is what you mean, its checksum is #%s", e.Sum)
			}
		}),
		on(wallet.ErrDescriptor, "malformed", "what is understood is in docs/formats.md under descriptors"),
	}
}

// keyringErrors are the rows for the keyring of the system.
func keyringErrors() []rule {
	return []rule{
		on(keyring.ErrUnavailable, "no_keyring", "nothing was changed; the password opens the wallet as before",
			"for a while without a password: blockstack wallet unlock"),
	}
}

// walletErrors are the rows for wallet and keychain.
func walletErrors() []rule {
	const create = "make one: blockstack wallet create"
	return append(slices.Concat(safetyErrors(), watchErrors(), keyringErrors()), []rule{
		on(keychain.ErrWrongPassword, "wrong_password", "try again; capitals, keyboard layout and spaces count",
			"if it is lost, the words set a new one and keep everything else: blockstack wallet restore --new-password"),
		on(keychain.ErrLocked, "locked", "give the password with "+prompt.PasswordFlags),
		on(keychain.ErrBadMnemonic, "malformed", "check every word against your copy, in order"),
		on(keychain.ErrEmptyPassword, "usage", "choose a password"),
		on(keychain.ErrExists, "conflict", "there is a wallet here; choose another folder with --home DIR"),
		on(wallet.ErrExists, "conflict", "there is a wallet here; choose another folder with --home DIR"),
		on(wallet.ErrScriptsChanged, "damaged", "nothing was signed; look at what is shown, and run the same command again",
			"if it comes again, another program writes into this home: move to another one with your words, blockstack wallet restore --home DIR"),
		on(wallet.ErrNotSigned, "damaged", "nothing was signed; what the chain says is looked at again by: blockstack wallet rescan",
			"if another program writes into this home, move to another one with your words: blockstack wallet restore --home DIR"),
		on(wallet.ErrListForged, "damaged", "the next unlock with the password makes it anew: blockstack wallet address --check"),
		on(wallet.ErrNoList, "locked", "give the password with "+prompt.PasswordFlags),
		on(keychain.ErrNewer, "newer_version", "use the newer program; nothing is wrong with the file"),
		on(keychain.ErrMalformed, "damaged", "make it again from the words, and everything else stays: blockstack wallet restore --new-password",
			"or bring it back from a backup into another folder: blockstack wallet restore --backup FILE --home DIR"),
		on(wallet.ErrOtherWords, "conflict", "restore them into another folder: --home DIR", "or give the words of this wallet: blockstack wallet restore"),
		on(wallet.ErrOtherKeychain, "damaged", "bring back the keychain file that belongs to this home",
			"or make it again from the words: blockstack wallet restore --new-password"),
		on(wallet.ErrKeychainLost, "not_found", "make it again from the words, and labels and jobs stay: blockstack wallet restore",
			"or bring it back from a backup: blockstack wallet restore --backup FILE"),
		on(wallet.ErrNotFound, "not_found", create),
		on(keychain.ErrNotFound, "not_found", create),
		onBusy(wallet.ErrBusy, "another blockstack command is using this home; try again when it is done"),
		on(wallet.ErrGap, "usage", "use the addresses that were handed out first: blockstack wallet address"),
		on(labels.ErrBadLabel, "usage"),
		onType("usage", func(e *labels.BadRef, f *fault.Fault) {
			if e.Coin {
				f.Hint("list your coins: blockstack wallet coins")
			}
		}),
		on(scripts.ErrBadScript, "usage"),
		on(wallet.ErrNeedKeys, "locked", "give the password with "+prompt.PasswordFlags),
		on(wallet.ErrUnknownTx, "not_found"),
		on(wallet.ErrNotHeld, "not_found", "list what is held: blockstack wallet coins --reserved", "the coins of a job are freed by: blockstack job cancel JOB"),
		on(wallet.ErrHeld, "conflict", "see what holds it: blockstack wallet coins --reserved"),
		on(wallet.ErrKnownRequest, "conflict", "run the same command again"),
		on(wallet.ErrUnknownCoin, "not_found", "list your coins: blockstack wallet coins"),
		on(labels.ErrNetwork, "wrong_network", "choose the network with --network"),
		on(chainsync.ErrDisconnected, "unreachable", "check that the node runs, then run the same command again"),
		on(chainsync.ErrUnstable, "unreachable", "run the same command again"),
		on(labels.ErrNewer, "newer_version", "use the newer program; nothing is wrong with the file"),
		on(labels.ErrMalformed, "damaged", "the keychain is not affected; a damaged wallet.db is built again by: blockstack balance",
			"for a damaged labels.db: bring it back from a backup, or move it away and run: blockstack wallet create"),
	}...)
}
