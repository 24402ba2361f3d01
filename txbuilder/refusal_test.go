package txbuilder

import (
	"bytes"
	"errors"
	"math/big"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wallet/txsizes"

	"blockstack/names"
)

func TestForbiddenScripts(t *testing.T) {
	x := newWorld(t, 3)
	x.w.fund(x.payers[0], 1e8)
	ctx := t.Context()
	name, _ := names.Parse("alice.id")
	burn, _ := x.p.AddressScript(x.p.BurnAddress)
	f := Funding{Rate: RelayRate}
	for _, kind := range []ScriptKind{KindP2WPKH, KindP2TR} {
		bech32 := x.w.newScript(x.r, kind)
		for what, call := range map[string]func() (*Plan, error){
			"owner of a preorder": func() (*Plan, error) {
				return x.b.Preorder(ctx, PreorderRequest{Funding: f, Name: name, Owner: bech32, Price: Price{names.Satoshi, big.NewInt(1000)}, Payee: burn})
			},
			"payee": func() (*Plan, error) {
				return x.b.Preorder(ctx, PreorderRequest{Funding: f, Name: name, Owner: x.owner, Price: Price{names.Satoshi, big.NewInt(1000)}, Payee: bech32})
			},
			"owner of a registration": func() (*Plan, error) {
				return x.b.Register(ctx, RegisterRequest{Funding: Funding{Rate: RelayRate, First: func([]byte) bool { return true }}, Name: name, Owner: bech32})
			},
			"new owner": func() (*Plan, error) {
				return x.b.Transfer(ctx, TransferRequest{Funding: f, Name: name, Coin: x.coin, NewOwner: bech32})
			},
			"input 0": func() (*Plan, error) {
				return x.b.Update(ctx, UpdateRequest{Funding: f, Name: name, Coin: x.w.ownerCoin(bech32, 1e6)})
			},
			"change": func() (*Plan, error) {
				g := f
				g.Change = bech32
				return x.b.Update(ctx, UpdateRequest{Funding: g, Name: name, Coin: x.coin})
			},
			"token recipient": func() (*Plan, error) {
				return x.b.TokenTransfer(ctx, TokenTransferRequest{Funding: f, Coin: &x.coin, Recipient: bech32, Amount: 1})
			},
			"revealer": func() (*Plan, error) {
				return x.b.Reveal(ctx, RevealRequest{Funding: Funding{Rate: RelayRate, First: func([]byte) bool { return true }}, Revealer: bech32})
			},
		} {
			_, err := call()
			var fs *ForbiddenScript
			if !errors.As(err, &fs) || fs.Kind != kind || fs.Reason == "" {
				t.Errorf("%s of kind %s: %v", what, kind, err)
			}
		}
	}
}

// TestSegwitMoneyIsNotEnough has money only in coins that name operations cannot spend, and expects
// to be told so.
func TestSegwitMoneyIsNotEnough(t *testing.T) {
	x := newWorld(t, 4)
	x.w.coins = nil
	x.w.fund(x.w.newScript(x.r, KindP2WPKH), 5e8)
	name, _ := names.Parse("alice.id")
	burn, _ := x.p.AddressScript(x.p.BurnAddress)
	_, err := x.b.Preorder(t.Context(), PreorderRequest{Funding: Funding{Rate: RelayRate}, Name: name, Owner: x.owner,
		Price: Price{names.Satoshi, big.NewInt(10_000)}, Payee: burn})
	var short *InsufficientFunds
	if !errors.As(err, &short) || short.Unusable != 5e8 || short.Have != 0 || short.Need < 10_000 {
		t.Fatalf("got %v", err)
	}
}

func TestCoinsLeftAlone(t *testing.T) {
	x := newWorld(t, 5)
	x.w.coins = nil
	reserved := x.w.fund(x.payers[0], 1e6)
	x.w.fund(x.owner, 2e6)
	young := x.w.fund(x.payers[0], 3e6)
	x.w.coins[2].FromCoinBase, x.w.coins[2].Height = true, 700_000-98
	b, err := New(Config{Params: x.p, Net: &chaincfg.MainNetParams, Coins: x.w, Height: 700_000,
		Reserved: func(op wire.OutPoint) bool { return op == reserved.OutPoint },
		Owner:    func(s []byte) bool { return bytes.Equal(s, x.owner) }})
	if err != nil {
		t.Fatal(err)
	}
	pay := func() (*Plan, error) {
		return b.Payment(t.Context(), PaymentRequest{Funding: Funding{Rate: RelayRate}, To: x.other, Amount: 1000})
	}
	if _, err := pay(); !errors.Is(err, ErrInsufficientFunds) {
		t.Fatalf("paid from a reserved, an owner's or an immature coin: %v", err)
	}
	x.w.coins[2].Height--
	p, err := pay()
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Packet.UnsignedTx.TxIn[0].PreviousOutPoint; got != young.OutPoint {
		t.Fatalf("spends %s", got)
	}
}

func TestFeeGuards(t *testing.T) {
	x := newWorld(t, 6)
	x.w.fund(x.payers[0], 1e10)
	pay := func(f Funding) error {
		_, err := x.b.Payment(t.Context(), PaymentRequest{Funding: f, To: x.other, Amount: 1e6})
		return err
	}
	for _, rate := range []FeeRate{0, -1, RelayRate - 1, MaxRate + 1} {
		if err := pay(Funding{Rate: rate}); !errors.Is(err, ErrBadRate) {
			t.Errorf("rate %d: %v", rate, err)
		}
	}
	if err := pay(Funding{Rate: RelayRate, MinFee: DefaultMaxFee + 1}); !errors.Is(err, ErrFeeTooHigh) {
		t.Errorf("fee above the ceiling: %v", err)
	}
	_, err := x.b.Payment(t.Context(), PaymentRequest{Funding: Funding{Rate: RelayRate}, To: x.other, Amount: 200})
	if !errors.Is(err, ErrDust) {
		t.Errorf("dust payment: %v", err)
	}
}

// TestFinishRefuses signs well and then changes something.
func TestFinishRefuses(t *testing.T) {
	for what, c := range map[string]struct {
		tamper func(p *Plan)
		want   error
	}{
		"unsigned":        {func(p *Plan) { p.Packet.Inputs[0].PartialSigs = nil }, ErrNotSigned},
		"other output":    {func(p *Plan) { p.Packet.UnsignedTx.TxOut[0].Value-- }, ErrNotSigned},
		"other signature": {func(p *Plan) { p.Packet.Inputs[0].PartialSigs[0].Signature[10] ^= 1 }, ErrNotSigned},
		"no parent":       {func(p *Plan) { p.Packet.Inputs[0].NonWitnessUtxo = nil }, ErrBadRequest},
		"other parent":    {func(p *Plan) { p.Packet.Inputs[0].NonWitnessUtxo = wire.NewMsgTx(1) }, ErrBadRequest},
		"other plan":      {func(p *Plan) { p.unsigned.TxOut[0].Value-- }, ErrAltered},
		"other fee":       {func(p *Plan) { p.Fee++ }, ErrAltered},
	} {
		t.Run(what, func(t *testing.T) {
			x := newWorld(t, 7)
			x.w.coins = nil
			x.w.fund(x.w.newScript(x.r, KindP2PKH), 1e7)
			p, err := x.b.Payment(t.Context(), PaymentRequest{Funding: Funding{Rate: RelayRate}, To: x.other, Amount: 1e6})
			if err != nil {
				t.Fatal(err)
			}
			if err := x.w.Sign(t.Context(), p.Packet); err != nil {
				t.Fatal(err)
			}
			if _, err := p.Finish(); err != nil {
				t.Fatalf("before the change: %v", err)
			}
			c.tamper(p)
			if tx, err := p.Finish(); !errors.Is(err, c.want) || tx != nil {
				t.Fatalf("got %v, want %v", err, c.want)
			}
		})
	}
}

// TestSizesAgainstLibrary holds our sums to those of btcwallet, which allow one byte more for a
// signature.
func TestSizesAgainstLibrary(t *testing.T) {
	for kind, theirs := range map[ScriptKind]int{
		KindP2PKH: txsizes.RedeemP2PKHInputSize * 4, KindP2WPKH: txsizes.RedeemP2WPKHInputSize*4 + txsizes.RedeemP2WPKHInputWitnessWeight,
		KindP2SH: txsizes.RedeemNestedP2WPKHInputSize*4 + txsizes.RedeemP2WPKHInputWitnessWeight,
		KindP2TR: txsizes.RedeemP2TRInputSize*4 + txsizes.RedeemP2TRInputWitnessWeight,
	} {
		x := newWorld(t, 8)
		base, wit, err := inputWeight(x.w.newScript(x.r, kind), nil)
		if err != nil {
			t.Fatal(err)
		}
		ours := 4*base + wit
		if slack := int64(theirs) - ours; slack < 0 || slack > 4 {
			t.Errorf("%s: weight %d, btcwallet reckons %d", kind, ours, theirs)
		}
	}
}

func TestDustLimit(t *testing.T) {
	x := newWorld(t, 9)
	for kind, want := range map[ScriptKind]btcutil.Amount{KindP2PKH: 546, KindP2SH: 540, KindP2WPKH: 294, KindP2TR: 330} {
		if got := DustLimit(x.w.newScript(x.r, kind)); got != want {
			t.Errorf("%s: %d, want %d", kind, got, want)
		}
	}
}

// TestChangeless pays an amount that two coins make up exactly.
func TestChangeless(t *testing.T) {
	x := newWorld(t, 10)
	x.w.coins = nil
	script := x.payers[0]
	for _, v := range []btcutil.Amount{900_000, 70_000, 50_000, 31_000, 11_111} {
		x.w.fund(script, v)
	}
	in := &coin{script: script}
	var err error
	if in.base, in.wit, err = inputWeight(script, nil); err != nil {
		t.Fatal(err)
	}
	rate := SatPerVByte(5)
	fee := rate.Fee(60) + 2*in.cost(rate)
	p, err := x.b.Payment(t.Context(), PaymentRequest{Funding: Funding{Rate: rate}, To: x.other, Amount: 70_000 + 31_000 - fee})
	if err != nil {
		t.Fatal(err)
	}
	if p.Change >= 0 || len(p.Packet.UnsignedTx.TxIn) != 2 {
		t.Fatalf("change at %d, %d inputs", p.Change, len(p.Packet.UnsignedTx.TxIn))
	}
}

// TestFewInputs prefers one coin that is enough over several.
func TestFewInputs(t *testing.T) {
	x := newWorld(t, 11)
	x.w.coins = nil
	for _, v := range []btcutil.Amount{3_000, 4_000, 5_000, 6_000, 500_000, 90_000} {
		x.w.fund(x.payers[0], v)
	}
	name, _ := names.Parse("alice.id")
	burn, _ := x.p.AddressScript(x.p.BurnAddress)
	p, err := x.b.Preorder(t.Context(), PreorderRequest{Funding: Funding{Rate: RelayRate}, Name: name, Owner: x.owner,
		Price: Price{names.Satoshi, big.NewInt(10_000)}, Payee: burn})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Packet.Inputs) != 1 || previous(p.Packet, 0).Value != 90_000 {
		t.Fatalf("%d inputs, the first of %d", len(p.Packet.Inputs), previous(p.Packet, 0).Value)
	}
}
