package commands

import (
	"context"
	"errors"
	"slices"
	"time"

	"blockstack/commands/voice"
	"blockstack/home/config"
	"blockstack/wallet"
	"blockstack/wallet/chainsync"
	"blockstack/wallet/keychain"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// walletConfig says where the wallet of the chosen network is.
func walletConfig(c *config.Config) wallet.Config {
	return wallet.Config{Keychain: c.KeychainFile(), Dir: c.NetworkPath(), Network: c.Net()}
}

// Wallet opens the wallet, locked, as it was at its last sync.
func (e *Env) Wallet(ctx context.Context) (*wallet.Wallet, error) {
	return e.rooms.wallet.get(ctx, e, func(context.Context) (*wallet.Wallet, func() error, error) {
		at := walletConfig(e.Config)
		at.Rebuilt = func(why error) {
			e.Out.Warn("what is known of your coins is looked for again in the chain; nothing of it is lost, it takes a while: %v", why)
		}
		w, err := wallet.Open(at)
		if err != nil {
			return nil, nil, err
		}
		if w.Proof() == wallet.ProofNone && !w.WatchOnly() {
			e.Out.Warn("the keychain has no list of this wallet's scripts yet, so what is shown as yours while it is locked is not proved; " +
				"the list is made at the next unlock: blockstack wallet address --check")
		}
		return w, w.Close, nil
	})
}

// SyncedWallet opens the wallet and brings its coins up to the tip of the chain; with --offline it is as it was.
func (e *Env) SyncedWallet(ctx context.Context) (*wallet.Wallet, error) {
	w, err := e.Wallet(ctx)
	if err != nil || e.Config.Offline {
		return w, err
	}
	n, err := e.Bitcoin(ctx)
	if err != nil {
		return nil, err
	}
	if err := e.watchSync(ctx, "wallet", w, n); err != nil {
		return nil, err
	}
	return w, nil
}

// syncWallet waits for another process that is syncing the same files.
func (e *Env) syncWallet(ctx context.Context, w *wallet.Wallet, b chainsync.Backend) error {
	return patiently(ctx, labels.ErrBusy, func() error { return w.Sync(ctx, b) })
}

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

// Reservations opens the journal and tells the wallet which coins unfinished jobs need. Until done is called nobody else
// can reserve coins or spend from this home, so it is called as late as possible and only around what spends.
func (e *Env) Reservations(ctx context.Context, w *wallet.Wallet) (done func() error, err error) {
	j, err := e.openJournal(ctx)
	if err != nil {
		return nil, err
	}
	if e.reserved, err = e.keepForJobs(ctx, w, j); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j.Close, nil
}

// reservedWallet is SyncedWallet for looking at: it knows which coins unfinished jobs need at this moment.
func (e *Env) reservedWallet(ctx context.Context) (*wallet.Wallet, error) {
	w, err := e.SyncedWallet(ctx)
	if err != nil {
		return nil, err
	}
	done, err := e.Reservations(ctx, w)
	if err != nil {
		return nil, err
	}
	return w, done()
}

// patience is how long a file that another of our processes holds is waited for.
const patience = 30 * time.Second

// patiently tries f again while its error is busy.
func patiently(ctx context.Context, busy error, f func() error) error {
	deadline := time.Now().Add(patience)
	for {
		err := f()
		if err == nil || !errors.Is(err, busy) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
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
