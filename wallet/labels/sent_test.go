package labels

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/storage/dbfile"
)

// child spends the first output of a transaction.
func child(of *wire.MsgTx, sat int64) *wire.MsgTx {
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: of.TxHash()}, []byte{0x51}, nil))
	tx.AddTxOut(wire.NewTxOut(sat, []byte("c")))
	return tx
}

// ids are the transactions of a list.
func ids(list []*wire.MsgTx) (out []chainhash.Hash) {
	for _, tx := range list {
		out = append(out, tx.TxHash())
	}
	slices.SortFunc(out, func(a, b chainhash.Hash) int { return slices.Compare(a[:], b[:]) })
	return out
}

// keep puts transactions into a book.
func keep(t *testing.T, b *Book, txs ...*wire.MsgTx) {
	t.Helper()
	err := b.Update(func(btx *dbfile.Tx) error {
		for _, tx := range txs {
			if err := PutSent(btx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestForgetReplaced: with a transaction go those that spend it, however far down, and no others;
// each is remembered with what took its coins.
func TestForgetReplaced(t *testing.T) {
	b := emptyBook(t)
	first := signedCopy(spend("a", 900, 1))
	second := child(first, 800)
	third := child(second, 700)
	other := signedCopy(spend("b", 500, 2))
	keep(t, b, third, other, first, second) // in no order
	by := signedCopy(spend("a", 850, 1, 3))
	if err := b.Update(func(tx *dbfile.Tx) error { return ForgetReplaced(tx, first) }); err != nil {
		t.Fatal(err)
	}
	if sent, err := Sent(b); err != nil || len(sent) != 4 {
		t.Errorf("a transaction replaced itself: %d, %v", len(sent), err)
	}
	if err := b.Update(func(tx *dbfile.Tx) error { return errors.Join(ForgetReplaced(tx, by), PutSent(tx, by)) }); err != nil {
		t.Fatal(err)
	}
	sent, err := Sent(b)
	if err != nil || !slices.Equal(ids(sent), ids([]*wire.MsgTx{other, by})) {
		t.Errorf("kept %v, %v", ids(sent), err)
	}
	err = b.View(func(tx *dbfile.Tx) error {
		list, err := ReplacedTxs(tx)
		var gone []*wire.MsgTx
		for _, r := range list {
			gone = append(gone, r.Tx)
			if r.By != by.TxHash() || time.Since(r.Time) > time.Minute {
				t.Errorf("%s was replaced by %s at %s", r.Tx.TxHash(), r.By, r.Time)
			}
		}
		if !slices.Equal(ids(gone), ids([]*wire.MsgTx{first, second, third})) {
			t.Errorf("replaced %v", ids(gone))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestReplacedBound: a thousand are remembered, and the oldest are forgotten first.
func TestReplacedBound(t *testing.T) {
	old, b := spend("old", 1, 9), emptyBook(t)
	err := b.Update(func(tx *dbfile.Tx) error {
		bucket, err := tx.CreateBucketIfNotExists(bucketReplaced)
		if err != nil {
			return err
		}
		next := old.Copy()
		for i := range maxReplaced + 5 {
			next.LockTime = uint32(i)
			hash := next.TxHash()
			if i < maxReplaced-3 { // an old row, younger than the one before it
				var raw bytes.Buffer
				err := next.Serialize(&raw)
				v, jerr := json.Marshal(replacedRow{By: hash.String(), Time: int64(1000 + i), Tx: raw.Bytes()})
				if err := errors.Join(err, jerr, bucket.Put(hash[:], v)); err != nil {
					return err
				}
				continue
			}
			if err := PutReplaced(tx, next, chainhash.Hash{1}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = b.View(func(tx *dbfile.Tx) error {
		list, err := ReplacedTxs(tx)
		if len(list) != maxReplaced || list[0].Tx.LockTime != 5 || list[maxReplaced-1].By != (chainhash.Hash{1}) {
			t.Errorf("%d are remembered, the oldest is number %d", len(list), list[0].Tx.LockTime)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestKeptState: which transactions are void is what the last sync says, and writing that again
// writes nothing.
func TestKeptState(t *testing.T) {
	b := emptyBook(t)
	one, two := signedCopy(spend("a", 900, 1, 2, 3)), signedCopy(spend("b", 500, 4))
	keep(t, b, one, two)
	st := &KeptState{
		Inputs: map[chainhash.Hash][]uint32{one.TxHash(): {0, 2}, two.TxHash(): nil},
		Void:   map[chainhash.Hash]bool{one.TxHash(): true},
	}
	if err := st.Save(b); err != nil {
		t.Fatal(err)
	}
	live, err := Live(b)
	if err != nil || len(live) != 1 || live[0].TxHash() != two.TxHash() {
		t.Errorf("live %v, %v", ids(live), err)
	}
	before, err := os.ReadFile(b.Path)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Save(b); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(b.Path); err != nil || string(after) != string(before) {
		t.Errorf("the same again was written, %v", err)
	}
	look := func() (own []uint32, void map[chainhash.Hash]time.Time) {
		t.Helper()
		err := b.View(func(tx *dbfile.Tx) (err error) {
			if own, err = OwnInputs(tx, one.TxHash()); err == nil {
				void, err = VoidSince(tx)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return own, void
	}
	if own, void := look(); !slices.Equal(own, []uint32{0, 2}) || len(void) != 1 || time.Since(void[one.TxHash()]) > time.Minute {
		t.Errorf("%v %v", own, void)
	}
	back := &KeptState{Void: map[chainhash.Hash]bool{two.TxHash(): true}} // the receipt came back, and another one went
	if err := back.Save(b); err != nil {
		t.Fatal(err)
	}
	if live, err := Live(b); err != nil || len(live) != 1 || live[0].TxHash() != one.TxHash() {
		t.Errorf("live %v, %v", ids(live), err)
	}
	if err := b.Update(func(tx *dbfile.Tx) error { return ForgetSent(tx, two.TxHash()) }); err != nil {
		t.Fatal(err)
	}
	if own, void := look(); len(own) != 2 || len(void) != 0 {
		t.Errorf("after it was forgotten: %v %v", own, void)
	}
	if sent, err := Sent(b); err != nil || len(sent) != 1 {
		t.Errorf("%d are kept, %v", len(sent), err)
	}
}

// TestCompare: transactions that spend the same coin, that differ in signatures alone, and what
// they pay.
func TestCompare(t *testing.T) {
	a, again, bumped, other := spend("a", 900, 1), spend("a", 900, 1), spend("a", 800, 1, 2), spend("a", 900, 2)
	if Conflict(a, again) || !Conflict(a, bumped) || Conflict(a, other) || !Conflict(bumped, other) {
		t.Error("conflicts")
	}
	if !ShareInput(a, again) || ShareInput(a, other) {
		t.Error("shared inputs")
	}
	if !SameButSigned(a, signedCopy(a)) || SameButSigned(a, bumped) || a.TxIn[0].SignatureScript != nil {
		t.Error("the same but signed")
	}
	a.AddTxOut(wire.NewTxOut(5, []byte("a")))
	if PaidTo(a, []byte("a")) != 905 || PaidTo(a, []byte("b")) != 0 {
		t.Errorf("paid %d", PaidTo(a, []byte("a")))
	}
}
