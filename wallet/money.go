package wallet

import (
	"context"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/wallet/coins"
)

// Sync brings the coins up to date with the tip of the chain. A *chain.Node is a
// Backend. The connection is closed again when it returns.
//
// Owner and revealer keys that turn out to be needed are derived while the
// wallet is unlocked, as in a restore. While it is locked Info says NeedsKeys
// afterwards: coins of further owner keys may be missing until Unlock and the
// next Sync.
func (w *Wallet) Sync(ctx context.Context, b coins.Backend) error {
	return w.complete(ctx, b, w.coins.Sync(ctx, b))
}

// Follow is Sync that stays connected until Close. Other processes cannot use
// the wallet meanwhile.
func (w *Wallet) Follow(ctx context.Context, b coins.Backend) error {
	return w.complete(ctx, b, w.coins.Follow(ctx, b))
}

// Rescan forgets what is known of the chain and looks again from the birthday.
func (w *Wallet) Rescan(ctx context.Context, b coins.Backend) error {
	return w.complete(ctx, b, w.coins.Rescan(ctx, b))
}

// RescanSince is Rescan from a block on, whose time is at.
func (w *Wallet) RescanSince(ctx context.Context, b coins.Backend, height int32, at time.Time) error {
	return w.complete(ctx, b, w.coins.RescanSince(ctx, b, height, at))
}

// complete derives the keys that a scan found missing, and scans again, until
// none is missing. err is that of the scan before.
func (w *Wallet) complete(ctx context.Context, b coins.Backend, err error) error {
	for err == nil && !w.Locked() {
		var info coins.Info
		if info, err = w.coins.Info(ctx); err != nil || !info.NeedsKeys {
			return err
		}
		if err = w.deriveAllAhead(ctx); err == nil {
			err = w.coins.Sync(ctx, b)
		}
	}
	return err
}

// Info says what the wallet was made of and whether it needs something.
func (w *Wallet) Info(ctx context.Context) (coins.Info, error) { return w.coins.Info(ctx) }

// Tip is the block up to which the coins are known.
func (w *Wallet) Tip(ctx context.Context) (coins.Tip, error) { return w.coins.Tip(ctx) }

// Balance adds up the coins; no connection is needed.
func (w *Wallet) Balance(ctx context.Context) (coins.Balance, error) { return w.coins.Balance(ctx) }

// Coins lists all coins; no connection is needed.
func (w *Wallet) Coins(ctx context.Context) ([]coins.Coin, error) { return w.coins.List(ctx) }

// CoinsAt lists the coins of one script, reserved and frozen ones included.
func (w *Wallet) CoinsAt(ctx context.Context, script []byte) ([]coins.Coin, error) {
	return w.coins.At(ctx, script)
}

// Spendable lists the coins that payments may use: never owner, revealer,
// frozen or reserved ones. With minConf 0 our own unconfirmed change is among
// them.
func (w *Wallet) Spendable(ctx context.Context, minConf int32) ([]wtxmgr.Credit, error) {
	return w.coins.Spendable(ctx, minConf)
}

// PrevTx is the transaction that made an output.
func (w *Wallet) PrevTx(ctx context.Context, op wire.OutPoint) (*wire.MsgTx, error) {
	return w.coins.PrevTx(ctx, op)
}

// ChangeScript is where change of a payment goes: nested segwit, so that name
// operations can spend it, if the wallet has such an account. It is the same
// until a transaction of ours uses it.
func (w *Wallet) ChangeScript(ctx context.Context) ([]byte, error) {
	kind, err := w.UsualKind(ctx)
	if err != nil {
		return nil, err
	}
	k, err := w.coins.ChangeKey(ctx, kind)
	return k.Script, err
}

// Reserve tells which coins are kept for unfinished jobs.
func (w *Wallet) Reserve(reserved func(wire.OutPoint) bool) { w.coins.Reserve(reserved) }

// AddTx records a transaction of ours that the node has accepted. It may be
// called again.
func (w *Wallet) AddTx(ctx context.Context, tx *wire.MsgTx) error { return w.coins.AddTx(ctx, tx) }

// AddTxs is AddTx for many transactions, parents before children.
func (w *Wallet) AddTxs(ctx context.Context, txs []*wire.MsgTx) error {
	return w.coins.AddTxs(ctx, txs)
}

// RemoveTx forgets an unconfirmed transaction that will never be mined.
func (w *Wallet) RemoveTx(ctx context.Context, txid chainhash.Hash) error {
	return w.coins.RemoveTx(ctx, txid)
}

// History lists the transactions that moved our coins, newest first.
func (w *Wallet) History(ctx context.Context) ([]coins.Entry, error) { return w.coins.History(ctx) }

// SetLabel labels a transaction, an address or an output.
func (w *Wallet) SetLabel(ctx context.Context, l coins.Label) error { return w.coins.SetLabel(ctx, l) }

// Labels lists all labels.
func (w *Wallet) Labels(ctx context.Context) ([]coins.Label, error) { return w.coins.Labels(ctx) }

// Payments is the memory of the payments of this home.
func (w *Wallet) Payments() *coins.Payments { return w.coins.Payments() }

// Holds are the coins that prepared payments wait for.
func (w *Wallet) Holds() *coins.Holds { return w.coins.Holds() }

// Freeze keeps payments from using a coin.
func (w *Wallet) Freeze(ctx context.Context, op wire.OutPoint, reason string) error {
	return w.coins.Freeze(ctx, op, reason)
}

// Unfreeze lets payments use a coin again.
func (w *Wallet) Unfreeze(ctx context.Context, op wire.OutPoint) error {
	return w.coins.Unfreeze(ctx, op)
}
