package wallet

import (
	"context"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/wallet/coins"
	"blockstack/wallet/labels"
	"blockstack/wallet/watched"
)

// Money is the face of a wallet that has coins: what there is, what moved, what was sent.
type Money struct {
	coins     *coins.Coins
	handed    *watched.Addresses
	addresses *Addresses
}

// Tip is the block up to which the coins are known.
func (m *Money) Tip(ctx context.Context) (coins.Tip, error) { return m.coins.Tip(ctx) }

// Balance adds up the coins; no connection is needed.
func (m *Money) Balance(ctx context.Context) (coins.Balance, error) { return m.coins.Balance(ctx) }

// Coins lists all coins; no connection is needed.
func (m *Money) Coins(ctx context.Context) ([]coins.Coin, error) { return m.coins.List(ctx) }

// CoinsAt lists the coins of one script, reserved and frozen ones included.
func (m *Money) CoinsAt(ctx context.Context, script []byte) ([]coins.Coin, error) {
	return m.coins.At(ctx, script)
}

// Spendable lists the coins that payments may use: never owner, revealer, frozen or reserved ones.
// With minConf 0 our own unconfirmed change is among them.
func (m *Money) Spendable(ctx context.Context, minConf int32) ([]wtxmgr.Credit, error) {
	return m.coins.Spendable(ctx, minConf)
}

// PrevTx is the transaction that made an output.
func (m *Money) PrevTx(ctx context.Context, op wire.OutPoint) (*wire.MsgTx, error) {
	return m.coins.PrevTx(ctx, op)
}

// ChangeScript is where change of a payment goes: nested segwit, so that name operations can spend
// it, if the wallet has such an account. It is the same until a transaction of ours uses it.
func (m *Money) ChangeScript(ctx context.Context) ([]byte, error) {
	kind, err := m.addresses.UsualKind(ctx)
	if err != nil {
		return nil, err
	}
	k, err := m.handed.ChangeKey(ctx, kind)
	return k.Script, err
}

// Reserve tells which coins are kept for unfinished jobs.
func (m *Money) Reserve(reserved func(wire.OutPoint) bool) { m.coins.Reserve(reserved) }

// AddTx records a transaction of ours that the node has accepted. It may be called again.
func (m *Money) AddTx(ctx context.Context, tx *wire.MsgTx) error { return m.coins.AddTx(ctx, tx) }

// AddTxs is AddTx for many transactions, parents before children.
func (m *Money) AddTxs(ctx context.Context, txs []*wire.MsgTx) error {
	return m.coins.AddTxs(ctx, txs)
}

// RemoveTx forgets an unconfirmed transaction that will never be mined.
func (m *Money) RemoveTx(ctx context.Context, txid chainhash.Hash) error {
	return m.coins.RemoveTx(ctx, txid)
}

// History lists the transactions that moved our coins, newest first.
func (m *Money) History(ctx context.Context) ([]coins.Entry, error) { return m.coins.History(ctx) }

// KeepTx writes a signed transaction to disk before it is sent; AddTx follows when the node has
// accepted it, RemoveTx when the node has refused it.
func (m *Money) KeepTx(ctx context.Context, tx *wire.MsgTx) error { return m.coins.KeepTx(ctx, tx) }

// KeptTxs lists our own transactions that are not deep in the chain yet, also ones that were
// recorded and never sent.
func (m *Money) KeptTxs(ctx context.Context) ([]*wire.MsgTx, error) { return m.coins.KeptTxs(ctx) }

// Unmined lists the transactions of the wallet that are in no block and may still be mined, also
// those that the node's memory pool does not show.
func (m *Money) Unmined(ctx context.Context) ([]*wire.MsgTx, error) { return m.coins.Unmined(ctx) }

// Txs reads transactions of the wallet; what it does not have is left out.
func (m *Money) Txs(ctx context.Context, ids []chainhash.Hash) (map[chainhash.Hash]*wire.MsgTx, error) {
	return m.coins.Txs(ctx, ids)
}

// Payments is the memory of the payments of this home.
func (m *Money) Payments() *coins.Payments { return coins.NewPayments(m.coins) }

// Holds are the coins that prepared payments wait for.
func (m *Money) Holds() *labels.Holds { return labels.NewHolds(m.coins.Book) }
