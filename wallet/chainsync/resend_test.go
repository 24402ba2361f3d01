package chainsync

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/rpcclient"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/chain"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/storage/dbfile"
	node "blockstack/wallet/chain"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/tracker"
	"blockstack/wallet/watchedtest"
)

// spending is a transaction that spends coins, named by a byte each.
func spending(from ...byte) *wire.MsgTx {
	tx := wire.NewMsgTx(2)
	for _, n := range from {
		tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: chainhash.Hash{n}}, nil, nil))
	}
	tx.AddTxOut(wire.NewTxOut(1000, []byte{txscript.OP_TRUE}))
	return tx
}

// TestLostCoin: a transaction of ours is void when a coin of ours that it spends is gone; where
// nobody knows which are ours, all of them must be, and a pool that can be read must not have it.
func TestLostCoin(t *testing.T) {
	book, keys := watchedtest.New(t, 2)
	tr := tracker.In(filepath.Dir(book.Path), book, keys)
	there := spending(1)
	op := wire.OutPoint{Hash: there.TxHash()}
	half := spending(7)
	half.AddTxIn(wire.NewTxIn(&op, nil, nil)) // input 1 spends what is there
	gone := spending(8, 9)
	held := func(known bool, txs ...*wire.MsgTx) pool {
		p := pool{known: known, ids: map[chainhash.Hash]bool{}}
		for _, tx := range txs {
			p.ids[tx.TxHash()] = true
		}
		return p
	}
	err := tr.Edit(func(s *wtxmgr.Store, ns walletdb.ReadWriteBucket) error {
		if err := tracker.InsertUnmined(s, ns, there, nil); err != nil {
			return err
		}
		for name, c := range map[string]struct {
			k    kept
			p    pool
			lost bool
		}{
			"a coin of ours is gone":               {kept{tx: half, ours: []uint32{0}}, held(true), true},
			"also where no pool can be read":       {kept{tx: half, ours: []uint32{0}}, held(false), true},
			"but the node has the transaction":     {kept{tx: half, ours: []uint32{0}}, held(true, half), false},
			"a coin of somebody else is gone":      {kept{tx: half, ours: []uint32{1}}, held(true), false},
			"one of two, and nobody knows whose":   {kept{tx: half}, held(true), false},
			"both, and nobody knows whose":         {kept{tx: gone}, held(true), true},
			"both, and no pool can be read":        {kept{tx: gone}, held(false), false},
			"both, and the node has it":            {kept{tx: gone}, held(true, gone), false},
			"none of them":                         {kept{tx: spendingOf(op), ours: []uint32{0}}, held(true), false},
			"an input that the transaction lacks":  {kept{tx: spendingOf(op), ours: []uint32{5}}, held(true), false},
			"the second of two, which are unknown": {kept{tx: gone, ours: []uint32{1}}, held(false), true},
		} {
			if lost, err := lostCoin(s, ns, c.k, c.p); err != nil || lost != c.lost {
				t.Errorf("%s: %v, %v", name, lost, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func spendingOf(op wire.OutPoint) *wire.MsgTx {
	tx := spending()
	tx.AddTxIn(wire.NewTxIn(&op, nil, nil))
	return tx
}

// TestPlace: a kept transaction is brought into the tracker, unless another has taken its coins or
// it is void; what it spends of ours is noted.
func TestPlace(t *testing.T) {
	book, keys := watchedtest.New(t, 2)
	tr := tracker.In(filepath.Dir(book.Path), book, keys)
	k, err := keys.PaymentKey(t.Context(), scripts.P2WPKH, scripts.Receive, 0)
	if err != nil {
		t.Fatal(err)
	}
	receipt := spending(1)
	receipt.TxOut[0].PkScript = k.Script
	op := wire.OutPoint{Hash: receipt.TxHash()}
	ours, rival := spendingOf(op), spendingOf(op)
	rival.TxOut[0].Value--
	none := pool{known: true, ids: map[chainhash.Hash]bool{}}
	st := &labels.KeptState{Inputs: map[chainhash.Hash][]uint32{}, Void: map[chainhash.Hash]bool{}}
	try := func(name string, k kept, open, void bool) {
		t.Helper()
		err := tr.Edit(func(s *wtxmgr.Store, ns walletdb.ReadWriteBucket) error {
			is, err := place(st, s, ns, k, none)
			if is != open || st.Void[k.tx.TxHash()] != void {
				t.Errorf("%s: open %v, void %v", name, is, st.Void[k.tx.TxHash()])
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	try("before its receipt is known", kept{tx: ours, ours: []uint32{0}}, false, true)
	err = tr.Edit(func(s *wtxmgr.Store, ns walletdb.ReadWriteBucket) error {
		return tracker.InsertUnmined(s, ns, receipt, map[uint32]scripts.Key{0: k})
	})
	if err != nil {
		t.Fatal(err)
	}
	st.Void = map[chainhash.Hash]bool{}
	try("with its receipt", kept{tx: ours, ours: []uint32{0}}, true, false)
	if len(st.Inputs) != 0 {
		t.Errorf("noted before the tracker had it: %v", st.Inputs)
	}
	try("when it is there", kept{tx: ours, ours: []uint32{0}}, true, false)
	if got := st.Inputs[ours.TxHash()]; len(got) != 1 || got[0] != 0 {
		t.Errorf("its inputs that are ours: %v", got)
	}
	try("a rival of it", kept{tx: rival}, false, false)
	if err := st.Save(book); err != nil {
		t.Error(err)
	}
}

// asked is a backend that answers, or not.
type asked struct {
	Backend
	err error
}

func (a *asked) Tip(ctx context.Context) (int32, chainhash.Hash, error) {
	if a.err == nil {
		return 1, chainhash.Hash{}, ctx.Err()
	}
	return 0, chainhash.Hash{}, a.err
}

// silent is a backend that cannot be asked.
type silent struct{ Backend }

// TestWatching: what waits for a client that knows no context ends with the context, and says why.
func TestWatching(t *testing.T) {
	ended := make(chan struct{})
	var ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	err := watching(ctx, silent{}, func() { close(ended) }, func(context.Context) error {
		<-ended // as a client does that waits for its node
		return errors.New("the client was stopped")
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := watching(t.Context(), silent{}, func() { t.Error("stopped") }, func(context.Context) error { return nil }); err != nil {
		t.Error(err)
	}
	mine := errors.New("mine")
	if err := watching(t.Context(), &asked{}, func() { t.Error("stopped") }, func(context.Context) error { return mine }); !errors.Is(err, mine) {
		t.Errorf("%v", err)
	}
	away := &asked{err: node.ErrUnreachable}
	next, err := whileConnected(t.Context(), away, func() {}, func(context.Context) (outcome, error) {
		t.Error("an old connection was used, whose node is away")
		return settled, nil
	})
	if !errors.Is(err, ErrDisconnected) || !errors.Is(err, node.ErrUnreachable) || next != 0 {
		t.Errorf("%v, %v", next, err)
	}
	next, err = whileConnected(t.Context(), &asked{}, func() {}, func(context.Context) (outcome, error) { return again, nil })
	if err != nil || next != again {
		t.Errorf("%v, %v", next, err)
	}
}

// losing is a client that can say that its connection was lost.
type losing struct {
	chain.Interface
	gone bool
}

func (l *losing) Lost() bool { return l.gone }

// TestLost: a connection that ended is made again while the node is there; one that did not end, or
// whose node is away, is an error.
func TestLost(t *testing.T) {
	cause := errors.New("cause")
	for name, c := range map[string]struct {
		client chain.Interface
		b      Backend
		again  bool
		want   error
	}{
		"a client that cannot say":           {nil, &asked{}, false, cause},
		"it is there":                        {&losing{}, &asked{}, false, cause},
		"lost, and the node is there":        {&losing{gone: true}, &asked{}, true, ErrDisconnected},
		"lost, and the node is away":         {&losing{gone: true}, &asked{err: node.ErrUnreachable}, false, node.ErrUnreachable},
		"lost, and the node cannot be asked": {&losing{gone: true}, silent{}, false, ErrDisconnected},
	} {
		l := newLink(c.client, nil, &tracker.DB{})
		close(l.done)
		got, err := lost(t.Context(), c.b, l, cause)
		if got != c.again || !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if again, err := lost(ctx, &asked{}, newLink(&losing{gone: true}, nil, &tracker.DB{}), cause); again || !errors.Is(err, cause) {
		t.Errorf("after its end: %v, %v", again, err)
	}
}

// reasoned is a client that says why it ended.
type reasoned struct {
	chain.Interface
	why error
}

func (r *reasoned) Err() error { return r.why }

// TestWhy: the reason why a client ended is not hidden by what others said afterwards, and nothing
// is made up where it has none.
func TestWhy(t *testing.T) {
	l := newLink(&reasoned{why: node.ErrPruned}, nil, &tracker.DB{})
	err := waitErr(l, ErrDisconnected)
	if !errors.Is(err, node.ErrPruned) || !errors.Is(err, ErrDisconnected) || err.Error() != "sync: "+node.ErrPruned.Error() {
		t.Errorf("%v", err)
	}
	l = newLink(&reasoned{}, nil, &tracker.DB{})
	if err := waitErr(l, ErrDisconnected); !errors.Is(err, ErrDisconnected) || l.lastError() != nil {
		t.Errorf("%v", err)
	}
	last := errors.New("last")
	l.tried(nil)
	l.tried(last)
	if err := waitErr(l, context.Canceled); !errors.Is(err, context.Canceled) || !errors.Is(err, last) || l.failures() != 1 {
		t.Errorf("%v, %d failures", err, l.failures())
	}
	l.must(nil)
	l.must(wtxmgr.Error{Code: wtxmgr.ErrInput}) // the comparison with the chain repairs it
	if l.db.Err() != nil {
		t.Errorf("a refusal of a store ends all writing: %v", l.db.Err())
	}
	if l.must(last); !errors.Is(l.db.Err(), last) {
		t.Errorf("a block is written after one that failed: %v", l.db.Err())
	}
}

// TestUnanswered tells a question that was not answered from one whose answer is no.
func TestUnanswered(t *testing.T) {
	for err, want := range map[error]bool{
		node.ErrUnreachable: true, context.Canceled: true, rpcclient.ErrClientDisconnect: true, rpcclient.ErrClientShutdown: true,
		node.ErrTxNotFound: false, &btcjson.RPCError{Code: btcjson.ErrRPCNoTxInfo}: false, errors.New("x"): false,
	} {
		if unanswered(err) != want {
			t.Errorf("%v: %v", err, !want)
		}
	}
}

// TestFinished: what is deep in the chain need not be kept, nor what another transaction that is
// deep has made impossible.
func TestFinished(t *testing.T) {
	book, _ := watchedtest.New(t, 2)
	deep, young, beaten, open, late := spending(1), spending(2), spending(3), spending(4), spending(5)
	by := chainhash.Hash{9}
	seen := &seen{
		depth: map[chainhash.Hash]int32{deep.TxHash(): finalDepth, young.TxHash(): finalDepth - 1, by: finalDepth, {8}: finalDepth - 1},
		spent: map[wire.OutPoint]chainhash.Hash{
			{Hash: chainhash.Hash{1}}: deep.TxHash(), {Hash: chainhash.Hash{2}}: young.TxHash(), {Hash: chainhash.Hash{3}}: by, {Hash: chainhash.Hash{5}}: {8},
		},
	}
	err := book.Update(func(tx *dbfile.Tx) error {
		for _, t := range []*wire.MsgTx{deep, young, beaten, open, late} {
			if err := labels.PutSent(tx, t); err != nil {
				return err
			}
		}
		gone, err := finished(tx, seen)
		got := map[chainhash.Hash]chainhash.Hash{}
		for _, g := range gone {
			got[g.Tx.TxHash()] = g.By
		}
		if by, ok := got[deep.TxHash()]; !ok || by != (chainhash.Hash{}) || got[beaten.TxHash()] != seen.spent[beaten.TxIn[0].PreviousOutPoint] || len(got) != 2 {
			t.Errorf("need not be kept: %v", got)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
