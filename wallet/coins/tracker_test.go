package coins

import (
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcwallet/waddrmgr"
	"github.com/btcsuite/btcwallet/walletdb"
)

// watchedAddresses is what btcwallet looks for on the chain.
func watchedAddresses(t *testing.T, c *Coins, db walletdb.DB) map[string]bool {
	t.Helper()
	out := make(map[string]bool)
	err := walletdb.View(db, func(tx walletdb.ReadTx) error {
		ns := tx.ReadBucket(addrBucket)
		m, err := waddrmgr.Open(ns, publicPass, c.net)
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
	c := newCoins(t, 2)
	if err := c.ensureTracker(); err != nil {
		t.Fatal(err)
	}
	db, err := c.openTracker(true)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = walletdb.View(db, func(tx walletdb.ReadTx) error {
		m, err := waddrmgr.Open(tx.ReadBucket(addrBucket), publicPass, c.net)
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
