package money

import (
	"context"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/lastdays"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/paid"
	"blockstack/wallet"
	"blockstack/wallet/coins"
	"blockstack/wallet/scripts"
)

// Past is what a wallet knows of the payments that were made.
type Past struct {
	Wallet *wallet.Wallet
	Dir    string // with the record of the home's last days
}

// History lists the transactions that moved the wallet's coins.
func (p Past) History(ctx context.Context) ([]paid.Entry, error) {
	list, err := p.Wallet.History(ctx)
	out := make([]paid.Entry, len(list))
	for i := range list {
		out[i] = entry(&list[i])
	}
	return out, err
}

// Payments lists the payments that are remembered.
func (p Past) Payments(ctx context.Context) ([]paid.Record, error) {
	list, err := p.Wallet.Payments().List(ctx)
	out := make([]paid.Record, len(list))
	for i := range list {
		out[i] = fromRow(list[i])
	}
	return out, err
}

// ByRequest finds the payment that answered a request.
func (p Past) ByRequest(ctx context.Context, id string) (paid.Record, bool, error) {
	r, found, err := p.Wallet.Payments().ByRequest(ctx, id)
	return fromRow(r), found, err
}

// Replaced says which transactions that are not in the history were replaced, and by which.
func (p Past) Replaced(ctx context.Context) (map[chainhash.Hash]chainhash.Hash, error) {
	history, err := p.Wallet.History(ctx)
	if err != nil {
		return nil, err
	}
	list, err := p.Wallet.Payments().Replaced(ctx, history)
	by := make(map[chainhash.Hash]chainhash.Hash, len(list))
	for i := range list {
		by[list[i].Txid] = *list[i].ReplacedBy
	}
	return by, err
}

// Names says which names each transaction paid.
func (p Past) Names(ctx context.Context) (map[chainhash.Hash]map[string]string, error) {
	return p.Wallet.PaidNames(ctx)
}

// LastPayee says where a name was paid last.
func (p Past) LastPayee(ctx context.Context, name string) (payments.LastPayee, bool, error) {
	last, found, err := p.Wallet.LastPayee(ctx, name)
	return payments.LastPayee{Address: last.Address, Time: last.Time}, found, err
}

// Begins is since when this home knows what was paid for which request; whole says that it knows
// all of it. A home without a record of its last days is as old as labels.db and its birthday say.
func (p Past) Begins(ctx context.Context) (since time.Time, whole bool, err error) {
	if !lastdays.Has(p.Dir) {
		return p.Wallet.Payments().Begins(ctx)
	}
	at, restored, err := lastdays.Restored(p.Dir)
	return at, !restored, err
}

// entry is a transaction of the wallet's history as payments see it.
func entry(e *coins.Entry) paid.Entry {
	out := paid.Entry{Txid: e.Txid, Tx: e.Tx, Height: e.Height, Time: e.Time, Spent: e.Spent, Fee: e.Fee, FeeKnown: e.FeeKnown, Label: e.Label, Void: e.Void}
	for _, o := range e.Outputs {
		change := o.Ours && o.Key.Role == scripts.Payment && o.Key.Branch == scripts.Change
		out.Outputs = append(out.Outputs, paid.Output{Amount: o.Amount, Script: o.Script, Address: o.Address, Ours: o.Ours, Change: change})
	}
	return out
}
