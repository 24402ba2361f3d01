package money

import (
	"context"
	"testing"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/wallet/legacy"
	"blockstack/wallet/secret"
)

// TestSweepPlaces spends a coin at every place of every kind of old key: the scripts run, the
// transaction is the one that was planned, and it is at most as large as was said and not much
// smaller.
func TestSweepPlaces(t *testing.T) {
	const (
		a = "2ce3c74a148d76407a4db8df59c510e08bbd79378e15c4e2ea27bd380291a4b3"
		b = "a3889c63f5c6a9aedcfffe99dcb4708fdb0e59614f5c6db9ff3288b7fff60ead"
		c = "6efcc336e38c1ec01577c74eb97b47f6553a050bd620c344944056dbf5ac586f"
	)
	spent := 0
	for _, text := range []string{
		a, a + "01", "1," + a, "2," + a + "01," + b + "01," + c + "01", "2," + a + "," + b + "01," + c,
		"segwit:p2sh:1," + b + "01", "segwit:p2sh:2," + b + "01," + c + "01",
		"5Kb8kLf9zgWQnogidDA76MzPL6TsZZY36hWXMssSzNydYXYB9KF",
	} {
		bundle, err := legacy.ParseBundle(secret.New([]byte(text)))
		if err != nil {
			t.Fatal(err)
		}
		keys, err := bundle.Places(&chaincfg.RegressionNetParams)
		if err != nil || len(keys) == 0 {
			t.Fatalf("%v: %v", bundle, err)
		}
		places := OldKeys(keys).Places()
		var coins []txbuilder.SweptCoin
		for i, p := range places {
			prev := wire.NewMsgTx(2)
			prev.AddTxIn(&wire.TxIn{Sequence: uint32(i)})
			prev.AddTxOut(wire.NewTxOut(100_000, p.Script))
			coins = append(coins, txbuilder.SweptCoin{OutPoint: wire.OutPoint{Hash: prev.TxHash()}, Tx: prev, Redeem: p.Redeem, Witness: p.Witness, Base: p.Base, Wit: p.Wit})
		}
		for _, set := range append([][]txbuilder.SweptCoin{coins}, split(coins)...) {
			sweeps, err := txbuilder.SweepCoins(set, places[0].Script, txbuilder.SatPerVByte(7), 812)
			if err != nil || len(sweeps) != 1 {
				t.Fatalf("%v: %d sweeps, %v", bundle, len(sweeps), err)
			}
			s := sweeps[0]
			if err := OldKeys(keys).Sign(context.Background(), s.Packet); err != nil {
				t.Fatalf("%v: %v", bundle, err)
			}
			tx, err := s.Finish()
			if err != nil {
				t.Fatalf("%v, %d coins: %v", bundle, len(set), err)
			}
			size := (blockchain.GetTransactionWeight(btcutil.NewTx(tx)) + 3) / 4
			if size > s.VSize || size < s.VSize-int64(5*len(set)) {
				t.Errorf("%v: %d vB, said to be %d", bundle, size, s.VSize)
			}
			if tx.LockTime != 812 {
				t.Errorf("%v: a lock time of %d", bundle, tx.LockTime)
			}
			if s.Amount+s.Fee != btcutil.Amount(100_000*len(set)) || s.Fee != txbuilder.SatPerVByte(7).Fee(s.VSize) {
				t.Errorf("%v: %v and a fee of %v out of %d coins", bundle, s.Amount, s.Fee, len(set))
			}
			spent += len(set)
		}
	}
	if spent < 30 {
		t.Errorf("only %d coins were spent", spent)
	}
}

// split makes sets of one.
func split(coins []txbuilder.SweptCoin) (list [][]txbuilder.SweptCoin) {
	for i := range coins {
		list = append(list, coins[i:i+1])
	}
	return list
}
