package home

import (
	"context"
	"errors"
	"time"

	"blockstack/home/config"
	"blockstack/wallet"
	"blockstack/wallet/chainsync"
	"blockstack/wallet/labels"
)

// Wallet is the wallet of the network, locked, as it was at its last sync.
func (h *Home) Wallet(ctx context.Context) (*wallet.Wallet, error) {
	return h.wallet.get(ctx, func(context.Context) (*wallet.Wallet, func() error, error) {
		at := WalletConfig(h.Config)
		at.Rebuilt = func(why error) {
			h.tell.Warn("what is known of your coins is looked for again in the chain; nothing of it is lost, it takes a while: %v", why)
		}
		w, err := wallet.Open(at)
		if err != nil {
			return nil, nil, err
		}
		if w.Proof() == wallet.ProofNone && !w.WatchOnly() {
			h.tell.Warn("the keychain has no list of this wallet's scripts yet, so what is shown as yours while it is locked is not proved; " +
				"the list is made at the next unlock: blockstack wallet address --check")
		}
		return w, w.Close, nil
	})
}

// WalletConfig says where the wallet of the chosen network is.
func WalletConfig(c *config.Config) wallet.Config {
	return wallet.Config{Keychain: c.KeychainFile(), Dir: c.NetworkPath(), Network: c.Net()}
}

// SyncedWallet is the wallet with its coins at the tip of the chain; offline it is as it was.
func (h *Home) SyncedWallet(ctx context.Context) (*wallet.Wallet, error) {
	w, err := h.Wallet(ctx)
	if err != nil || h.Config.Offline {
		return w, err
	}
	b, release, err := h.Bitcoin(ctx)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(h.Sync(ctx, "wallet", w, b), release()); err != nil {
		return nil, err
	}
	return w, nil
}

// Sync brings a wallet to the tip of the chain, and shows how far it has come under the name of a
// phase. It waits for another process that syncs the same files.
func (h *Home) Sync(ctx context.Context, phase string, w *wallet.Wallet, b Bitcoin) error {
	return h.Watch(ctx, phase, w, b, func() error { return SyncQuietly(ctx, w, b) })
}

// SyncQuietly is Sync that shows nothing.
func SyncQuietly(ctx context.Context, w *wallet.Wallet, b chainsync.Backend) error {
	deadline := time.Now().Add(Patience)
	for {
		err := w.Sync(ctx, b)
		if err == nil || !errors.Is(err, labels.ErrBusy) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Watch shows how far a wallet has come while f lets it read blocks.
func (h *Home) Watch(ctx context.Context, phase string, w *wallet.Wallet, b Bitcoin, f func() error) error {
	target, _, err := b.Tip(ctx)
	if err != nil {
		return err
	}
	shown := h.tell.Meter(phase, "blocks")
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(300 * time.Millisecond):
				if t, err := w.Tip(ctx); err == nil {
					shown.Update(int64(t.Height), int64(max(target, t.Height)))
				}
			}
		}
	}()
	err = f()
	close(stop)
	<-stopped
	shown.Done()
	return err
}
