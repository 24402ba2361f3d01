package chaintest_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/chaintest"
)

var anyone = []byte{txscript.OP_TRUE} // spendable by anybody; not standard

// anyoneCoin mines a payment that anybody may spend.
func anyoneCoin(t *testing.T, b *chaintest.Bitcoin) wire.OutPoint {
	t.Helper()
	hash := b.MineTo(anyone, 1)[0]
	b.Mine(100)
	raw, err := b.RawBlock(t.Context(), hash)
	if err != nil {
		t.Fatal(err)
	}
	var block wire.MsgBlock
	if err := block.Deserialize(bytes.NewReader(raw)); err != nil {
		t.Fatal(err)
	}
	return wire.OutPoint{Hash: block.Transactions[0].TxHash()}
}

func spendAnyone(op wire.OutPoint, value int64) *wire.MsgTx {
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&op, nil, nil))
	tx.AddTxOut(wire.NewTxOut(value, anyone))
	return tx
}

func TestMineTxs(t *testing.T) {
	b := chaintest.New()
	op := anyoneCoin(t, b)
	one := spendAnyone(op, 49e8)
	two := spendAnyone(wire.OutPoint{Hash: one.TxHash()}, 48e8)
	if _, err := b.Broadcast(t.Context(), one); err == nil {
		t.Error("relayed what is not standard")
	}
	hash, err := b.MineTxs(one, two)
	if err != nil {
		t.Fatal(err)
	}
	for _, tx := range []*wire.MsgTx{one, two} {
		s, err := b.TxStatus(t.Context(), tx.TxHash())
		if err != nil || s.BlockHash != hash || s.Confirmations != 1 {
			t.Errorf("%+v, %v", s, err)
		}
	}
	height, _, _ := b.Tip(t.Context())
	var no *chain.Refused
	for name, tx := range map[string]*wire.MsgTx{
		"spent twice": one, "from nothing": spendAnyone(wire.OutPoint{Hash: chainhash.Hash{1}}, 1),
		"more than it has": spendAnyone(wire.OutPoint{Hash: two.TxHash()}, 49e8),
	} {
		if _, err := b.MineTxs(tx); !errors.As(err, &no) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if now, _, _ := b.Tip(t.Context()); now != height {
		t.Errorf("height %d after refused blocks, was %d", now, height)
	}
}

func TestRewind(t *testing.T) {
	b := chaintest.New()
	tx, err := b.Pay([]byte{txscript.OP_DUP, txscript.OP_HASH160, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
		txscript.OP_EQUALVERIFY, txscript.OP_CHECKSIG}, 1e8)
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := b.Tip(t.Context())
	hashes := b.Mine(3)
	if err := b.Rewind(3); err != nil {
		t.Fatal(err)
	}
	if now, _, _ := b.Tip(t.Context()); now != before {
		t.Errorf("height %d, want %d", now, before)
	}
	if s, _ := b.TxStatus(t.Context(), tx.TxHash()); !s.InMempool {
		t.Errorf("%+v", s)
	}
	if _, err := b.RawBlock(t.Context(), hashes[1]); err != nil {
		t.Errorf("a node keeps blocks that lost: %v", err)
	}
	for _, depth := range []int32{0, -1, before + 1} {
		if b.Rewind(depth) == nil || b.Reorg(depth, false) == nil {
			t.Errorf("depth %d", depth)
		}
	}
	if err := b.Rewind(before); err != nil {
		t.Fatal(err)
	}
	if s, _ := b.TxStatus(t.Context(), tx.TxHash()); s.Found {
		t.Error("spends a coin that never was, and still waits")
	}
}

func TestDown(t *testing.T) {
	b := chaintest.New()
	b.SetDown(true)
	if _, _, err := b.Tip(t.Context()); !errors.Is(err, chain.ErrUnreachable) {
		t.Errorf("tip: %v", err)
	}
	if _, err := b.Broadcast(t.Context(), wire.NewMsgTx(2)); !errors.Is(err, chain.ErrUnreachable) {
		t.Errorf("broadcast: %v", err)
	}
	if _, err := b.WalletClient(t.Context()); !errors.Is(err, chain.ErrUnreachable) {
		t.Errorf("wallet client: %v", err)
	}
	b.SetDown(false)
	if _, _, err := b.Tip(t.Context()); err != nil {
		t.Error(err)
	}
	if len(b.Sent()) != 0 {
		t.Error("sent to a node that is down")
	}
	b.SetFeeRate(5000)
	if rate, known, err := b.EstimateFeeRate(t.Context(), 1); rate != 5000 || !known || err != nil {
		t.Errorf("%d, %v, %v", rate, known, err)
	}
}
