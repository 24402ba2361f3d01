package coins

import (
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/wallet/scripts"
	"blockstack/wallet/tracker"
)

// Tip is the block up to which the coins are known.
type Tip struct {
	Height int32
	Hash   chainhash.Hash
	Time   time.Time
	Synced bool // false: the wallet has not looked at the chain yet
}

func tipOf(s tracker.Store) Tip {
	return Tip{Height: s.Tip.Height, Hash: s.Tip.Hash, Time: s.Tip.Timestamp, Synced: s.Tip.Height > 0}
}

// Balance is the sum of the coins. Every coin is in exactly one of the amounts.
type Balance struct {
	Confirmed   btcutil.Amount // payments may use it
	Unconfirmed btcutil.Amount // not mined yet
	Immature    btcutil.Amount // mined by us, not yet spendable
	Reserved    btcutil.Amount // kept for unfinished jobs
	Frozen      btcutil.Amount
	Owner       btcutil.Amount // at owner and revealer keys
	Tip         Tip
}

// Total is the sum of all amounts.
func (b Balance) Total() btcutil.Amount {
	return b.Confirmed + b.Unconfirmed + b.Immature + b.Reserved + b.Frozen + b.Owner
}

// balanceOf adds coins up.
func balanceOf(list []Coin, tip Tip) Balance {
	b := Balance{Tip: tip}
	for i := range list {
		coin := &list[i]
		switch {
		case coin.Key.Role != scripts.Payment:
			b.Owner += coin.Amount
		case coin.Reserved:
			b.Reserved += coin.Amount
		case coin.Frozen != "":
			b.Frozen += coin.Amount
		case coin.Confirmations == 0:
			b.Unconfirmed += coin.Amount
		case coin.Immature:
			b.Immature += coin.Amount
		default:
			b.Confirmed += coin.Amount
		}
	}
	return b
}
