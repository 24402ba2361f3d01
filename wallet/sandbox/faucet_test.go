package sandbox

import (
	"errors"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
)

func TestFaucet(t *testing.T) {
	s := start(t, t.TempDir())
	defer s.Close()
	f := faucet(t, s)
	ctx := t.Context()

	coins, err := f.Spendable(ctx, 1)
	no(t, err)
	if len(coins) != firstBlocks-99 {
		t.Fatalf("%d coins", len(coins))
	}
	var have btcutil.Amount
	for _, c := range coins {
		have += c.Amount
	}
	if st := inspect(t, s.Dir()); st.FaucetBalance != have || st.FaucetAddress != f.Address() {
		t.Errorf("%s in coins, status %+v", have, st)
	}
	var poor *InsufficientFunds
	if _, err := f.FundAddress(ctx, f.Address(), have); !errors.As(err, &poor) || poor.Have != have || poor.Need <= have {
		t.Errorf("all of it: %v", err)
	}
	for _, sat := range []btcutil.Amount{0, -1, btcutil.MaxSatoshi + 1} {
		if _, err := f.FundAddress(ctx, f.Address(), sat); err == nil {
			t.Errorf("paid %d", sat)
		}
	}
	var no2 *chain.Refused
	if _, err := f.FundAddress(ctx, f.Address(), 100); !errors.As(err, &no2) && err == nil {
		t.Error("paid dust")
	}
	for _, bad := range []string{"", "alice.id", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"} {
		if _, err := f.FundAddress(ctx, bad, 1e8); err == nil {
			t.Errorf("paid to %q", bad)
		}
	}

	// The second payment uses the change of the first: the large coins stay.
	_, err = f.FundAddress(ctx, "2N2JD6wb56AfK4tfmM6PwdVmoYk2dCKf4Br", 1e8)
	no(t, err)
	second, err := f.FundAddress(ctx, "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", 1e8)
	no(t, err)
	if len(second.TxIn) != 1 || txStatus(t, s, second.TxIn[0].PreviousOutPoint.Hash).Confirmed() {
		t.Error("a large coin was broken although there is change")
	}
	if got, err := f.Spendable(ctx, 1); err != nil || len(got) != len(coins)-1 {
		t.Errorf("%d confirmed coins (%v), want %d", len(got), err, len(coins)-1)
	}
	got, err := f.Spendable(ctx, 0)
	no(t, err)
	if len(got) != len(coins) || got[0].Height != -1 || got[len(got)-1].Height != 1 {
		t.Errorf("%d coins, the first of block %d, the last of block %d", len(got), got[0].Height, got[len(got)-1].Height)
	}
	large, err := f.FundAddress(ctx, f.Address(), 500e8)
	no(t, err)
	if len(large.TxIn) != 11 {
		t.Errorf("500 BTC and fee from %d coins", len(large.TxIn))
	}
}

func TestFaucetSigns(t *testing.T) {
	s := start(t, t.TempDir())
	defer s.Close()
	f := faucet(t, s)
	ctx := t.Context()
	coins, err := f.Spendable(ctx, 1)
	no(t, err)
	change, err := f.ChangeScript(ctx)
	no(t, err)
	c := coins[0]
	foreign := wire.OutPoint{Hash: chainhash.Hash{1}}
	build := func(ops ...*wire.OutPoint) *psbt.Packet {
		p, err := psbt.New(ops, []*wire.TxOut{wire.NewTxOut(int64(c.Amount)-1000, change)}, 2, 0, make([]uint32, len(ops)))
		no(t, err)
		prev, err := f.PrevTx(ctx, c.OutPoint)
		no(t, err)
		p.Inputs[0].NonWitnessUtxo = prev
		return p
	}
	p := build(&c.OutPoint)
	no(t, f.Sign(ctx, p))
	no(t, psbt.MaybeFinalizeAll(p))
	tx, err := psbt.Extract(p)
	no(t, err)
	outcome, err := s.Chain().Broadcast(ctx, tx)
	if err != nil || outcome != chain.Accepted {
		t.Fatalf("%v, %v", outcome, err)
	}

	mixed := build(&c.OutPoint, &foreign)
	no(t, f.Sign(ctx, mixed))
	if len(mixed.Inputs[0].PartialSigs) != 1 || len(mixed.Inputs[1].PartialSigs) != 0 {
		t.Error("signed what it should not, or not what it should")
	}
	lying := build(&foreign) // names another transaction than it shows
	no(t, f.Sign(ctx, lying))
	if len(lying.Inputs[0].PartialSigs) != 0 {
		t.Error("signed an input whose previous transaction is another one")
	}
	if txscript.GetScriptClass(change) != txscript.PubKeyHashTy {
		t.Error("the faucet is not P2PKH")
	}
}

// TestMined: a payment as the node has it, with its fee; one that is in no block, and one that
// nobody knows.
func TestMined(t *testing.T) {
	s := start(t, t.TempDir())
	defer s.Close()
	ctx := t.Context()
	tx, err := faucet(t, s).FundAddress(ctx, "2N2JD6wb56AfK4tfmM6PwdVmoYk2dCKf4Br", 12345678)
	no(t, err)
	id := tx.TxHash()
	for _, bad := range []string{id.String(), id.String()[2:] + "00", "x"} {
		if m, err := FindMined(ctx, s, bad); err == nil {
			t.Errorf("%s: %+v", bad, m)
		}
	}
	_, err = s.Mine(ctx, 1)
	no(t, err)
	m, err := FindMined(ctx, s, id.String())
	no(t, err)
	height, _, err := s.Chain().Tip(ctx)
	no(t, err)
	prev, err := s.Chain().PrevOut(ctx, tx.TxIn[0].PreviousOutPoint)
	no(t, err)
	want := prev.Value
	for _, out := range tx.TxOut {
		want -= out.Value
	}
	if m.Tx.TxHash() != id || m.Height != height || int64(m.Fee) != want || len(tx.TxIn) != 1 || want <= 0 {
		t.Errorf("%+v, at %d with a fee of %d", m, height, want)
	}
	if !m.Pays(12345678) || m.Pays(12345679) || Fees([]*Mined{m, m}) != 2*m.Fee {
		t.Errorf("%+v", m)
	}
}
