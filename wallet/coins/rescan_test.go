package coins

import (
	"context"
	"testing"

	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/wallet/tracker"
)

// What the tracker has lost comes back when its block is looked at again, and only then; what is
// below stays as it is.
func TestRescanSince(t *testing.T) {
	c, s := followed(t)
	ctx := context.Background()
	list, err := c.List(ctx)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v %v", list, err)
	}
	height, at := list[0].Height, list[0].BlockMeta.Time
	lose := func() {
		t.Helper()
		err := c.tracker.Edit(func(store *wtxmgr.Store, ns walletdb.ReadWriteBucket) error {
			if err := store.Rollback(ns, height); err != nil {
				return err
			}
			return tracker.ForgetUnmined(store, ns)
		})
		if err != nil {
			t.Fatal(err)
		}
		if list, err := c.List(ctx); err != nil || len(list) != 0 {
			t.Fatalf("not lost: %v %v", list, err)
		}
	}
	lose()
	if err := c.Sync.RescanSince(ctx, s.Chain(), height+2, at); err != nil {
		t.Fatal(err)
	}
	if list, err := c.List(ctx); err != nil || len(list) != 0 {
		t.Errorf("found above its block: %v %v", list, err)
	}
	for _, from := range []int32{height, 1, -5} {
		if err := c.Sync.RescanSince(ctx, s.Chain(), from, at); err != nil {
			t.Fatal(err)
		}
		check(t, c, 3)
	}
	info, err := c.Keys.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	older := info.Birthday.AddDate(-1, 0, 0)
	if err := c.Sync.RescanSince(ctx, s.Chain(), 1, older); err != nil {
		t.Fatal(err)
	}
	check(t, c, 3)
	if info, err = c.Keys.Info(ctx); err != nil || !info.Birthday.Equal(older) || info.NeedsRescan {
		t.Errorf("info %+v %v", info, err)
	}
}
