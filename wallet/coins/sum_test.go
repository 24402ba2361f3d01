package coins

import (
	"slices"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/wallet/scripts"
)

// TestSums: payments by kind of script, everything else by role, in the order of the first coin.
func TestSums(t *testing.T) {
	coin := func(role scripts.Role, kind scripts.Kind, sat btcutil.Amount) Coin {
		return Coin{Credit: wtxmgr.Credit{Amount: sat}, Key: scripts.Key{Role: role, Kind: kind}}
	}
	list := []Coin{
		coin(scripts.Payment, scripts.P2WPKH, 1), coin(scripts.Owner, scripts.P2PKH, 20), coin(scripts.Payment, scripts.P2PKH, 300),
		coin(scripts.Payment, scripts.P2WPKH, 4000),
	}
	want := []Account{{string(scripts.P2WPKH), 2, 4001}, {string(scripts.Owner), 1, 20}, {string(scripts.P2PKH), 1, 300}}
	if got := Accounts(list); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	if got := Sum(list); got != 4321 {
		t.Errorf("%d", got)
	}
	if Sum(nil) != 0 || Accounts(nil) != nil {
		t.Error("no coins")
	}
}
