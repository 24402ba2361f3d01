package watched_test

import (
	"context"
	"testing"

	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
	"blockstack/wallet/watchedtest"
)

// TestSetGap changes the gap up and down: every payment branch is derived as far as the new gap
// needs, a larger one asks for a scan and for owner keys, a smaller one takes nothing away.
func TestSetGap(t *testing.T) {
	ctx := context.Background()
	_, c := watchedtest.New(t, 5)
	derived := func(want uint32) {
		t.Helper()
		for _, kind := range scripts.Kinds() {
			for _, branch := range []uint32{scripts.Receive, scripts.Change} {
				n, err := c.PaymentKeys(ctx, kind, branch)
				if err != nil || n < want {
					t.Errorf("%s branch %d: %d keys, want %d: %v", kind, branch, n, want, err)
				}
				if _, err := c.PaymentKey(ctx, kind, branch, want-1); err != nil {
					t.Errorf("%s branch %d: the last key: %v", kind, branch, err)
				}
			}
		}
	}
	info := func() watched.Info {
		t.Helper()
		i, err := c.Info(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	for _, bad := range []uint32{0, watched.MaxGap + 1} {
		if err := watched.NewChanges(c).SetGap(ctx, bad); err == nil {
			t.Errorf("a gap of %d", bad)
		}
	}
	if i := info(); i.Gap != 5 || i.NeedsRescan {
		t.Errorf("before: %+v", i)
	}
	owners, err := c.Derived(ctx, scripts.Owner)
	if err != nil {
		t.Fatal(err)
	}
	if err := watched.NewChanges(c).SetGap(ctx, 40); err != nil {
		t.Fatal(err)
	}
	derived(40)
	if i := info(); i.Gap != 40 || !i.NeedsRescan || i.NeedsKeys != (owners < 40) {
		t.Errorf("larger: %+v with %d owner keys", i, owners)
	}
	if want, err := c.Wanted(ctx, scripts.Owner, 0); err != nil || want < 40 {
		t.Errorf("%d owner keys are wanted: %v", want, err)
	}
	for range 40 { // as many addresses as the gap may be handed out, no more
		if _, err := watched.NewAddresses(c).NewReceiveKey(ctx, scripts.P2PKH); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := watched.NewAddresses(c).NewReceiveKey(ctx, scripts.P2PKH); err == nil {
		t.Error("more addresses than the gap were handed out")
	}
	if err := watched.NewChanges(c).SetGap(ctx, 3); err != nil {
		t.Fatal(err)
	}
	derived(40)
	if i := info(); i.Gap != 3 {
		t.Errorf("smaller: %+v", i)
	}
	if _, err := watched.NewAddresses(c).NewReceiveKey(ctx, scripts.P2WPKH); err != nil {
		t.Errorf("the smaller gap on another account: %v", err)
	}
}
