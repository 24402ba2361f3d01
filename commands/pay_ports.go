package commands

import (
	"blockstack/home"
	"blockstack/home/money"
	"blockstack/txbuilder/payments"
	"blockstack/wallet"
)

// payments are the payments of a wallet of this home.
func (e *Env) payments(w *wallet.Wallet) (*payments.Service, error) {
	return e.Payments(w, home.PayRequest{Node: e.Bitcoin, Reserved: e.keepReserved})
}

// signedElsewhere are transactions that others have signed.
func (e *Env) signedElsewhere(w *wallet.Wallet) *payments.Signed {
	return &payments.Signed{
		Past: e.Past(w), Book: money.Book{Wallet: w, At: e.given.AtWrite}, Jobs: e.JobCoins(w, e.keepReserved), Kept: money.Kept{Wallet: w, At: e.given.AtWrite},
		Node: e.Sender(e.Bitcoin),
	}
}
