package watched_test

import (
	"context"
	"errors"
	"testing"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
	"blockstack/wallet/watchedtest"
)

// TestRoleKeys: owner keys are there as far as they are believed, whatever labels.db says, and it
// is known how many more are wanted.
func TestRoleKeys(t *testing.T) {
	ctx := t.Context()
	const gap = 3
	book, ks := watchedtest.New(t, gap)
	if n, err := ks.Derived(ctx, scripts.Owner); err != nil || n != 2*gap {
		t.Errorf("%d are watched, %v", n, err)
	}
	for index, want := range map[uint32]uint32{0: 2 * gap, gap - 1: 2 * gap, gap: 2*gap + 1, 20: 21 + gap} {
		if n, err := ks.Wanted(ctx, scripts.Owner, index); err != nil || n != want {
			t.Errorf("up to %d: %d are wanted, want %d: %v", index, n, want, err)
		}
	}
	owner := scripts.RoleBranch(scripts.Owner)
	err := book.Update(func(tx *dbfile.Tx) error { // another program says that there is one more
		return errors.Join(tx.Bucket(labels.BucketCounts).Put(owner[:], []byte{0, 0, 0, 2*gap + 1, 0, 0, 0, 0, 0, 0, 0, 0}), tx.Bucket(labels.BucketKeys).Put(owner.At(2*gap), []byte("his")))
	})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := ks.Rows(ctx, scripts.Owner)
	n, derr := ks.Derived(ctx, scripts.Owner)
	if err != nil || derr != nil || rows != 2*gap+1 || n != 2*gap {
		t.Errorf("%d rows, %d are watched, %v, %v", rows, n, err, derr)
	}
	for name, call := range map[string]func() error{
		"his key":           func() error { _, err := ks.RoleKey(ctx, scripts.Owner, 2*gap); return err },
		"a revealer key":    func() error { _, err := ks.RoleKey(ctx, scripts.Revealer, 0); return err },
		"a key of a branch": func() error { _, err := ks.PaymentKey(ctx, scripts.P2TR, 7, 0); return err },
	} {
		if err := call(); !errors.Is(err, scripts.ErrNeedKeys) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ks.RoleKey(ctx, scripts.Payment, 0); err == nil || errors.Is(err, scripts.ErrNeedKeys) {
		t.Errorf("payment keys are not numbered by role: %v", err)
	}
}

// TestSealedKey: the key of sealed boxes is that of the list, else that of labels.db; a wallet that
// is older than it says so.
func TestSealedKey(t *testing.T) {
	ctx := t.Context()
	book, ks := watchedtest.New(t, 2)
	if _, err := ks.SealedKey(ctx); !errors.Is(err, scripts.ErrNeedKeys) {
		t.Errorf("an old wallet: %v", err)
	}
	put := func(key []byte) {
		t.Helper()
		if err := book.Update(func(tx *dbfile.Tx) error { return labels.MetaOf(tx).SetSealedKey(key) }); err != nil {
			t.Fatal(err)
		}
	}
	put(make([]byte, 5))
	if _, err := ks.SealedKey(ctx); !errors.Is(err, labels.ErrMalformed) {
		t.Errorf("of five bytes: %v", err)
	}
	put(make([]byte, 32))
	if key, err := ks.SealedKey(ctx); err != nil || key != [32]byte{} {
		t.Errorf("%x, %v", key, err)
	}
	if info, err := ks.Info(ctx); err != nil || info.Fingerprint != 7 {
		t.Errorf("%+v, %v", info, err)
	}
	p := ks.Believed()
	p.SealedKey, p.Fingerprint = append(make([]byte, 31), 1), 8
	ks.Believe(p)
	if key, err := ks.SealedKey(ctx); err != nil || key[31] != 1 {
		t.Errorf("that of the list: %x, %v", key, err)
	}
	if info, err := ks.Info(ctx); err != nil || info.Fingerprint != 8 {
		t.Errorf("%+v, %v", info, err)
	}
}

// TestEnded: nothing is looked at or written for a caller who has gone.
func TestEnded(t *testing.T) {
	_, ks := watchedtest.New(t, 2)
	a, c := watched.NewAddresses(ks), watched.NewChanges(ks)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var errs []error
	take := func(err error) { errs = append(errs, err) }
	_, err := ks.Info(ctx)
	take(err)
	_, err = ks.Account(ctx, scripts.P2TR)
	take(err)
	_, _, err = ks.Lookup(ctx, nil)
	take(err)
	_, err = ks.PaymentKey(ctx, scripts.P2TR, 0, 0)
	take(err)
	_, err = ks.SharedScripts(ctx)
	take(err)
	_, err = ks.Reach(ctx)
	take(err)
	_, err = ks.Wanted(ctx, scripts.Owner, 0)
	take(err)
	_, err = a.ReceiveKey(ctx, scripts.P2TR)
	take(err)
	_, err = a.ChangeKey(ctx, scripts.P2TR)
	take(err)
	_, err = a.Identities(ctx)
	take(err)
	_, err = a.NewIdentity(ctx)
	take(err)
	_, err = c.Heal(ctx, true)
	take(err)
	_, err = c.CheckRows(ctx)
	take(err)
	take(c.SetGap(ctx, 3))
	take(c.AddKeys(ctx, scripts.Owner, 0, nil))
	_, err = c.AddShared(ctx, twoOf(t, 0, 1), "")
	take(err)
	for i, err := range errs {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("call %d: %v", i, err)
		}
	}
}
