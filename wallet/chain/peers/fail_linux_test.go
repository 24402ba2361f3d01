package peers_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"golang.org/x/sys/unix"

	"blockstack/wallet/chain/peers"
	"blockstack/wallet/sandboxtest"
)

// readOnly makes a file that is open here one that can be read only, as a file system does that
// fails.
func readOnly(t *testing.T, path string) {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	reading, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reading.Close()
	found := false
	for _, e := range list {
		fd := 0
		if _, err := fmt.Sscan(e.Name(), &fd); err != nil || fd == int(reading.Fd()) {
			continue
		}
		if to, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && to == path {
			if err := unix.Dup2(int(reading.Fd()), fd); err != nil {
				t.Fatal(err)
			}
			found = true
		}
	}
	if !found {
		t.Fatalf("%s is not open", path)
	}
}

// A file of headers that cannot be written any more, or that is shorter than it was, ends a sync
// with that, in the middle of it and later; nothing panics. The next start is at the tip again.
func TestPeersFilesFail(t *testing.T) {
	s := sandboxtest.Start(t)
	if _, err := s.Mine(t.Context(), 1000); err != nil { // filters of a thousand blocks are asked for in another way
		t.Fatal(err)
	}
	shrink := func(t *testing.T, path string) {
		if err := os.Truncate(path, 80*32); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"block_headers.bin", "reg_filter_headers.bin"} {
		for name, spoil := range map[string]func(t *testing.T, path string){"read only": readOnly, "shrunk": shrink} {
			t.Run(file+" "+name, func(t *testing.T) {
				cfg := peersConfig(s, t.TempDir())
				path, spoilt := filepath.Join(cfg.Dir, file), false
				cfg.Progress = func(p peers.Progress) {
					if !spoilt && p.Filters < 1000 && (p.Blocks >= 1000 || file == "block_headers.bin") {
						spoilt = true
						spoil(t, path)
					}
				}
				begun := time.Now()
				p, err := peers.Open(t.Context(), cfg)
				t.Logf("in the middle: %v, after %s", err, time.Since(begun).Round(time.Millisecond))
				if !spoilt {
					t.Fatal("it was over before anything happened")
				}
				switch {
				case err == nil && name == "read only":
					t.Error("nothing is said of a write that failed")
				case err == nil && !sameTip(t, s, p): // asked for again
					t.Error("not at the tip")
				case err != nil && !errors.Is(err, syscall.EBADF):
					t.Error(err)
				}
				if p != nil {
					p.Close()
				}
				cfg.Progress = nil
				p = openPeers(t, cfg)
				if !sameTip(t, s, p) {
					t.Fatal("started again and not at the tip")
				}
				spoil(t, path) // and now while it waits for blocks
				if _, err := s.Mine(t.Context(), 3); err != nil {
					t.Fatal(err)
				}
				for deadline := time.Now().Add(30 * time.Second); err == nil || strings.HasPrefix(err.Error(), "peers:"); time.Sleep(5 * time.Millisecond) {
					if _, _, err = p.Tip(t.Context()); err == nil && time.Now().After(deadline) {
						t.Fatal("nothing is said of files that fail")
					}
				}
				if !errors.Is(err, syscall.EBADF) && !errors.Is(err, peers.ErrBadHeaders) {
					t.Error(err)
				}
				p.Close()
				if p = openPeers(t, cfg); !sameTip(t, s, p) {
					t.Error("started again and not at the tip")
				}
				p.Close()
			})
		}
	}
}

const limitedDir, limitedPeer = "PEERS_TEST_DIR", "PEERS_TEST_PEER"

// TestPeersLimited is the process of TestPeersSizeLimit that may not write large files.
func TestPeersLimited(t *testing.T) {
	if os.Getenv(limitedDir) == "" {
		t.Skip("only as a process of its own")
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 100 << 10, Max: 100 << 10}); err != nil {
		t.Fatal(err)
	}
	cfg := peers.Config{Dir: os.Getenv(limitedDir), Net: &chaincfg.RegressionNetParams, Named: []string{os.Getenv(limitedPeer)}}
	if _, err := peers.Open(t.Context(), cfg); !errors.Is(err, syscall.EFBIG) {
		t.Errorf("a limit of 100 KiB a file: %v", err)
	}
}

// A limit for the size of files ends a sync as a full disk does.
func TestPeersSizeLimit(t *testing.T) {
	s := sandboxtest.Start(t)
	if _, err := s.Mine(t.Context(), 1000); err != nil {
		t.Fatal(err)
	}
	cfg := peersConfig(s, filepath.Join(t.TempDir(), "peers"))
	cmd := exec.Command(os.Args[0], "-test.run", "^TestPeersLimited$")
	cmd.Env = append(os.Environ(), limitedDir+"="+cfg.Dir, limitedPeer+"="+s.P2PAddress())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	p := openPeers(t, cfg)
	if !sameTip(t, s, p) {
		t.Error("without the limit it is not at the tip")
	}
}
