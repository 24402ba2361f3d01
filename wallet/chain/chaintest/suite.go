package chaintest

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
	btcwallet "github.com/btcsuite/btcwallet/chain"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/node"
)

// Node is what a connection to Bitcoin can be asked: the methods of *chain.Node.
type Node interface {
	Tip(context.Context) (int32, chainhash.Hash, error)
	HashAt(context.Context, int32) (chainhash.Hash, error)
	RawBlock(context.Context, chainhash.Hash) ([]byte, error)
	Header(context.Context, chainhash.Hash) (*wire.BlockHeader, error)
	PrevOut(context.Context, wire.OutPoint) (*wire.TxOut, error)
	Tx(context.Context, chainhash.Hash) (*wire.MsgTx, error)
	TxStatus(context.Context, chainhash.Hash) (chain.TxStatus, error)
	MempoolTxs(context.Context) ([]chainhash.Hash, error)
	InMempool(context.Context, chainhash.Hash) (bool, error)
	Broadcast(context.Context, *wire.MsgTx) (chain.Outcome, error)
	CheckAccept(context.Context, *wire.MsgTx) error
	EstimateFeeRate(context.Context, int32) (btcutil.Amount, bool, error)
	RelayFees(context.Context) (chain.RelayFees, error)
	HangingFees(context.Context, chainhash.Hash) (btcutil.Amount, error)
	WaitBlock(context.Context, chainhash.Hash) (int32, chainhash.Hash, error)
	WalletClient(context.Context) (btcwallet.Interface, error)
	Close()
}

var (
	_ Node = (*node.Node)(nil)
	_ Node = (*Bitcoin)(nil)
)

// World is a chain under the control of a test, on regtest.
type World struct {
	Node  Node
	Mine  func(blocks int)                                                // with the memory pool
	Reorg func(depth int32, drop bool)                                    // depth+1 empty blocks instead
	Pay   func(script []byte, amount btcutil.Amount) (*wire.MsgTx, error) // through the memory pool
}

// Suite tests that a Node answers as it should, whatever is behind it.
func Suite(t *testing.T, w World) {
	s := &suite{World: w, t: t}
	s.key, _ = btcec.PrivKeyFromBytes(bytes.Repeat([]byte{7}, 32))
	addr, err := address.NewAddressPubKeyHash(address.Hash160(s.key.PubKey().SerializeCompressed()), params())
	s.no(err)
	s.script, err = txscript.PayToAddrScript(addr)
	s.no(err)
	if height, _, err := w.Node.Tip(t.Context()); err != nil || height < 110 {
		s.Mine(110)
	}
	for _, test := range []struct {
		name string
		run  func(*suite)
	}{
		{"blocks", (*suite).blocks},
		{"payment", (*suite).payment},
		{"reorg", (*suite).reorg},
		{"refusals", (*suite).refusals},
		{"replacement", (*suite).replacement},
		{"wait", (*suite).wait},
		{"fees", (*suite).fees},
		{"wallet client", (*suite).walletClient},
	} {
		t.Run(test.name, func(t *testing.T) {
			sub := *s
			sub.t = t
			test.run(&sub)
		})
	}
}

type suite struct {
	World
	t      *testing.T
	key    *btcec.PrivateKey
	script []byte
}

func params() *chaincfg.Params { return &chaincfg.RegressionNetParams }

func (s *suite) no(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *suite) tip() (int32, chainhash.Hash) {
	s.t.Helper()
	height, hash, err := s.Node.Tip(s.t.Context())
	s.no(err)
	return height, hash
}

func (s *suite) status(txid chainhash.Hash) chain.TxStatus {
	s.t.Helper()
	got, err := s.Node.TxStatus(s.t.Context(), txid)
	s.no(err)
	return got
}

// paid pays the suite's key and returns the coin.
func (s *suite) paid(amount btcutil.Amount) (wire.OutPoint, *wire.TxOut) {
	s.t.Helper()
	tx, err := s.Pay(s.script, amount)
	s.no(err)
	for i, out := range tx.TxOut {
		if bytes.Equal(out.PkScript, s.script) {
			return wire.OutPoint{Hash: tx.TxHash(), Index: uint32(i)}, out
		}
	}
	s.t.Fatal("the payment has no output of ours")
	return wire.OutPoint{}, nil
}

// spend makes a signed transaction that spends coins of the suite's key.
func (s *suite) spend(ops []wire.OutPoint, outs []*wire.TxOut, change ...func(*wire.MsgTx)) *wire.MsgTx {
	s.t.Helper()
	tx := wire.NewMsgTx(2)
	for _, op := range ops {
		in := wire.NewTxIn(&op, nil, nil)
		in.Sequence = 0xfffffffd
		tx.AddTxIn(in)
	}
	for _, out := range outs {
		tx.AddTxOut(out)
	}
	for _, f := range change {
		f(tx)
	}
	for i, in := range tx.TxIn {
		sig, err := txscript.SignatureScript(tx, i, s.script, txscript.SigHashAll, s.key, true)
		s.no(err)
		in.SignatureScript = sig
	}
	return tx
}

func (s *suite) out(amount int64) *wire.TxOut { return wire.NewTxOut(amount, s.script) }

func (s *suite) blocks() {
	ctx := s.t.Context()
	height, hash := s.tip()
	prev := *params().GenesisHash
	for h := int32(0); h <= height; h++ {
		at, err := s.Node.HashAt(ctx, h)
		s.no(err)
		raw, err := s.Node.RawBlock(ctx, at)
		s.no(err)
		block, err := btcutil.NewBlockFromBytes(raw)
		s.no(err)
		if *block.Hash() != at {
			s.t.Fatalf("block %d: hash %s, want %s", h, block.Hash(), at)
		}
		if h > 0 && block.MsgBlock().Header.PrevBlock != prev {
			s.t.Fatalf("block %d does not follow on block %d", h, h-1)
		}
		if h > 0 {
			s.no(blockchain.CheckBlockSanity(block, params().PowLimit, blockchain.NewMedianTime()))
			s.no(blockchain.ValidateWitnessCommitment(block))
			got, err := blockchain.ExtractCoinbaseHeight(block.Transactions()[0])
			s.no(err)
			if got != h {
				s.t.Fatalf("block %d says that it is block %d", h, got)
			}
		}
		header, err := s.Node.Header(ctx, at)
		s.no(err)
		if header.BlockHash() != at {
			s.t.Fatalf("header %d is another block's", h)
		}
		prev = at
	}
	if prev != hash {
		s.t.Fatalf("the tip is %s, block %d is %s", hash, height, prev)
	}
	for _, h := range []int32{-1, height + 1} {
		if _, err := s.Node.HashAt(ctx, h); !errors.Is(err, chain.ErrBlockNotFound) {
			s.t.Errorf("hash at %d: %v", h, err)
		}
	}
	if _, err := s.Node.RawBlock(ctx, chainhash.Hash{1}); !errors.Is(err, chain.ErrBlockNotFound) {
		s.t.Errorf("raw block of nothing: %v", err)
	}
	if _, err := s.Node.Header(ctx, chainhash.Hash{1}); !errors.Is(err, chain.ErrBlockNotFound) {
		s.t.Errorf("header of nothing: %v", err)
	}
}

func (s *suite) payment() {
	ctx := s.t.Context()
	op, out := s.paid(1_000_000)
	if got := s.status(op.Hash); got != (chain.TxStatus{Found: true, InMempool: true, Height: -1}) {
		s.t.Errorf("unconfirmed: %+v", got)
	}
	if in, err := s.Node.InMempool(ctx, op.Hash); err != nil || !in {
		s.t.Errorf("not in the memory pool: %v", err)
	}
	got, err := s.Node.PrevOut(ctx, op)
	s.no(err)
	if got.Value != out.Value || !bytes.Equal(got.PkScript, out.PkScript) {
		s.t.Errorf("unconfirmed coin: %+v", got)
	}
	s.Mine(2)
	height, _ := s.tip()
	at, err := s.Node.HashAt(ctx, height-1)
	s.no(err)
	if got := s.status(op.Hash); got != (chain.TxStatus{Found: true, Height: height - 1, BlockHash: at, Confirmations: 2}) {
		s.t.Errorf("confirmed: %+v", got)
	}
	if in, err := s.Node.InMempool(ctx, op.Hash); err != nil || in {
		s.t.Errorf("still in the memory pool: %v", err)
	}
	tx, err := s.Node.Tx(ctx, op.Hash)
	s.no(err)
	if outcome, err := s.Node.Broadcast(ctx, tx); err != nil || outcome != chain.AlreadyConfirmed {
		s.t.Errorf("sent again: %v, %v", outcome, err)
	}
	s.no(s.Node.CheckAccept(ctx, tx))

	next := s.spend([]wire.OutPoint{op}, []*wire.TxOut{s.out(990_000)})
	s.no(s.Node.CheckAccept(ctx, next))
	if in, _ := s.Node.InMempool(ctx, next.TxHash()); in {
		s.t.Error("checking has sent it")
	}
	for i, want := range []chain.Outcome{chain.Accepted, chain.AlreadyKnown} {
		if outcome, err := s.Node.Broadcast(ctx, next); err != nil || outcome != want {
			s.t.Errorf("broadcast %d: %v, %v", i, outcome, err)
		}
	}
	s.Mine(1)
	spent, err := s.Node.PrevOut(ctx, op)
	s.no(err)
	if spent.Value != out.Value {
		s.t.Errorf("spent coin: %+v", spent)
	}
	// All outputs of this one are spent: it is confirmed all the same.
	last := s.spend([]wire.OutPoint{{Hash: next.TxHash()}}, []*wire.TxOut{s.out(980_000)})
	_, err = s.Node.Broadcast(ctx, last)
	s.no(err)
	s.Mine(1)
	if outcome, err := s.Node.Broadcast(ctx, next); err != nil || outcome != chain.AlreadyConfirmed {
		s.t.Errorf("spent and sent again: %v, %v", outcome, err)
	}

	if got := s.status(chainhash.Hash{9}); got != (chain.TxStatus{Height: -1}) {
		s.t.Errorf("unknown transaction: %+v", got)
	}
	if _, err := s.Node.Tx(ctx, chainhash.Hash{9}); !errors.Is(err, chain.ErrTxNotFound) {
		s.t.Errorf("unknown transaction: %v", err)
	}
	if _, err := s.Node.PrevOut(ctx, wire.OutPoint{Hash: op.Hash, Index: 99}); !errors.Is(err, chain.ErrNoOutput) {
		s.t.Errorf("output 99: %v", err)
	}
}

func (s *suite) reorg() {
	ctx := s.t.Context()
	for _, drop := range []bool{false, true} {
		op, _ := s.paid(500_000)
		s.Mine(3)
		height, old := s.tip()
		first := s.status(op.Hash)
		s.Reorg(3, drop)
		now, hash := s.tip()
		if now != height+1 || hash == old {
			s.t.Fatalf("drop %v: tip %d %s after a reorg at %d %s", drop, now, hash, height, old)
		}
		want := chain.TxStatus{Found: !drop, InMempool: !drop, Height: -1}
		if got := s.status(op.Hash); got != want {
			s.t.Fatalf("drop %v: %+v", drop, got)
		}
		if at, err := s.Node.HashAt(ctx, first.Height); err != nil || at == first.BlockHash {
			s.t.Errorf("drop %v: block %d is still %s (%v)", drop, first.Height, at, err)
		}
		s.Mine(1)
		if got := s.status(op.Hash); got.Confirmed() == drop {
			s.t.Errorf("drop %v, mined again: %+v", drop, got)
		}
	}
}

func (s *suite) refusals() {
	ctx := s.t.Context()
	op, _ := s.paid(1_000_000)
	s.Mine(1)
	height, _ := s.tip()
	data := func(n int) *wire.TxOut {
		script, err := txscript.NewScriptBuilder().AddOp(txscript.OP_RETURN).AddFullData(make([]byte, n)).Script()
		s.no(err)
		return wire.NewTxOut(0, script)
	}
	hashAt1, err := s.Node.HashAt(ctx, height)
	s.no(err)
	raw, err := s.Node.RawBlock(ctx, hashAt1)
	s.no(err)
	block, err := btcutil.NewBlockFromBytes(raw)
	s.no(err)
	young := wire.OutPoint{Hash: *block.Transactions()[0].Hash()}
	for _, test := range []struct {
		name string
		tx   *wire.MsgTx
		code chain.RefusalCode
	}{
		{"fee", s.spend([]wire.OutPoint{op}, []*wire.TxOut{s.out(999_999)}), chain.InsufficientFee},
		{"dust", s.spend([]wire.OutPoint{op}, []*wire.TxOut{s.out(545), s.out(900_000)}), chain.Dust},
		{"missing", s.spend([]wire.OutPoint{{Hash: chainhash.Hash{3}}}, []*wire.TxOut{s.out(900_000)}), chain.MissingInputs},
		{"lock time", s.spend([]wire.OutPoint{op}, []*wire.TxOut{s.out(900_000)},
			func(tx *wire.MsgTx) { tx.LockTime = uint32(height) + 10 }), chain.NonFinal},
		{"relative lock", s.spend([]wire.OutPoint{op}, []*wire.TxOut{s.out(900_000)},
			func(tx *wire.MsgTx) { tx.TxIn[0].Sequence = 10 }), chain.NonFinal},
		{"immature", s.spend([]wire.OutPoint{young}, []*wire.TxOut{s.out(10_000)}), chain.NonFinal},
		{"data of 81 bytes", s.spend([]wire.OutPoint{op}, []*wire.TxOut{data(81), s.out(900_000)}), chain.NonStandard},
		{"data twice", s.spend([]wire.OutPoint{op}, []*wire.TxOut{data(8), data(9), s.out(900_000)}), chain.NonStandard},
		{"version", s.spend([]wire.OutPoint{op}, []*wire.TxOut{s.out(900_000)},
			func(tx *wire.MsgTx) { tx.Version = 9 }), chain.NonStandard},
		{"too much", s.spend([]wire.OutPoint{op}, []*wire.TxOut{s.out(1_000_001)}), chain.Invalid},
		{"no outputs", s.spend([]wire.OutPoint{op}, nil), chain.Invalid},
	} {
		s.refused(test.name, test.tx, test.code)
	}
	unsigned := s.spend([]wire.OutPoint{op}, []*wire.TxOut{s.out(900_000)})
	unsigned.TxOut[0].Value-- // the signature was for another amount
	s.refused("signature", unsigned, chain.Invalid)

	good := s.spend([]wire.OutPoint{op}, []*wire.TxOut{s.out(546), data(80), s.out(900_000)})
	if outcome, err := s.Node.Broadcast(ctx, good); err != nil || outcome != chain.Accepted {
		s.t.Errorf("good: %v, %v", outcome, err)
	}
	s.Mine(1)
	s.refused("spent", s.spend([]wire.OutPoint{op}, []*wire.TxOut{s.out(800_000)}), chain.MissingInputs)
}

func (s *suite) refused(name string, tx *wire.MsgTx, code chain.RefusalCode) {
	s.t.Helper()
	_, sent := s.Node.Broadcast(s.t.Context(), tx)
	for step, err := range map[string]error{"broadcast": sent, "check": s.Node.CheckAccept(s.t.Context(), tx)} {
		var no *chain.Refused
		if !errors.As(err, &no) || no.Code != code || no.Txid != tx.TxHash() || no.Reason == "" {
			s.t.Errorf("%s, %s: %v, want %s", name, step, err, code)
		}
	}
	if got := s.status(tx.TxHash()); got.Found {
		s.t.Errorf("%s: refused but there: %+v", name, got)
	}
}

func (s *suite) replacement() {
	ctx := s.t.Context()
	op, _ := s.paid(1_000_000)
	s.Mine(1)
	old := s.spend([]wire.OutPoint{op}, []*wire.TxOut{s.out(990_000)})
	_, err := s.Node.Broadcast(ctx, old)
	s.no(err)
	child := s.spend([]wire.OutPoint{{Hash: old.TxHash()}}, []*wire.TxOut{s.out(985_000)})
	_, err = s.Node.Broadcast(ctx, child)
	s.no(err)
	s.refused("under-paid replacement", s.spend([]wire.OutPoint{op}, []*wire.TxOut{s.out(989_999)}), chain.InsufficientFee)
	s.refused("a replacement that pays less than all that it evicts", s.spend([]wire.OutPoint{op}, []*wire.TxOut{s.out(985_001)}), chain.InsufficientFee)
	for tx, want := range map[*wire.MsgTx]btcutil.Amount{old: 5000, child: 0} {
		if fees, err := s.Node.HangingFees(ctx, tx.TxHash()); err != nil || fees != want {
			s.t.Errorf("what hangs on %s pays %d, %v; want %d", tx.TxHash(), fees, err, want)
		}
	}
	if fees, err := s.Node.HangingFees(ctx, op.Hash); err != nil || fees != 0 {
		s.t.Errorf("what hangs on a transaction in a block: %d, %v", fees, err)
	}
	better := s.spend([]wire.OutPoint{op}, []*wire.TxOut{s.out(900_000)}, func(tx *wire.MsgTx) { tx.TxIn[0].Sequence = wire.MaxTxInSequenceNum })
	if outcome, err := s.Node.Broadcast(ctx, better); err != nil || outcome != chain.Accepted {
		s.t.Fatalf("replacement: %v, %v", outcome, err)
	}
	for _, gone := range []*wire.MsgTx{old, child} {
		if got := s.status(gone.TxHash()); got.Found {
			s.t.Errorf("replaced but there: %+v", got)
		}
	}
	s.refused("replacement of what is final", s.spend([]wire.OutPoint{op}, []*wire.TxOut{s.out(500_000)}), chain.Conflict)
	s.Mine(1)
	if got := s.status(better.TxHash()); !got.Confirmed() {
		s.t.Errorf("replacement not mined: %+v", got)
	}
}

func (s *suite) wait() {
	height, hash := s.tip()
	type answer struct {
		height int32
		err    error
	}
	done := make(chan answer, 1)
	go func() {
		h, _, err := s.Node.WaitBlock(s.t.Context(), hash)
		done <- answer{h, err}
	}()
	select {
	case a := <-done:
		s.t.Fatalf("did not wait: %+v", a)
	case <-time.After(100 * time.Millisecond):
	}
	s.Mine(1)
	if a := <-done; a.err != nil || a.height != height+1 {
		s.t.Errorf("waited for %d: %+v", height+1, a)
	}
	if h, _, err := s.Node.WaitBlock(s.t.Context(), hash); err != nil || h != height+1 {
		s.t.Errorf("a block that is there: %d, %v", h, err)
	}
	ctx, cancel := context.WithCancel(s.t.Context())
	cancel()
	_, now := s.tip()
	if _, _, err := s.Node.WaitBlock(ctx, now); !errors.Is(err, context.Canceled) {
		s.t.Errorf("a wait that was called off: %v", err)
	}
}

func (s *suite) fees() {
	if fees, err := s.Node.RelayFees(s.t.Context()); err != nil || fees.Floor != 1000 || fees.Increment != 1000 {
		s.t.Errorf("fees of the memory pool: %+v, %v", fees, err)
	}
	rate, known, err := s.Node.EstimateFeeRate(s.t.Context(), 2)
	if err != nil || known != (rate > 0) {
		s.t.Errorf("fee estimate: %d, %v, %v", rate, known, err)
	}
}
