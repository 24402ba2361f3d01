package txbuilder

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/testdata"
)

// vectorHeight is a block whose rules write the form that the old library wrote: epoch 3 for what
// is paid in BTC, epoch 4 or later for tokens.
func (b *bench) vectorHeight() int32 {
	switch a := &b.v.Args; b.v.Op {
	case "makeTokenTransfer (single key)", "makeTokenTransfer (separate funder)":
		return 600_000
	case "makeNamespacePreorder":
		if a.NamespacePrice.Units == "STACKS" {
			return 600_000
		}
	default:
		if a.NamePrice.Units == "STACKS" {
			return 600_000
		}
	}
	return 500_000
}

// TestVectorsBuilder builds the same operations with the real builder from coins of the same
// values: the OP_RETURN, the order of the outputs and their scripts are those of the old library,
// and the signed transaction passes Finish.
func TestVectorsBuilder(t *testing.T) {
	n := 0
	for i, v := range readTransactions(t) {
		if v.Error != "" {
			continue
		}
		n++
		t.Run(fmt.Sprintf("%d %s", i, v.Op), func(t *testing.T) {
			b := newBench(t, v)
			w := newTestWallet(t, &chaincfg.MainNetParams)
			w.addKey(b.sender, KindP2PKH)
			w.change = b.payer
			for _, u := range b.utxos(v.Args.PayerAddress, false) {
				w.fund(b.payer, u.value)
			}
			builder, err := New(Config{Params: b.p, Net: &chaincfg.MainNetParams, Coins: w, Height: b.vectorHeight()})
			if err != nil {
				t.Fatal(err)
			}
			p, err := b.build(builder, w)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Sign(t.Context(), p.Packet); err != nil {
				t.Fatal(err)
			}
			tx, err := p.Finish()
			if err != nil {
				t.Fatal(err)
			}
			var want wire.MsgTx
			raw, err := hex.DecodeString(v.Tx)
			if err != nil {
				t.Fatal(err)
			}
			if err := want.Deserialize(bytes.NewReader(raw)); err != nil {
				t.Fatal(err)
			}
			b.compare(p, tx, &want)
		})
	}
	testdata.Cases(t, fullTransactions, n)
}

// compare holds our outputs to the old library's. Ours may leave out change that would be dust; a
// payment has its change on either side.
func (b *bench) compare(p *Plan, got, want *wire.MsgTx) {
	b.t.Helper()
	outs := slices.Clone(got.TxOut)
	if b.v.Op == "makeBitcoinSpend" && p.Change == 0 {
		slices.Reverse(outs)
	}
	if len(outs) != len(want.TxOut) && !(p.Change < 0 && len(outs) == len(want.TxOut)-1) {
		b.t.Fatalf("%d outputs, want %d", len(outs), len(want.TxOut))
	}
	for i, o := range outs {
		if !bytes.Equal(o.PkScript, want.TxOut[i].PkScript) {
			b.t.Errorf("output %d: script %x, want %x", i, o.PkScript, want.TxOut[i].PkScript)
		}
	}
	size := int64(10 + 148*len(want.TxIn))
	for _, o := range want.TxOut {
		size += int64(9 + len(o.PkScript))
	}
	if p.VSize > size {
		b.t.Errorf("%d vB, the old library reckons %d", p.VSize, size)
	}
	if theirs := btcutil.Amount(b.v.Args.FeeRate * size); p.Fee > theirs && p.Change >= 0 {
		b.t.Errorf("fee %d, the old library pays %d at the same rate", p.Fee, theirs)
	}
}

// build asks the real builder for the operation.
func (b *bench) build(builder *Builder, w *testWallet) (*Plan, error) {
	ctx, a := b.t.Context(), &b.v.Args
	f := Funding{Rate: SatPerVByte(a.FeeRate)}
	var owner Input
	if b.separate() {
		own := b.utxos(a.OwnerAddress, true)
		slices.SortStableFunc(own, func(x, y utxo) int { return int(x.value - y.value) })
		w.addKey(b.ownerKey, KindP2PKH)
		owner = w.ownerCoin(b.owner, own[0].value)
	}
	from := f
	from.First = func(script []byte) bool { return bytes.Equal(script, b.payer) }
	switch b.v.Op {
	case "makePreorder":
		return builder.Preorder(ctx, PreorderRequest{Funding: f, Name: b.name(), Owner: b.owner, Consensus: b.consensus(),
			Price: a.NamePrice.price(b.t), Payee: b.script(a.BurnAddress)})
	case "makeRegister (no zone file)":
		return builder.Register(ctx, RegisterRequest{Funding: from, Name: b.name(), Owner: b.owner})
	case "makeRegister (zone file)":
		return builder.Register(ctx, RegisterRequest{Funding: from, Name: b.name(), Owner: b.owner, ZoneFile: b.zoneFile(), HasZoneFile: true})
	case "makeUpdate":
		return builder.Update(ctx, UpdateRequest{Funding: f, Name: b.name(), Coin: owner, Consensus: b.consensus(), ZoneFile: b.zoneFile()})
	case "makeTransfer (keep)", "makeTransfer (erase)":
		return builder.Transfer(ctx, TransferRequest{Funding: f, Name: b.name(), Coin: owner, NewOwner: b.dest, Consensus: b.consensus(),
			Keep: b.v.Op == "makeTransfer (keep)"})
	case "makeRenewal (zone file)", "makeRenewal (no zone file)":
		r := RenewRequest{Funding: f, Name: b.name(), Coin: owner, Price: a.NamePrice.price(b.t), Payee: b.script(a.BurnAddress)}
		if b.v.Op == "makeRenewal (zone file)" {
			r.ZoneFile, r.HasZoneFile, r.NewOwner = b.zoneFile(), true, b.dest
		} else {
			r.HasZoneFile = r.Price.Unit == names.MicroStacks
		}
		return builder.Renew(ctx, r)
	case "makeRevoke":
		return builder.Revoke(ctx, RevokeRequest{Funding: f, Name: b.name(), Coin: owner})
	case "makeNamespacePreorder":
		return builder.NamespacePreorder(ctx, NamespacePreorderRequest{Funding: f, ID: names.NamespaceID(a.NamespaceID),
			Revealer: b.script(a.RevealAddress), Consensus: b.consensus(), Price: a.NamespacePrice.price(b.t), Burn: b.script(b.p.BurnAddress)})
	case "makeNamespaceReveal":
		return builder.Reveal(ctx, RevealRequest{Funding: from, Op: b.reveal(), Revealer: b.script(a.RevealAddress)})
	case "makeNamespaceReady":
		return builder.Ready(ctx, ReadyRequest{Funding: from, ID: names.NamespaceID(a.NamespaceID)})
	case "makeNameImport":
		h, err := names.ParseZoneFileHash(a.ZoneFileHash)
		if err != nil {
			return nil, err
		}
		return builder.Import(ctx, ImportRequest{Funding: from, Name: b.name(), Owner: b.dest, ZoneFile: h})
	case "makeAnnounce":
		return builder.Announce(ctx, AnnounceRequest{Funding: from, Message: b.message()})
	case "makeTokenTransfer (single key)":
		return builder.TokenTransfer(ctx, TokenTransferRequest{Funding: from, Recipient: b.dest, Consensus: b.consensus(), Amount: b.tokens(), Memo: a.Scratch})
	case "makeTokenTransfer (separate funder)":
		return builder.TokenTransfer(ctx, TokenTransferRequest{Funding: f, Coin: &owner, Recipient: b.dest, Consensus: b.consensus(), Amount: b.tokens(), Memo: a.Scratch})
	case "makeBitcoinSpend":
		return builder.Payment(ctx, PaymentRequest{Funding: f, To: b.dest, Amount: btcutil.Amount(a.Amount)})
	case "makeBitcoinSpend (more than the balance: sends all)":
		return builder.Payment(ctx, PaymentRequest{Funding: f, To: b.dest, All: true})
	}
	return nil, fmt.Errorf("unknown operation %q", b.v.Op)
}
