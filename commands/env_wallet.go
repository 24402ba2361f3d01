package commands

import (
	"context"
	"slices"

	"blockstack/commands/voice"
	"blockstack/wallet"
	"blockstack/wallet/chainsync"
	"blockstack/wallet/keychain"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// UnlockedWallet is SyncedWallet with the password given.
func (e *Env) UnlockedWallet(ctx context.Context) (*wallet.Wallet, error) {
	w, err := e.SyncedWallet(ctx)
	if err != nil {
		return nil, err
	}
	return w, e.Unlock(ctx, w)
}

// Unlock makes the wallet sign: with the password that the configuration gives, else through a running agent, else with
// what the keyring of the system has, else with the password that it asks for.
func (e *Env) Unlock(ctx context.Context, w *wallet.Wallet) error {
	switch {
	case w.WatchOnly(): // no password helps
		return wallet.ErrNoKeychain
	case !w.Locked():
		return nil
	}
	if !e.HasPassword() {
		if ok, err := e.useAgent(ctx, w); ok || err != nil {
			return err
		}
		if ok, err := e.useKeyring(ctx, w); ok || err != nil {
			return err
		}
	}
	return e.unlockWith(ctx, w)
}

// unlocked says what an unlock found out about the files of the wallet.
func (e *Env) unlocked(w *wallet.Wallet, err error) error {
	if err != nil {
		return err
	}
	if n := w.Repaired(); n > 0 {
		e.Out.Warn("%s of labels.db did not say what your keys say about your scripts; they had no effect and were written anew: "+
			"another program has written there, or the file was damaged", voice.Count(n, "row"))
	}
	if why := w.ListError(); why != nil {
		e.Out.Warn("the list of your scripts in the keychain file could not be extended, so newer ones are not known while the wallet is locked: %v", why)
	}
	return nil
}

// walletErrors are the rows for wallet and keychain.
func walletErrors() []rule {
	const create = "make one: blockstack wallet create"
	return append(slices.Concat(safetyErrors(), watchErrors(), keyringErrors()), []rule{
		on(keychain.ErrWrongPassword, "wrong_password", "try again; capitals, keyboard layout and spaces count",
			"if it is lost, the words set a new one and keep everything else: blockstack wallet restore --new-password"),
		on(keychain.ErrLocked, "locked", "give the password with "+passwordFlags),
		on(keychain.ErrBadMnemonic, "malformed", "check every word against your copy, in order"),
		on(keychain.ErrEmptyPassword, "usage", "choose a password"),
		on(keychain.ErrExists, "conflict", "there is a wallet here; choose another folder with --home DIR"),
		on(wallet.ErrExists, "conflict", "there is a wallet here; choose another folder with --home DIR"),
		on(wallet.ErrScriptsChanged, "damaged", "nothing was signed; look at what is shown, and run the same command again",
			"if it comes again, another program writes into this home: move to another one with your words, blockstack wallet restore --home DIR"),
		on(wallet.ErrNotSigned, "damaged", "nothing was signed; what the chain says is looked at again by: blockstack wallet rescan",
			"if another program writes into this home, move to another one with your words: blockstack wallet restore --home DIR"),
		on(wallet.ErrListForged, "damaged", "the next unlock with the password makes it anew: blockstack wallet address --check"),
		on(wallet.ErrNoList, "locked", "give the password with "+passwordFlags),
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
		on(scripts.ErrBadScript, "usage"),
		on(wallet.ErrNeedKeys, "locked", "give the password with "+passwordFlags),
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
