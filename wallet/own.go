package wallet

import (
	"context"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/coins"
)

// Unmined lists the transactions of the wallet that are in no block and may still be
// mined, also those that the node's memory pool does not show.
func (w *Wallet) Unmined(ctx context.Context) ([]*wire.MsgTx, error) { return w.coins.Unmined(ctx) }

// Txs reads transactions of the wallet; what it does not have is left out.
func (w *Wallet) Txs(ctx context.Context, ids []chainhash.Hash) (map[chainhash.Hash]*wire.MsgTx, error) {
	return w.coins.Txs(ctx, ids)
}

// UsedRevealers is the number of revealer keys up to the last one that the chain has
// seen.
func (w *Wallet) UsedRevealers(ctx context.Context) (uint32, error) {
	return w.coins.Used(ctx, coins.Revealer)
}
