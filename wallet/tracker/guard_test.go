package tracker

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/waddrmgr"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watchedtest"
)

// noSpace fails to commit while it is full.
type noSpace struct {
	walletdb.DB
	full *bool
}

func (d noSpace) Update(f func(tx walletdb.ReadWriteTx) error, reset func()) error {
	return d.DB.Update(func(tx walletdb.ReadWriteTx) error {
		if err := f(tx); err != nil {
			return err
		}
		if *d.full {
			return &os.PathError{Op: "write", Path: "wallet.db", Err: syscall.ENOSPC}
		}
		return nil
	}, reset)
}

// opened is a tracker that was built, opened for writing.
func opened(t *testing.T) (*Tracker, *DB) {
	t.Helper()
	c, _ := newTracker(t, 2)
	if err := c.Ensure(); err != nil {
		t.Fatal(err)
	}
	db, err := c.Open(false)
	if err != nil {
		t.Fatal(err)
	}
	return c, db
}

func nothing(walletdb.ReadWriteTx) error { return nil }

// TestGuard: the first write that fails for want of space is the last one, and so is the first
// thing in the file that makes no sense; an error of who writes is only his.
func TestGuard(t *testing.T) {
	full := false
	c, _ := newTracker(t, 2)
	if err := c.Ensure(); err != nil {
		t.Fatal(err)
	}
	c.OnDisk = func(db walletdb.DB) walletdb.DB { return noSpace{db, &full} }
	db, err := c.Open(false)
	if err != nil {
		t.Fatal(err)
	}
	mine := errors.New("mine")
	if err := walletdb.Update(db, func(walletdb.ReadWriteTx) error { return mine }); !errors.Is(err, mine) || db.Err() != nil {
		t.Errorf("an error of who writes: %v, %v", err, db.Err())
	}
	full = true
	if err := walletdb.Update(db, nothing); !errors.Is(err, syscall.ENOSPC) || !errors.Is(db.Err(), syscall.ENOSPC) {
		t.Errorf("no space: %v, %v", err, db.Err())
	}
	full = false
	if err := walletdb.Update(db, nothing); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a write after one that failed: %v", err)
	}
	if err := walletdb.View(db, func(walletdb.ReadTx) error { return nil }); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a look after it: %v", err)
	}
	if _, err := db.BeginReadWriteTx(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a transaction after it: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	db.Fail(mine)
	if !errors.Is(db.Err(), syscall.ENOSPC) {
		t.Errorf("the first reason is the one: %v", db.Err())
	}
}

// TestJudge: what an error of btcwallet's stores means for the file.
func TestJudge(t *testing.T) {
	for name, c := range map[string]struct {
		err                     error
		store, rebuild, refused bool
	}{
		"a store that contradicts itself":      {wtxmgr.Error{Code: wtxmgr.ErrData}, true, true, false},
		"a store that misses a bucket":         {wtxmgr.Error{Code: wtxmgr.ErrDatabase}, true, true, false},
		"keys that do not open":                {waddrmgr.ManagerError{ErrorCode: waddrmgr.ErrCrypto}, true, true, false},
		"a damaged page":                       {fmt.Errorf("x: %w", labels.ErrMalformed), false, true, false},
		"what cannot be repaired":              {fmt.Errorf("x: %w", ErrRebuild), false, true, false},
		"a transaction that it refuses":        {wtxmgr.Error{Code: wtxmgr.ErrInput}, true, false, true},
		"an address that it does not have":     {waddrmgr.ManagerError{ErrorCode: waddrmgr.ErrAddressNotFound}, true, false, true},
		"an error that has nothing to do with": {errors.New("x"), false, false, false},
	} {
		_, db := opened(t)
		var refused error
		db.Refused = func(err error) { refused = err }
		err := walletdb.Update(db, func(walletdb.ReadWriteTx) error { return c.err })
		if errors.Is(err, ErrRebuild) != c.rebuild || (refused != nil) != c.refused || (db.Err() != nil) != c.rebuild {
			t.Errorf("%s: %v, refused %v, afterwards %v", name, err, refused, db.Err())
		}
		if IsStore(c.err) != c.store {
			t.Errorf("%s: IsStore says %v", name, IsStore(c.err))
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestSum: a file that has changed since it was closed is noticed by its checksum; without a
// checksum that fits, its pages are looked at.
func TestSum(t *testing.T) {
	c, db := opened(t)
	if err := walletdb.Update(db, nothing); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(c.Path())
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(SumFile(c.Path()))
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(good, []byte("main")) // the account's name
	bad := bytes.Clone(good)
	bad[at] ^= 1
	for name, s := range map[string]struct {
		file, sum []byte
		ok        bool
	}{
		"as it was closed":         {good, sum, true},
		"a bit":                    {bad, sum, false},
		"something behind":         {append(bytes.Clone(good), make([]byte, 4096)...), sum, false},
		"no checksum":              {bad, nil, true},
		"a checksum of words":      {bad, []byte("a b c\n"), true},
		"a checksum of two":        {bad, []byte("1 2\n"), true},
		"a long checksum":          {bad, bytes.Repeat([]byte("1"), 200), true},
		"of another transaction":   {bad, []byte("99999 1 1\n"), true},
		"the file of another sync": {good, []byte("99999 1 1\n"), true},
	} {
		_ = os.Remove(SumFile(c.Path()))
		err := os.WriteFile(c.Path(), s.file, 0o600)
		if err == nil && s.sum != nil {
			err = os.WriteFile(SumFile(c.Path()), s.sum, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Check(); (err == nil) != s.ok || err != nil && !errors.Is(err, labels.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestUnmined: what another transaction takes the coins of goes, with what was made of it; the same
// again changes nothing.
func TestUnmined(t *testing.T) {
	c, keys := newTracker(t, 2)
	k, err := keys.PaymentKey(t.Context(), scripts.P2WPKH, scripts.Change, 0)
	if err != nil {
		t.Fatal(err)
	}
	build := func(value int64, from ...wire.OutPoint) *wire.MsgTx {
		tx := wire.NewMsgTx(2)
		for _, op := range from {
			tx.AddTxIn(wire.NewTxIn(&op, nil, nil))
		}
		tx.AddTxOut(wire.NewTxOut(value, k.Script))
		return tx
	}
	coin := wire.OutPoint{Hash: chainhash.Hash{1}}
	first := build(900, coin)
	child := build(800, wire.OutPoint{Hash: first.TxHash()})
	other, bumped := build(500, wire.OutPoint{Hash: chainhash.Hash{2}}), build(850, coin)
	insert := func(txs ...*wire.MsgTx) {
		t.Helper()
		err := c.Edit(func(s *wtxmgr.Store, ns walletdb.ReadWriteBucket) error {
			for _, tx := range txs {
				if err := InsertUnmined(s, ns, tx, map[uint32]scripts.Key{0: k}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	has := func(want ...*wire.MsgTx) {
		t.Helper()
		got := map[chainhash.Hash]bool{}
		if err := c.EachTx(func(tx *wire.MsgTx) { got[tx.TxHash()] = true }); err != nil {
			t.Fatal(err)
		}
		for _, tx := range want {
			if !got[tx.TxHash()] {
				t.Errorf("%s is missing", tx.TxHash())
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d transactions, want %d", len(got), len(want))
		}
	}
	insert(first, child, other, first)
	has(first, child, other)
	err = c.View(func(s Store) error {
		for _, q := range []struct {
			op   wire.OutPoint
			ours bool
		}{{wire.OutPoint{Hash: first.TxHash()}, true}, {wire.OutPoint{Hash: first.TxHash(), Index: 1}, false}, {coin, false}} {
			if ours, err := IsCredit(s.Store, s.NS, q.op); err != nil || ours != q.ours {
				t.Errorf("%s: %v, %v", q.op, ours, err)
			}
		}
		for tx, want := range map[*wire.MsgTx]bool{first: false, bumped: true, build(1, wire.OutPoint{Hash: chainhash.Hash{9}}): false} {
			if rival, err := SpentByOther(s.Store, s.NS, tx); err != nil || rival != want {
				t.Errorf("%s has a rival: %v, %v", tx.TxHash(), rival, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	insert(bumped)
	has(bumped, other)
	err = c.Edit(func(s *wtxmgr.Store, ns walletdb.ReadWriteBucket) error { return ForgetUnmined(s, ns) })
	if err != nil {
		t.Fatal(err)
	}
	has()
}

// TestForged: an unconfirmed transaction that is not signed is told from one that is, and from one
// of which that cannot be known.
func TestForged(t *testing.T) {
	c, _ := newTracker(t, 2)
	from := wire.NewMsgTx(2)
	from.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: chainhash.Hash{1}}, nil, nil))
	from.AddTxOut(wire.NewTxOut(1000, []byte{txscript.OP_1ADD, txscript.OP_2, txscript.OP_EQUAL})) // whoever pushes a one may spend it
	spend := func(script []byte, op wire.OutPoint) *wire.MsgTx {
		tx := wire.NewMsgTx(2)
		tx.AddTxIn(wire.NewTxIn(&op, script, nil))
		tx.AddTxOut(wire.NewTxOut(900, []byte{txscript.OP_TRUE}))
		return tx
	}
	op := wire.OutPoint{Hash: from.TxHash()}
	err := c.Edit(func(s *wtxmgr.Store, ns walletdb.ReadWriteBucket) error {
		if err := InsertUnmined(s, ns, from, nil); err != nil {
			return err
		}
		for name, q := range map[string]struct {
			tx     *wire.MsgTx
			forged bool
		}{
			"signed":                       {spend([]byte{txscript.OP_1}, op), false},
			"signed wrongly":               {spend([]byte{txscript.OP_2}, op), true},
			"not signed":                   {spend(nil, op), true},
			"of a coin that is not known":  {spend(nil, wire.OutPoint{Hash: chainhash.Hash{5}}), false},
			"of an output that is not one": {spend(nil, wire.OutPoint{Hash: from.TxHash(), Index: 7}), false},
		} {
			if is, err := Forged(s, ns, q.tx); err != nil || is != q.forged {
				t.Errorf("%s: %v, %v", name, is, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestUse: while a connection has the file open, everything goes through it, and afterwards through
// the file again.
func TestUse(t *testing.T) {
	c, db := opened(t)
	var store *wtxmgr.Store
	var keys *waddrmgr.Manager
	err := walletdb.View(db, func(tx walletdb.ReadTx) (err error) {
		keys, store, err = c.managers(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Use(&Opened{DB: db, Txs: store, Keys: keys})
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: chainhash.Hash{1}}, nil, nil))
	tx.AddTxOut(wire.NewTxOut(1, []byte{txscript.OP_TRUE}))
	err = c.Edit(func(s *wtxmgr.Store, ns walletdb.ReadWriteBucket) error {
		if s != store {
			t.Error("another store than that of the connection")
		}
		return InsertUnmined(s, ns, tx, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Use(nil)
	if err := c.View(func(Store) error { return nil }); !errors.Is(err, labels.ErrBusy) {
		t.Errorf("while somebody else has the file: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := c.EachTx(func(*wire.MsgTx) { n++ }); err != nil || n != 1 {
		t.Errorf("%d transactions, %v", n, err)
	}
}

// TestRebuildIsTold: a file that is built again though nobody asked for it is told, and why; one
// that was asked for is not.
func TestRebuildIsTold(t *testing.T) {
	c, _ := newTracker(t, 2)
	var told []error
	c.OnRebuild(func(why error) { told = append(told, why) })
	if err := c.Ensure(); err != nil {
		t.Fatal(err)
	}
	if err := c.book.Update(func(tx *dbfile.Tx) error { return labels.MetaOf(tx).SetRescan("asked for") }); err != nil {
		t.Fatal(err)
	}
	if err := c.Ensure(); err != nil || len(told) != 0 {
		t.Errorf("told %v, %v", told, err)
	}
	watchedtest.Ruin(t, c.path, func(b []byte) []byte { return b[:len(b)/2] })
	if err := c.Ensure(); err != nil || len(told) != 1 || !errors.Is(told[0], labels.ErrMalformed) {
		t.Errorf("told %v, %v", told, err)
	}
	why := errors.New("why")
	if err := c.Rebuild(why); err != nil || len(told) != 2 || !errors.Is(told[1], why) {
		t.Errorf("told %v, %v", told, err)
	}
	err := c.book.View(func(tx *dbfile.Tx) error {
		if !labels.MetaOf(tx).NeedsRescan() {
			t.Error("the next connection does not build it again")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	for _, height := range []int32{1, 100} { // never synced: all of it is looked at anyway
		if err := c.CutAt(height); err != nil {
			t.Errorf("cut at %d: %v", height, err)
		}
	}
}
