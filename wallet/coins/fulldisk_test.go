package coins

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcwallet/walletdb"

	"blockstack/wallet/labels"
	"blockstack/wallet/sandbox"
	"blockstack/wallet/scripts"
	"blockstack/wallet/tracker"
	"blockstack/wallet/watched"
)

// fullDisk is a database whose writes find no space from one of them on: they are undone, as by
// bbolt.
type fullDisk struct {
	walletdb.DB
	left *atomic.Int32 // writes that still find space
}

func (d fullDisk) Update(f func(tx walletdb.ReadWriteTx) error, reset func()) error {
	return d.DB.Update(func(tx walletdb.ReadWriteTx) error {
		if err := f(tx); err != nil {
			return err
		}
		if d.left.Add(-1) < 0 {
			return &os.PathError{Op: "write", Path: "wallet.db", Err: syscall.ENOSPC}
		}
		return nil
	}, reset)
}

// receive sends a payment to the wallet and mines it.
func receive(t *testing.T, c *Coins, s *sandbox.Sandbox, amount btcutil.Amount) {
	t.Helper()
	ctx := context.Background()
	k, err := watched.NewAddresses(c.Keys).ReceiveKey(ctx, scripts.P2WPKH)
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Faucet()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Fund(ctx, k.Script, amount); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Mine(ctx, 2); err != nil {
		t.Fatal(err)
	}
}

// total is what the wallet has.
func total(t *testing.T, c *Coins) (sum btcutil.Amount) {
	t.Helper()
	list, err := c.List(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, coin := range list {
		sum += coin.Amount
	}
	return sum
}

// TestFullDisk lets the disk be full at every write while a block with a payment arrives: the sync
// fails and says why, and the next one with space finds the payment.
func TestFullDisk(t *testing.T) {
	c, s := followed(t)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	want := total(t, c)
	var left atomic.Int32
	c.tracker.OnDisk = func(db walletdb.DB) walletdb.DB { return fullDisk{db, &left} }
	ctx := context.Background()
	failed := 0
	for n := int32(0); n < 40; n++ {
		receive(t, c, s, 1000)
		want += 1000
		left.Store(n)
		err := c.Sync.Once(ctx, s.Chain())
		switch {
		case errors.Is(err, syscall.ENOSPC):
			failed++
		case err != nil:
			t.Fatalf("space for %d writes: %v", n, err)
		}
		left.Store(1 << 20)
		if err := c.Sync.Once(ctx, s.Chain()); err != nil {
			t.Fatalf("with space, after %d writes: %v", n, err)
		}
		if got := total(t, c); got != want {
			t.Fatalf("space for %d writes: %s, want %s", n, got, want)
		}
		if err == nil {
			break // there was enough
		}
	}
	if failed < 3 {
		t.Errorf("%d syncs found the disk full", failed)
	}
}

// TestFullDiskWhileFollowing is the same for a block that arrives while the connection is open.
func TestFullDiskWhileFollowing(t *testing.T) {
	c, s := followed(t)
	want := total(t, c)
	var left atomic.Int32
	c.tracker.OnDisk = func(db walletdb.DB) walletdb.DB { return fullDisk{db, &left} }
	ctx := context.Background()
	for n := int32(0); n < 3; n++ {
		left.Store(1 << 20)
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if err := c.Sync.Follow(ctx, s.Chain()); err != nil {
			t.Fatal(err)
		}
		left.Store(n)
		receive(t, c, s, 1000)
		want += 1000
		if err := c.Sync.Once(ctx, s.Chain()); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("space for %d writes: %v", n, err)
		}
		left.Store(1 << 20)
		if err := c.Sync.Once(ctx, s.Chain()); err != nil {
			t.Fatal(err)
		}
		if got := total(t, c); got != want {
			t.Fatalf("space for %d writes: %s, want %s", n, got, want)
		}
	}
}

// TestReallyFullDisk keeps the wallet on a file system that is full, where the test may make one.
func TestReallyFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("only root can make a small file system")
	}
	c, s := followed(t)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	want := total(t, c)
	place := filepath.Dir(c.tracker.Path()) // what was there is hidden, and built again
	if err := mountSmall(place, 2<<20); err != nil {
		t.Skip(err)
	}
	defer func() {
		if err := unmount(place); err != nil {
			t.Error(err)
		}
	}()
	ctx := context.Background()
	if err := c.Sync.Once(ctx, s.Chain()); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for i := range 6 {
		receive(t, c, s, 1000)
		want += 1000
		ballast := filepath.Join(place, "ballast")
		fillUp(t, ballast, i*4096)
		err := c.Sync.Once(ctx, s.Chain())
		if errors.Is(err, syscall.ENOSPC) {
			failed++
		} else if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		if err := c.Sync.Once(ctx, s.Chain()); err != nil {
			t.Fatal(err)
		}
		if got := total(t, c); got != want {
			t.Fatalf("%d pages left: %s, want %s", i, got, want)
		}
	}
	if failed == 0 {
		t.Error("the disk was never full")
	}
}

// fillUp writes a file until so many bytes are left.
func fillUp(t *testing.T, path string, leave int) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	size := int64(0)
	for page := make([]byte, 4096); ; size += int64(len(page)) {
		if _, err := f.Write(page); err != nil {
			break
		}
	}
	if err := errors.Join(f.Truncate(max(0, size-int64(leave))), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestFlippedTracker changes one bit of a wallet.db that was closed, anywhere: what it holds is
// told right, or the file is built again, and nothing hangs.
func TestFlippedTracker(t *testing.T) {
	c, s := followed(t)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	want := total(t, c)
	ctx := context.Background()
	good, err := os.ReadFile(c.tracker.Path())
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(tracker.SumFile(c.tracker.Path()))
	if err != nil {
		t.Fatal(err)
	}
	var places []int
	for i, b := range good {
		if b != 0 {
			places = append(places, i)
		}
	}
	for i := range 12 {
		bad := append([]byte(nil), good...)
		bad[places[i*len(places)/12]] ^= 1 << (i % 8)
		if err := os.WriteFile(c.tracker.Path(), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 { // as after a crash, when no checksum fits
			_ = os.Remove(tracker.SumFile(c.tracker.Path()))
		} else if _, err := c.List(ctx); !errors.Is(err, labels.ErrMalformed) {
			t.Errorf("byte %d: %v", places[i*len(places)/12], err)
		}
		begin := time.Now()
		if err := c.Sync.Once(ctx, s.Chain()); err != nil {
			t.Fatalf("byte %d: %v", places[i*len(places)/12], err)
		}
		if took := time.Since(begin); took > 20*time.Second {
			t.Errorf("byte %d: it took %s", places[i*len(places)/12], took)
		}
		if got := total(t, c); got != want {
			t.Errorf("byte %d: %s, want %s", places[i*len(places)/12], got, want)
		}
		err := errors.Join(os.WriteFile(c.tracker.Path(), good, 0o600), os.WriteFile(tracker.SumFile(c.tracker.Path()), sum, 0o600))
		if err != nil {
			t.Fatal(err)
		}
	}
}
