package unlock

import (
	"context"
	"fmt"
	"io"

	"blockstack/home/config"
	"blockstack/wallet"
	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// Ask asks somebody for a password. Its error ends the asking.
type Ask func(ctx context.Context) (*secret.Bytes, error)

// Teller hears what a person should know of the keys. A home's Teller is one.
type Teller interface {
	// Warn tells of something that may be wrong.
	Warn(format string, args ...any)
	// Note tells of something that was done without being asked for.
	Note(format string, args ...any)
}

// Ports are what Keys need of whoever uses them.
type Ports struct {
	// Ask asks for the wallet password; nil: nobody can be asked.
	Ask Ask
	// Tell is told what was found out.
	Tell Teller
	// In is where a password file called - is read from; nil: there is none.
	In io.Reader
	// CommandErrors gets what a password command says beside the password; nil: nobody does.
	CommandErrors io.Writer
	// Cost is what a try of the password is to cost; zero: keychain.DefaultCost.
	Cost keychain.Cost
}

// Keys open the keys of the wallet of one home. They are safe for many goroutines: those who come
// while a wallet is being unlocked find it unlocked, and no password is read or asked for twice.
type Keys struct {
	cfg   *config.Config
	ports Ports
	fd    *descriptor
	turn  chan struct{} // taken while a wallet is unlocked
}

// New are the keys of the home that a configuration describes. Nothing is read yet.
func New(cfg *config.Config, ports Ports) *Keys {
	if ports.Cost == (keychain.Cost{}) {
		ports.Cost = keychain.DefaultCost()
	}
	return &Keys{cfg: cfg, ports: ports, fd: &descriptor{}, turn: make(chan struct{}, 1)}
}

// For are the same keys for another configuration. A descriptor is read on.
func (k *Keys) For(cfg *config.Config) *Keys {
	return &Keys{cfg: cfg, ports: k.ports, fd: k.fd, turn: k.turn}
}

// Open makes the seed readable in this process where that takes no question: with the password that
// the configuration leads to, else with what the keyring of the system has. false: it would take a
// question. It is what a home wants of its keys.
func (k *Keys) Open(ctx context.Context, w *wallet.Wallet) (bool, error) {
	done, err := k.take(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	switch {
	case w.KeysHere():
		return true, nil
	case k.HasPassword():
		return true, k.withPassword(ctx, w)
	}
	return k.useKeyring(ctx, w)
}

// Unlock makes the wallet sign: with the password that the configuration leads to, else through a
// running agent, else with what the keyring of the system has, else with the password that is asked
// for.
func (k *Keys) Unlock(ctx context.Context, w *wallet.Wallet) error {
	if w.WatchOnly() { // no password helps
		return wallet.ErrNoKeychain
	}
	done, err := k.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	if !w.Locked() {
		return nil
	}
	if !k.HasPassword() {
		if ok, err := k.useAgent(ctx, w); ok || err != nil {
			return err
		}
		if ok, err := k.useKeyring(ctx, w); ok || err != nil {
			return err
		}
	}
	return k.withPassword(ctx, w)
}

// UnlockHere makes the seed readable in this process: an agent signs, but opens no copies.
func (k *Keys) UnlockHere(ctx context.Context, w *wallet.Wallet) error {
	done, err := k.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	if w.KeysHere() {
		return nil
	}
	if !k.HasPassword() {
		if ok, err := k.useKeyring(ctx, w); ok || err != nil {
			return err
		}
	}
	return k.withPassword(ctx, w)
}

// UnlockKeychain unlocks a keychain with its password, which the caller wipes.
func (k *Keys) UnlockKeychain(ctx context.Context, keys *keychain.Keychain) (*secret.Bytes, error) {
	password, err := k.Password(ctx, func(password *secret.Bytes) error { return keys.Unlock(ctx, password) })
	if err == nil {
		done, err := keys.Strengthen(ctx, password, k.ports.Cost)
		k.strengthened(done, err)
	}
	return password, err
}

// take waits for the turn; done gives it back.
func (k *Keys) take(ctx context.Context) (done func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case k.turn <- struct{}{}:
		return func() { <-k.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// withPassword unlocks a wallet with its password, and writes a password again that stands in the
// keychain as older programs wrote it.
func (k *Keys) withPassword(ctx context.Context, w *wallet.Wallet) error {
	password, err := k.Password(ctx, func(password *secret.Bytes) error { return w.Unlock(ctx, password) })
	if err != nil {
		return err
	}
	defer password.Wipe()
	done, err := wallet.Strengthen(ctx, w, password, k.ports.Cost)
	k.strengthened(done, err)
	k.Report(w)
	return nil
}

// strengthened tells what came of writing the password again. What failed is tried again at the
// next unlock: the keychain opens as before.
func (k *Keys) strengthened(done bool, err error) {
	switch {
	case err != nil:
		k.ports.Tell.Warn("the password in the keychain is protected as older programs did it, and could not be written again: %v", err)
	case done:
		k.ports.Tell.Note("the keychain file was written again: the password is the same, trying others costs more now, and it opens however it is typed")
	}
}

// Report tells what an unlock found out about the files of the wallet.
func (k *Keys) Report(w *wallet.Wallet) {
	if n := w.Repaired(); n > 0 {
		rows := "1 row"
		if n > 1 {
			rows = fmt.Sprintf("%d rows", n)
		}
		k.ports.Tell.Warn("%s of labels.db did not say what your keys say about your scripts; they had no effect and were written anew: "+
			"another program has written there, or the file was damaged", rows)
	}
	if why := w.ListError(); why != nil {
		k.ports.Tell.Warn("the list of your scripts in the keychain file could not be extended, so newer ones are not known while the wallet is locked: %v", why)
	}
}
