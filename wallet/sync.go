package wallet

import (
	"context"
	"time"

	"blockstack/wallet/chainsync"
	"blockstack/wallet/watched"
)

// Sync brings the coins up to date with the tip of the chain. A *chain.Node is a Backend. The
// connection is closed again when it returns.
//
// Owner and revealer keys that turn out to be needed are derived while the wallet is unlocked, as
// in a restore. While it is locked Info says NeedsKeys afterwards: coins of further owner keys may
// be missing until Unlock and the next Sync.
func (w *Wallet) Sync(ctx context.Context, b chainsync.Backend) error {
	return w.complete(ctx, b, w.coins.Sync.Once(ctx, b))
}

// Follow is Sync that stays connected until Close. Other processes cannot use the wallet meanwhile.
func (w *Wallet) Follow(ctx context.Context, b chainsync.Backend) error {
	return w.complete(ctx, b, w.coins.Sync.Follow(ctx, b))
}

// Rescan forgets what is known of the chain and looks again from the birthday.
func (w *Wallet) Rescan(ctx context.Context, b chainsync.Backend) error {
	return w.complete(ctx, b, w.coins.Sync.Rescan(ctx, b))
}

// RescanSince is Rescan from a block on, whose time is at.
func (w *Wallet) RescanSince(ctx context.Context, b chainsync.Backend, height int32, at time.Time) error {
	return w.complete(ctx, b, w.coins.Sync.RescanSince(ctx, b, height, at))
}

// complete derives the keys that a scan found missing, and scans again, until none is missing. err
// is that of the scan before.
func (w *Wallet) complete(ctx context.Context, b chainsync.Backend, err error) error {
	for err == nil && !w.Locked() {
		var info watched.Info
		if info, err = w.coins.Keys.Info(ctx); err != nil || !info.NeedsKeys {
			return err
		}
		if err = w.deriveAllAhead(ctx); err == nil {
			err = w.coins.Sync.Once(ctx, b)
		}
	}
	return err
}

// Info says what the wallet was made of and whether it needs something.
func (w *Wallet) Info(ctx context.Context) (watched.Info, error) { return w.coins.Keys.Info(ctx) }
