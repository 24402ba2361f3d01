package coins

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/storage/dbfile"
)

var regtest = &chaincfg.RegressionNetParams

// testSetup has one account and some owner keys, of a made-up seed.
func testSetup(t testing.TB, gap uint32) Setup {
	t.Helper()
	root, err := hdkeychain.NewMaster(make([]byte, 32), regtest)
	if err != nil {
		t.Fatal(err)
	}
	s := Setup{Keychain: "k", Fingerprint: 7, Birthday: time.Unix(1e9, 0), Gap: gap, Accounts: make(map[Kind]*hdkeychain.ExtendedKey)}
	for _, kind := range Kinds() {
		account, err := root.Derive(hdkeychain.HardenedKeyStart + kind.Purpose())
		if err != nil {
			t.Fatal(err)
		}
		if s.Accounts[kind], err = account.Neuter(); err != nil {
			t.Fatal(err)
		}
	}
	s.Owners = ownerKeys(t, 0, 2*gap)
	return s
}

func ownerKeys(t testing.TB, from, to uint32) []*btcec.PublicKey {
	t.Helper()
	var out []*btcec.PublicKey
	for i := from; i < to; i++ {
		var b [32]byte
		b[30], b[31] = byte(i+1), 1
		_, pub := btcec.PrivKeyFromBytes(b[:])
		out = append(out, pub)
	}
	return out
}

func newCoins(t testing.TB, gap uint32) *Coins {
	t.Helper()
	dir := t.TempDir()
	if err := Create(dir, regtest, testSetup(t, gap)); err != nil {
		t.Fatal(err)
	}
	c, err := Open(dir, regtest)
	if err != nil {
		t.Fatal(err)
	}
	c.book.wait = 50 * time.Millisecond
	return c
}

// The keys that we derive are those that btcwallet watches.
func TestBookAndTrackerAgree(t *testing.T) {
	c := newCoins(t, 5)
	if err := c.ensureTracker(); err != nil {
		t.Fatal(err)
	}
	db, err := c.openTracker(true)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	watched := watchedAddresses(t, c, db)
	ctx := context.Background()
	n := 0
	for _, kind := range Kinds() {
		for _, br := range []uint32{Receive, Change} {
			for i := range uint32(10) {
				k, err := c.PaymentKey(ctx, kind, br, i)
				if err != nil {
					t.Fatal(err)
				}
				if !watched[k.Address] {
					t.Errorf("%s %d/%d is not watched: %s", kind, br, i, k.Address)
				}
				n++
			}
			if _, err := c.PaymentKey(ctx, kind, br, 10); !errors.Is(err, ErrNeedKeys) {
				t.Errorf("%s %d/10: %v", kind, br, err)
			}
		}
	}
	for i := range uint32(10) {
		k, err := c.RoleKey(ctx, Owner, i)
		if err != nil {
			t.Fatal(err)
		}
		if !watched[k.Address] {
			t.Errorf("owner %d is not watched: %s", i, k.Address)
		}
		n++
	}
	if len(watched) != n {
		t.Errorf("%d are watched, not %d", len(watched), n)
	}
}

func TestCreateAndOpenRefuse(t *testing.T) {
	dir := t.TempDir()
	if err := Create(dir, regtest, testSetup(t, 2)); err != nil {
		t.Fatal(err)
	}
	if err := Create(dir, regtest, testSetup(t, 2)); !errors.Is(err, ErrExists) {
		t.Errorf("again: %v", err)
	}
	if _, err := Open(dir, &chaincfg.SigNetParams); !errors.Is(err, ErrNetwork) {
		t.Errorf("another network: %v", err)
	}
	if _, err := Open(t.TempDir(), regtest); !errors.Is(err, ErrNotFound) {
		t.Errorf("nothing there: %v", err)
	}
	main := testSetup(t, 2)
	main.Accounts[P2PKH].SetNet(&chaincfg.MainNetParams)
	if err := Create(t.TempDir(), regtest, main); err == nil {
		t.Error("an account key of another network was taken")
	}
	for name, b := range map[string][]byte{"text": []byte("not a database"), "empty": {}, "zeroes": make([]byte, 1<<16)} {
		dir := t.TempDir()
		path := filepath.Join(dir, "labels.db")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, regtest); err == nil {
			t.Errorf("%s: opened", name)
		}
		if now, _ := os.ReadFile(path); len(now) != len(b) {
			t.Errorf("%s: the file was changed", name)
		}
	}
	// A creation that was interrupted leaves a file beside; the next one succeeds.
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "labels.db.new"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Create(dir, regtest, testSetup(t, 2)); err != nil {
		t.Errorf("after an interruption: %v", err)
	}
}

func TestVersionIsChecked(t *testing.T) {
	c := newCoins(t, 2)
	err := c.book.update(func(tx *dbfile.Tx) error {
		return tx.Bucket(bucketMeta).Put([]byte("version"), u32(bookFormat.Version+1))
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Dir(c.book.path), regtest); !errors.Is(err, ErrNewer) {
		t.Errorf("%v", err)
	}
}

// A tracker that is half built, damaged or of another kind is built again.
func TestTrackerIsBuiltAgain(t *testing.T) {
	c := newCoins(t, 2)
	if err := c.ensureTracker(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.tracker+".new", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(c.tracker); err != nil {
		t.Fatal(err)
	}
	if err := c.ensureTracker(); err != nil {
		t.Errorf("after an interruption: %v", err)
	}
	for name, b := range map[string][]byte{"text": []byte("not a database"), "empty": {}} {
		if err := os.WriteFile(c.tracker, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := c.book.update(func(tx *dbfile.Tx) error { return setRescan(tx, "test") }); err != nil {
			t.Fatal(err)
		}
		if err := c.ensureTracker(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if list, err := c.List(context.Background()); err != nil || len(list) != 0 {
			t.Errorf("%s: %v %v", name, list, err)
		}
	}
}

func TestAddKeys(t *testing.T) {
	c := newCoins(t, 3)
	ctx := context.Background()
	if err := c.AddKeys(ctx, Owner, 8, ownerKeys(t, 8, 9)); err == nil {
		t.Error("a hole was left")
	}
	if err := c.AddKeys(ctx, Owner, 4, ownerKeys(t, 4, 9)); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Derived(ctx, Owner); err != nil || n != 9 {
		t.Errorf("%d derived: %v", n, err)
	}
	if info, err := c.Info(ctx); err != nil || info.NeedsRescan || info.NeedsKeys || info.Gap != 3 || info.Fingerprint != 7 || info.Keychain != "k" {
		t.Errorf("%+v %v", info, err)
	}
	k, err := c.RoleKey(ctx, Owner, 8)
	if err != nil {
		t.Fatal(err)
	}
	// Key 8 of 9 is used: with a gap of 3, keys were missing when that was scanned.
	if err := c.book.update(func(tx *dbfile.Tx) error { return errors.Join(markUsed(tx, k), c.updateShort(tx)) }); err != nil {
		t.Fatal(err)
	}
	if info, err := c.Info(ctx); err != nil || !info.NeedsKeys {
		t.Errorf("%+v %v", info, err)
	}
	if n, err := c.Wanted(ctx, Owner, 0); err != nil || n != 18 {
		t.Errorf("wanted %d: %v", n, err)
	}
	if err := c.AddKeys(ctx, Owner, 9, ownerKeys(t, 9, 18)); err != nil {
		t.Fatal(err)
	}
	if info, err := c.Info(ctx); err != nil || info.NeedsKeys || !info.NeedsRescan {
		t.Errorf("%+v %v", info, err)
	}
	if _, err := c.RoleKey(ctx, Payment, 0); err == nil {
		t.Error("payment keys have no single index")
	}
}

// Replacements in the list of our own transactions, with what was built on them.
func TestSentReplaced(t *testing.T) {
	c := newCoins(t, 2)
	ctx := context.Background()
	k, err := c.PaymentKey(ctx, P2WPKH, Change, 0)
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
	coin, second := wire.OutPoint{Hash: [32]byte{1}}, wire.OutPoint{Hash: [32]byte{2}}
	first := build(900, coin)
	child := build(800, wire.OutPoint{Hash: first.TxHash()})
	grandchild := build(700, wire.OutPoint{Hash: child.TxHash()}, second)
	other := build(500, wire.OutPoint{Hash: [32]byte{3}})
	for _, tx := range []*wire.MsgTx{first, child, grandchild, other, first} {
		if err := c.AddTx(ctx, tx); err != nil {
			t.Fatal(err)
		}
	}
	total := func(want int64, coins int) {
		t.Helper()
		b, err := c.Balance(ctx)
		if err != nil || int64(b.Total()) != want {
			t.Errorf("balance %+v, want %d: %v", b, want, err)
		}
		if list, err := c.List(ctx); err != nil || len(list) != coins {
			t.Errorf("%d coins, want %d: %v", len(list), coins, err)
		}
	}
	total(1200, 2)
	if err := c.AddTx(ctx, build(850, coin)); err != nil {
		t.Fatal(err)
	}
	total(1350, 2)
	var sent []*wire.MsgTx
	if err := c.book.view(func(tx *dbfile.Tx) (err error) { sent, err = sentTxs(tx); return err }); err != nil || len(sent) != 2 {
		t.Errorf("%d sent: %v", len(sent), err)
	}
	if err := c.RemoveTx(ctx, other.TxHash()); err != nil {
		t.Fatal(err)
	}
	total(850, 1)
	change, err := c.ChangeKey(ctx, P2WPKH)
	if err != nil || change.Index != 1 {
		t.Errorf("change key %d: %v", change.Index, err)
	}
}
