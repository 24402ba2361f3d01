package payments

import (
	"context"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"
)

// TestMayChoose: a coin that was named is spent only if a payment may.
func TestMayChoose(t *testing.T) {
	good := Coin{Role: RolePayment, Confirmations: 1}
	for why, change := range map[CoinReason]func(c *Coin){
		"":              func(*Coin) {},
		CoinOfOwner:     func(c *Coin) { c.Role = RoleOwner },
		CoinNeverPays:   func(c *Coin) { c.Role = "revealer" },
		CoinHeld:        func(c *Coin) { c.Hold, c.Reserved = &Hold{Holder: "payment x"}, true },
		CoinNeeded:      func(c *Coin) { c.Reserved = true },
		CoinFrozen:      func(c *Coin) { c.Frozen = "a gift" },
		CoinImmature:    func(c *Coin) { c.Immature = true },
		CoinUnconfirmed: func(c *Coin) { c.Confirmations = 0 },
	} {
		c := good
		change(&c)
		err := mayChoose(&c)
		var no *CoinRefused
		if why == "" && err != nil || why != "" && (!errors.As(err, &no) || no.Why != why || no.Error() == "") {
			t.Errorf("%q: %v", why, err)
		}
		if (why == "" || why == CoinUnconfirmed) != c.MayPay() { // the coin selection leaves those alone that are not confirmed
			t.Errorf("%q: may pay: %v", why, c.MayPay())
		}
	}
	own := good
	own.Confirmations, own.Own = 0, true
	if err := mayChoose(&own); err != nil {
		t.Errorf("our own change: %v", err)
	}
}

// atOwner is a wallet with coins at one script.
type atOwner struct {
	Wallet
	coins []Coin
}

// CoinsAt lists them.
func (w atOwner) CoinsAt(context.Context, []byte) ([]Coin, error) {
	return append([]Coin(nil), w.coins...), nil
}

// TestOfOwner: of an owner's coins those stay that its names need, the smallest; what is reserved
// or not there yet is neither.
func TestOfOwner(t *testing.T) {
	coin := func(n byte, sat btcutil.Amount) Coin {
		return Coin{Role: RoleOwner, Confirmations: 1, Credit: wtxmgr.Credit{OutPoint: wire.OutPoint{Hash: chainhash.Hash{n}}, Amount: sat}}
	}
	reserved, fresh, young := coin(7, 900), coin(8, 900), coin(9, 900)
	reserved.Reserved, fresh.Confirmations, young.Immature = true, 0, true
	w := atOwner{coins: []Coin{coin(1, 500), reserved, coin(2, 100), fresh, coin(3, 300), young, coin(4, 200)}}
	for keep, want := range []btcutil.Amount{1_100, 1_000, 800, 500} {
		from, f, err := choice{owner: []byte{1}, keep: keep}.funding(t.Context(), w)
		if err != nil || f.Closed {
			t.Fatal(err)
		}
		list, err := from.Spendable(t.Context(), 1)
		var sum btcutil.Amount
		for _, c := range list {
			sum += c.Amount
		}
		if err != nil || sum != want || len(list) != 4-keep {
			t.Errorf("%d names: %v, %v; want %v", keep, sum, err, want)
		}
	}
	var none *NoneToSpare
	if _, _, err := (choice{owner: []byte{1}, keep: 4}).funding(t.Context(), w); !errors.As(err, &none) || none.Free != 4 || none.Names != 4 {
		t.Errorf("%v", err)
	}
}
