package session

import (
	"blockstack/home"
	"blockstack/home/money"
	"blockstack/txbuilder/payments"
	"blockstack/wallet"
)

// PaymentsOf are the payments of a wallet of this home.
func PaymentsOf(e *Session, w *wallet.Wallet) (*payments.Service, error) {
	return e.Payments(w, home.PayRequest{Node: e.Bitcoin, Reserved: e.KeepReserved})
}

// SignedElsewhere are transactions that others have signed.
func SignedElsewhere(e *Session, w *wallet.Wallet) *payments.Signed {
	return &payments.Signed{
		Past: e.Past(w), Book: money.Book{Wallet: w, At: e.Given.AtWrite}, Jobs: e.JobCoins(w, e.KeepReserved), Kept: money.Kept{Wallet: w, At: e.Given.AtWrite},
		Node: e.Sender(e.Bitcoin),
	}
}
