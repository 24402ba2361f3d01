package tracker

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcwallet/waddrmgr"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
	"blockstack/wallet/watchedtest"
)

// newTracker is the tracker of a wallet of its own, which was not built yet.
func newTracker(t *testing.T, gap uint32) (*Tracker, *watched.Keys) {
	t.Helper()
	book, keys := watchedtest.New(t, gap)
	return In(filepath.Dir(book.Path), book, keys), keys
}

// coinsIn lists what the tracker has.
func coinsIn(t *Tracker) (list []wtxmgr.Credit, err error) {
	err = t.Read(func(s Store) error {
		list, err = s.UnspentOutputs(s.NS)
		return err
	})
	return list, err
}

// watchedAddresses is what btcwallet looks for on the chain.
func watchedAddresses(t *testing.T, c *Tracker, db walletdb.DB) map[string]bool {
	t.Helper()
	out := make(map[string]bool)
	err := walletdb.View(db, func(tx walletdb.ReadTx) error {
		ns := tx.ReadBucket(AddrBucket)
		m, err := waddrmgr.Open(ns, PublicPass, c.book.Net)
		if err != nil {
			return err
		}
		defer m.Close()
		return m.ForEachRelevantActiveAddress(ns, func(a address.Address) error {
			out[a.EncodeAddress()] = true
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// No private key is in the tracker, and it says so itself.
func TestTrackerIsWatchOnly(t *testing.T) {
	c, _ := newTracker(t, 2)
	if err := c.Ensure(); err != nil {
		t.Fatal(err)
	}
	db, err := c.Open(true)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = walletdb.View(db, func(tx walletdb.ReadTx) error {
		m, err := waddrmgr.Open(tx.ReadBucket(AddrBucket), PublicPass, c.book.Net)
		if err != nil {
			return err
		}
		defer m.Close()
		if !m.WatchOnly() {
			t.Error("btcwallet does not think that it only watches")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The keys that we derive are those that btcwallet watches.
func TestBookAndTrackerAgree(t *testing.T) {
	c, keys := newTracker(t, 5)
	if err := c.Ensure(); err != nil {
		t.Fatal(err)
	}
	db, err := c.Open(true)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	watched := watchedAddresses(t, c, db)
	ctx := context.Background()
	n := 0
	for _, kind := range scripts.Kinds() {
		for _, br := range []uint32{scripts.Receive, scripts.Change} {
			for i := range uint32(10) {
				k, err := keys.PaymentKey(ctx, kind, br, i)
				if err != nil {
					t.Fatal(err)
				}
				if !watched[k.Address] {
					t.Errorf("%s %d/%d is not watched: %s", kind, br, i, k.Address)
				}
				n++
			}
			if _, err := keys.PaymentKey(ctx, kind, br, 10); !errors.Is(err, scripts.ErrNeedKeys) {
				t.Errorf("%s %d/10: %v", kind, br, err)
			}
		}
	}
	for i := range uint32(10) {
		k, err := keys.RoleKey(ctx, scripts.Owner, i)
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

// A tracker that is half built, damaged or of another kind is built again.
func TestTrackerIsBuiltAgain(t *testing.T) {
	c, _ := newTracker(t, 2)
	if err := c.Ensure(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.path+".new", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(c.path); err != nil {
		t.Fatal(err)
	}
	if err := c.Ensure(); err != nil {
		t.Errorf("after an interruption: %v", err)
	}
	for name, b := range map[string][]byte{"text": []byte("not a database"), "empty": {}} {
		if err := os.WriteFile(c.path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := c.book.Update(func(tx *dbfile.Tx) error { return labels.MetaOf(tx).SetRescan("test") }); err != nil {
			t.Fatal(err)
		}
		if err := c.Ensure(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if list, err := coinsIn(c); err != nil || len(list) != 0 {
			t.Errorf("%s: %v %v", name, list, err)
		}
	}
}

// A damaged wallet.db is built again before btcwallet reads it, and reading it without building
// says what is wrong.
func TestDamagedTracker(t *testing.T) {
	for name, how := range watchedtest.Damages() {
		t.Run(name, func(t *testing.T) {
			c, _ := newTracker(t, 3)
			if err := c.Ensure(); err != nil {
				t.Fatal(err)
			}
			watchedtest.Ruin(t, c.path, how)
			if err := c.Check(); !errors.Is(err, labels.ErrMalformed) {
				t.Errorf("check: %v", err)
			}
			if _, err := coinsIn(c); err != nil && !errors.Is(err, labels.ErrMalformed) {
				t.Errorf("list: %v", err)
			}
			if err := c.Ensure(); err != nil {
				t.Fatalf("build again: %v", err)
			}
			if err := c.Check(); err != nil {
				t.Error(err)
			}
			if list, err := coinsIn(c); err != nil || len(list) != 0 {
				t.Errorf("%v %v", list, err)
			}
		})
	}
}
