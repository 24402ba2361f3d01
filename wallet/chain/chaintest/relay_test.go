package chaintest_test

import (
	"errors"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/chaintest"
)

// p2shTrue is a standard script that anybody may spend, and what spends it.
func p2shTrue(t *testing.T) (script, sig []byte) {
	t.Helper()
	redeem := []byte{txscript.OP_TRUE}
	script, err := txscript.NewScriptBuilder().AddOp(txscript.OP_HASH160).AddData(address.Hash160(redeem)).AddOp(txscript.OP_EQUAL).Script()
	if err != nil {
		t.Fatal(err)
	}
	sig, err = txscript.NewScriptBuilder().AddData(redeem).Script()
	if err != nil {
		t.Fatal(err)
	}
	return script, sig
}

// pool is a memory pool under test.
type pool struct {
	*chaintest.Bitcoin
	t           *testing.T
	script, sig []byte
}

func newPool(t *testing.T, r chaintest.Relay) *pool {
	p := &pool{Bitcoin: chaintest.New(), t: t}
	p.script, p.sig = p2shTrue(t)
	p.SetRelay(r)
	return p
}

// coin is a coin in a block.
func (p *pool) coin(amount int64) wire.OutPoint {
	p.t.Helper()
	tx, err := p.Pay(p.script, btcutil.Amount(amount))
	if err != nil {
		p.t.Fatal(err)
	}
	p.Mine(1)
	for i, o := range tx.TxOut {
		if string(o.PkScript) == string(p.script) {
			return wire.OutPoint{Hash: tx.TxHash(), Index: uint32(i)}
		}
	}
	p.t.Fatal("no coin")
	return wire.OutPoint{}
}

// spend sends a transaction with some outputs.
func (p *pool) spend(op wire.OutPoint, values ...int64) (*wire.MsgTx, error) {
	tx := wire.NewMsgTx(2)
	in := wire.NewTxIn(&op, p.sig, nil)
	in.Sequence = 0xfffffffd
	tx.AddTxIn(in)
	for _, v := range values {
		tx.AddTxOut(wire.NewTxOut(v, p.script))
	}
	_, err := p.Broadcast(p.t.Context(), tx)
	return tx, err
}

func (p *pool) refuses(what string, err error, code chain.RefusalCode) {
	p.t.Helper()
	var no *chain.Refused
	if !errors.As(err, &no) || no.Code != code {
		p.t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func (p *pool) has(tx *wire.MsgTx) bool {
	p.t.Helper()
	s, err := p.TxStatus(p.t.Context(), tx.TxHash())
	if err != nil {
		p.t.Fatal(err)
	}
	return s.InMempool
}

// TestFloor moves the floor and the increment.
func TestFloor(t *testing.T) {
	p := newPool(t, chaintest.CoreRelay(0))
	op := p.coin(1_000_000)
	r := p.Relay()
	r.Floor, r.Increment = 10_000, 3000
	p.SetRelay(r)
	if fees, err := p.RelayFees(t.Context()); err != nil || fees != (chain.RelayFees{Floor: 10_000, Increment: 3000}) {
		t.Errorf("%+v, %v", fees, err)
	}
	_, err := p.spend(op, 999_800)
	p.refuses("below the floor", err, chain.InsufficientFee)
	if _, err := p.spend(op, 998_000); err != nil {
		t.Error(err)
	}
	_, err = p.spend(op, 997_800) // 200 more for 83 vB
	p.refuses("below the increment", err, chain.InsufficientFee)
	if _, err := p.spend(op, 997_700); err != nil {
		t.Error(err)
	}
}

// TestRows hangs transactions on each other until the node takes no more.
func TestRows(t *testing.T) {
	p := newPool(t, chaintest.CoreRelay(0))
	op, value := p.coin(1_000_000), int64(1_000_000)
	for range 25 {
		value -= 1000
		tx, err := p.spend(op, value)
		if err != nil {
			t.Fatal(err)
		}
		op = wire.OutPoint{Hash: tx.TxHash()}
	}
	_, err := p.spend(op, value-1000)
	p.refuses("the 26th in a row", err, chain.NoRoom)
	p.Mine(1)
	values := make([]int64, 26)
	for i := range values {
		values[i] = 20_000
	}
	root, err := p.spend(op, values...)
	if err != nil {
		t.Fatal(err)
	}
	for i := range values {
		_, err := p.spend(wire.OutPoint{Hash: root.TxHash(), Index: uint32(i)}, 19_000)
		if i < 24 && err != nil {
			t.Fatal(err)
		} else if i >= 24 {
			p.refuses("the 25th child", err, chain.NoRoom)
		}
	}
	// What takes the place of a child is no child more.
	if _, err := p.spend(wire.OutPoint{Hash: root.TxHash()}, 15_000); err != nil {
		t.Error(err)
	}
}

// TestFullPool evicts what pays least with what hangs on it, refuses what pays no more, and comes
// down again.
func TestFullPool(t *testing.T) {
	p := newPool(t, chaintest.CoreRelay(0))
	ops := []wire.OutPoint{p.coin(100_000), p.coin(100_000), p.coin(100_000), p.coin(100_000)}
	low, err := p.spend(ops[0], 99_800)
	if err != nil {
		t.Fatal(err)
	}
	child, err := p.spend(wire.OutPoint{Hash: low.TxHash()}, 99_600)
	if err != nil {
		t.Fatal(err)
	}
	r := p.Relay()
	r.Room = 300
	p.SetRelay(r)
	high, err := p.spend(ops[1], 95_000)
	if err != nil || !p.has(low) {
		t.Fatalf("there is room: %v", err)
	}
	if _, err := p.spend(ops[2], 90_000); err != nil {
		t.Fatal(err)
	}
	if p.has(low) || p.has(child) || !p.has(high) {
		t.Error("not the cheapest was evicted")
	}
	_, err = p.spend(ops[0], 99_800)
	p.refuses("what was evicted", err, chain.InsufficientFee)
	if fees, err := p.RelayFees(t.Context()); err != nil || fees.Floor < 3000 || fees.Floor > 4000 {
		t.Errorf("the floor of a full pool: %+v, %v", fees, err)
	}
	if _, err = p.spend(ops[3], 80_000); err != nil {
		t.Fatal(err)
	}
	_, err = p.spend(ops[0], 99_000)
	p.refuses("what pays the floor and less than everything else", err, chain.InsufficientFee)
	p.Mine(30)
	if fees, err := p.RelayFees(t.Context()); err != nil || fees.Floor != 1000 {
		t.Errorf("the floor later: %+v, %v", fees, err)
	}
	if _, err := p.spend(ops[0], 99_800); err != nil {
		t.Error(err)
	}
}

// TestReorgBringsBack: parent and child come back together, whatever they pay.
func TestReorgBringsBack(t *testing.T) {
	p := newPool(t, chaintest.CoreRelay(0))
	op := p.coin(100_000)
	parent, err := p.spend(op, 99_800)
	if err != nil {
		t.Fatal(err)
	}
	p.Mine(1)
	child, err := p.spend(wire.OutPoint{Hash: parent.TxHash()}, 99_600)
	if err != nil {
		t.Fatal(err)
	}
	p.Mine(1)
	r := p.Relay()
	r.Floor = 50_000
	p.SetRelay(r)
	if err := p.Reorg(2, false); err != nil {
		t.Fatal(err)
	}
	if !p.has(parent) || !p.has(child) {
		t.Error("a reorg lost what it set free")
	}
	p.Forget()
	if p.has(parent) {
		t.Error("a pool that was emptied has it still")
	}
	_, err = p.spend(op, 99_800)
	p.refuses("below the floor", err, chain.InsufficientFee)
}

// TestIndexing cannot tell of blocks, and can of the pool.
func TestIndexing(t *testing.T) {
	p := newPool(t, chaintest.CoreRelay(0))
	op := p.coin(100_000)
	tx, err := p.spend(op, 99_000)
	if err != nil {
		t.Fatal(err)
	}
	p.SetIndexing(true)
	if !p.has(tx) {
		t.Error("the pool needs no index")
	}
	for range 2 {
		p.Mine(1)
		if _, err := p.TxStatus(t.Context(), tx.TxHash()); !errors.Is(err, chain.ErrNoTxIndex) {
			t.Errorf("an index that is being built: %v", err)
		}
	}
	p.SetIndexing(false)
	if s, err := p.TxStatus(t.Context(), tx.TxHash()); err != nil || s.Confirmations != 2 {
		t.Errorf("built: %+v, %v", s, err)
	}
}
