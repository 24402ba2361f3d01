package bump

import (
	"errors"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/payments/paid"
)

// TestStands follows what replaced a transaction, also in a circle that somebody wrote, and no
// further than what is in the history.
func TestStands(t *testing.T) {
	a, b, c := chainhash.Hash{1}, chainhash.Hash{2}, chainhash.Hash{3}
	for name, x := range map[string]struct {
		history  []paid.Entry
		replaced map[chainhash.Hash]chainhash.Hash
		want     chainhash.Hash
	}{
		"itself":         {[]paid.Entry{{Txid: a}}, map[chainhash.Hash]chainhash.Hash{a: b}, a},
		"twice replaced": {[]paid.Entry{{Txid: c}}, map[chainhash.Hash]chainhash.Hash{a: b, b: c}, c},
		"the middle one": {[]paid.Entry{{Txid: b}, {Txid: c}}, map[chainhash.Hash]chainhash.Hash{a: b, b: c}, b},
		"unknown":        {nil, nil, a},
		"a circle":       {nil, map[chainhash.Hash]chainhash.Hash{a: b, b: a}, a},
	} {
		if got := stands(x.history, x.replaced, a); got != x.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestMayBump refuses what must not be touched.
func TestMayBump(t *testing.T) {
	data := []paid.Output{{Script: []byte{0x6a, 1, 1}}}
	for name, x := range map[string]struct {
		e    paid.Entry
		want Reason
	}{
		"a payment":        {paid.Entry{Height: -1, Spent: 1, Outputs: []paid.Output{{Script: []byte{0x51}}}}, ""},
		"in a block":       {paid.Entry{Height: 7}, InBlock},
		"void":             {paid.Entry{Height: -1, Void: true}, IsVoid},
		"an operation":     {paid.Entry{Height: -1, Spent: 1, Outputs: data}, CarriesData},
		"data of a payer":  {paid.Entry{Height: -1, Outputs: data}, ""},
		"mined operation":  {paid.Entry{Height: 7, Spent: 1, Outputs: data}, CarriesData},
		"void in no block": {paid.Entry{Height: -1, Void: true, Spent: 1}, IsVoid},
	} {
		err := mayBump(&x.e)
		var no *Refused
		if x.want == "" && err != nil || x.want != "" && (!errors.As(err, &no) || no.Why != x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCannotReplace says why a transaction cannot be replaced.
func TestCannotReplace(t *testing.T) {
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{}, nil, nil))
	tx.TxIn[0].Sequence = wire.MaxTxInSequenceNum - 2
	e := paid.Entry{Tx: tx, Txid: tx.TxHash(), FeeKnown: true}
	if why := cannotReplace([]paid.Entry{e}, &e); why != "" {
		t.Error(why)
	}
	later := wire.NewMsgTx(2)
	later.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: e.Txid}, nil, nil))
	if cannotReplace([]paid.Entry{e, {Tx: later, Txid: later.TxHash()}}, &e) == "" {
		t.Error("what spends its change would be lost")
	}
	unknown := e
	unknown.FeeKnown = false
	if cannotReplace(nil, &unknown) == "" {
		t.Error("an input is somebody else's")
	}
	tx.TxIn[0].Sequence = wire.MaxTxInSequenceNum - 1
	if cannotReplace(nil, &e) == "" {
		t.Error("it does not signal")
	}
}
