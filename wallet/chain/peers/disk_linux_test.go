package peers_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"blockstack/wallet/chain/peers"
	"blockstack/wallet/sandboxtest"
)

// A disk without room ends a sync with peers with that as the cause, before it and in the middle of
// it. What is kept stays.
func TestPeersFullDisk(t *testing.T) {
	s := sandboxtest.Start(t)
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", 80<<20)); err != nil {
		t.Skipf("no right to mount: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) /* neutrino closes no file of headers */ })
	cfg := peersConfig(s, filepath.Join(dir, "peers"))
	p := openPeers(t, cfg)
	ballast := filepath.Join(dir, "ballast")
	fill := make([]byte, 1<<20)
	f, err := os.Create(ballast)
	for err == nil {
		_, err = f.Write(fill)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	_ = f.Close()
	begun := time.Now()
	if _, err := s.Mine(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Tip(t.Context()); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("open: %v", err)
	}
	p.Close()
	before, err := os.Stat(filepath.Join(cfg.Dir, "block_headers.bin"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := peers.Open(t.Context(), cfg); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("opened: %v", err)
	}
	if after, err := os.Stat(filepath.Join(cfg.Dir, "block_headers.bin")); err != nil || !os.SameFile(before, after) {
		t.Errorf("the headers that were there: %v", err)
	}
	if d := time.Since(begun); d > 20*time.Second {
		t.Errorf("it took %s", d)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if p = openPeers(t, cfg); !sameTip(t, s, p) {
		t.Error("with room again it is not at the tip")
	}
}
