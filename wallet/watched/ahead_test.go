package watched_test

import (
	"context"
	"testing"

	"blockstack/storage/dbfile"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
	"blockstack/wallet/watchedtest"
)

import ()

func TestAddKeys(t *testing.T) {
	book, c := watchedtest.New(t, 3)
	ctx := context.Background()
	if err := watched.NewChanges(c).AddKeys(ctx, scripts.Owner, 8, watchedtest.OwnerKeys(8, 9)); err == nil {
		t.Error("a hole was left")
	}
	if err := watched.NewChanges(c).AddKeys(ctx, scripts.Owner, 4, watchedtest.OwnerKeys(4, 9)); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Derived(ctx, scripts.Owner); err != nil || n != 9 {
		t.Errorf("%d derived: %v", n, err)
	}
	if info, err := c.Info(ctx); err != nil || info.NeedsRescan || info.NeedsKeys || info.Gap != 3 || info.Fingerprint != 7 || info.Keychain != "k" {
		t.Errorf("%+v %v", info, err)
	}
	k, err := c.RoleKey(ctx, scripts.Owner, 8)
	if err != nil {
		t.Fatal(err)
	}
	// Key 8 of 9 is used: with a gap of 3, keys were missing when that was scanned.
	if err := book.Update(func(tx *dbfile.Tx) error {
		_, _, err := watched.NewChanges(c).Learn(tx, map[string]bool{string(k.Script): true}, true)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if info, err := c.Info(ctx); err != nil || !info.NeedsKeys {
		t.Errorf("%+v %v", info, err)
	}
	if n, err := c.Wanted(ctx, scripts.Owner, 0); err != nil || n != 18 {
		t.Errorf("wanted %d: %v", n, err)
	}
	if err := watched.NewChanges(c).AddKeys(ctx, scripts.Owner, 9, watchedtest.OwnerKeys(9, 18)); err != nil {
		t.Fatal(err)
	}
	if info, err := c.Info(ctx); err != nil || info.NeedsKeys || !info.NeedsRescan {
		t.Errorf("%+v %v", info, err)
	}
	if _, err := c.RoleKey(ctx, scripts.Payment, 0); err == nil {
		t.Error("payment keys have no single index")
	}
}
