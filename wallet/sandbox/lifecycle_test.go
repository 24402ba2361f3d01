package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/chaintest"
	"blockstack/wallet/chain/node"
)

func amount(sat int64) btcutil.Amount { return btcutil.Amount(sat) }

func TestStopAndStartKeepTheChain(t *testing.T) {
	dir := t.TempDir()
	if st := inspect(t, dir); st.State != Absent || st.Height != -1 || st.Mempool != -1 {
		t.Errorf("before the first start: %+v", st)
	}
	s := start(t, dir)
	if r := s.Report(); r.Found != Absent || r.Mined != firstBlocks || r.Replayed != 0 {
		t.Errorf("first start: %+v", r)
	}
	mined := fund(t, s, 1e8)
	mine(t, s, 2)
	_, err := s.Chain().Generate(t.Context(), 1) // behind our back
	no(t, err)
	first := fund(t, s, 3e8)
	second := fund(t, s, 2e8)
	height, hash := tip(t, s)
	before := inspect(t, dir)
	if before.State != Running || !before.Answers || before.Height != height || before.Tip != hash || before.Mempool != 2 ||
		before.PID == 0 || before.Version == "" || before.FaucetBalance <= 0 {
		t.Errorf("running: %+v", before)
	}
	path, err := s.WriteRegistry([]byte("anything"))
	no(t, err)
	s.Close()
	stop(t, dir)

	off := inspect(t, dir)
	if off.State != Stopped || off.Answers || off.PID != 0 || off.Height != height || off.Tip != hash || off.Mempool != -1 {
		t.Errorf("stopped: %+v", off)
	}
	var not *NotRunning
	if _, err := Open(t.Context(), dir); !errors.As(err, &not) || not.State != Stopped {
		t.Errorf("open a stopped sandbox: %v", err)
	}
	if err := Stop(t.Context(), dir); !errors.As(err, &not) || not.State != Stopped {
		t.Errorf("stop a stopped sandbox: %v", err)
	}

	s = start(t, dir)
	defer s.Close()
	if r := s.Report(); r.Found != Stopped || r.Mined != 0 || r.Replayed != int(height) || r.Resent != 2 || len(r.Lost) != 0 {
		t.Errorf("second start: %+v", r)
	}
	if h, got := tip(t, s); h != height || got != hash {
		t.Errorf("tip %d %s, was %d %s", h, got, height, hash)
	}
	after := inspect(t, dir)
	if after.RPC != before.RPC || after.P2P != before.P2P || after.FaucetAddress != before.FaucetAddress ||
		after.FaucetBalance != before.FaucetBalance {
		t.Errorf("changed from %+v to %+v", before, after)
	}
	if got := txStatus(t, s, mined); !got.Confirmed() {
		t.Errorf("mined payment: %+v", got)
	}
	if !txStatus(t, s, first).InMempool || !txStatus(t, s, second).InMempool {
		t.Error("an unconfirmed payment is gone")
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "anything" || after.Registry != path {
		t.Errorf("registry %q at %s: %v", got, after.Registry, err)
	}
}

func TestStartWhatRuns(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	defer s.Close()
	var running *AlreadyRunning
	if _, err := Start(t.Context(), Options{Dir: dir, Btcd: chaintest.Btcd(t)}); !errors.As(err, &running) {
		t.Fatalf("started again: %v", err)
	}
	st := inspect(t, dir)
	if running.PID != st.PID || running.RPC != st.RPC || running.P2P != st.P2P || running.Dir != dir {
		t.Errorf("%+v does not say where: %+v", running, st)
	}
	other, err := Open(t.Context(), dir)
	no(t, err)
	defer other.Close()
	mine(t, other, 1)
	if h, _ := tip(t, s); h != firstBlocks+1 {
		t.Errorf("height %d", h)
	}
}

func TestStartsAtTheSameTime(t *testing.T) {
	dir, btcd := t.TempDir(), chaintest.Btcd(t)
	endWithTest(t, dir)
	errs := make([]error, 4)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			s, err := Start(context.Background(), Options{Dir: dir, Btcd: btcd})
			if err == nil {
				s.Close()
			}
			errs[i] = err
		})
	}
	wg.Wait()
	started := 0
	for _, err := range errs {
		var running *AlreadyRunning
		if err == nil {
			started++
		} else if !errors.As(err, &running) {
			t.Error(err)
		}
	}
	if started != 1 {
		t.Errorf("%d starts succeeded", started)
	}
}

func TestTwoSandboxes(t *testing.T) {
	one, two := start(t, t.TempDir()), start(t, t.TempDir())
	defer one.Close()
	defer two.Close()
	mine(t, one, 1)
	_, a := tip(t, one)
	_, b := tip(t, two)
	if a == b || one.P2PAddress() == two.P2PAddress() || one.Config().Host == two.Config().Host ||
		faucet(t, one).Address() == faucet(t, two).Address() {
		t.Error("the two have something in common")
	}
	mixed := one.Config()
	mixed.Host = two.Config().Host
	if _, err := node.Dial(t.Context(), mixed); !errors.Is(err, chain.ErrUnauthorized) {
		t.Errorf("one's password at the other: %v", err)
	}
	stop(t, one.Dir())
	mine(t, two, 1)
}

func TestOldTip(t *testing.T) {
	dir := t.TempDir()
	log := emptyLog(dir)
	long := time.Now().Add(-72 * time.Hour)
	var raws [][]byte
	prev := *netParams().GenesisHash
	for h := int32(1); h <= 3; h++ {
		block, err := chain.Template{Prev: prev, Height: h, Time: long.Add(time.Duration(h) * time.Minute),
			Bits: netParams().PowLimitBits, Payout: []byte{0x51}, Reward: 50e8}.Mine()
		no(t, err)
		raw, err := encodeBlock(block)
		no(t, err)
		raws, prev = append(raws, raw), block.BlockHash()
	}
	no(t, log.append(raws))
	s := start(t, dir)
	defer s.Close()
	if r := s.Report(); r.Replayed != 3 || r.Mined != 1 {
		t.Errorf("%+v", r)
	}
	st := inspect(t, dir)
	if st.Height != 4 || time.Since(st.TipTime) > time.Hour {
		t.Errorf("tip %d of %s", st.Height, st.TipTime)
	}
}

func TestPrivacy(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	defer s.Close()
	st := s.state()
	for _, name := range []string{stateFile, configFile, blockFile, errFile} {
		info, err := os.Stat(filepath.Join(dir, name))
		no(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %s", name, info.Mode())
		}
	}
	f := faucet(t, s)
	values := []any{*st, st, s.Config(), f, s, struct{ c node.Config }{s.Config()}, struct{ s *nodeState }{st}, inspect(t, dir)}
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			text := strings.ToLower(fmt.Sprintf(verb, v))
			for _, secret := range []string{st.RPCPassword.text(), st.FaucetKey.text(), fmt.Sprintf("%x", st.RPCPassword.text())} {
				if strings.Contains(text, secret) {
					t.Errorf("%T shows a secret under %s", v, verb)
				}
			}
		}
	}
	if runtime.GOOS == "linux" {
		for _, what := range []string{"cmdline", "environ"} {
			raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", st.Process.PID, what))
			no(t, err)
			if bytes.Contains(raw, []byte(st.RPCPassword.text())) || len(raw) == 0 {
				t.Errorf("the node's %s is not as it should be", what)
			}
		}
	}
}

func TestProgram(t *testing.T) {
	dir, btcd := t.TempDir(), chaintest.Btcd(t)
	t.Setenv("PATH", t.TempDir())
	var none *NoBtcd
	_, err := Start(t.Context(), Options{Dir: filepath.Join(dir, "a")})
	if !errors.As(err, &none) || !strings.Contains(none.Hint(), "make build") || !strings.Contains(none.Hint(), "go install github.com/btcsuite/btcd@v") {
		t.Errorf("no program: %v", err)
	}
	_, err = Start(t.Context(), Options{Dir: filepath.Join(dir, "a"), Btcd: "/nowhere/btcd"})
	if !errors.As(err, &none) || !slices.Contains(none.Looked, "/nowhere/btcd") {
		t.Errorf("named and missing: %v", err)
	}
	fake := filepath.Join(dir, "btcd")
	no(t, os.WriteFile(fake, []byte("#!/bin/sh\necho hello\n"), 0o700))
	var other *NotBtcd
	if _, err = Start(t.Context(), Options{Dir: filepath.Join(dir, "a"), Btcd: fake}); !errors.As(err, &other) || other.Said != "hello" {
		t.Errorf("another program: %v", err)
	}
	// One that says that it is btcd, and then ends.
	no(t, os.WriteFile(fake, []byte("#!/bin/sh\n[ \"$1\" = --version ] && echo btcd version 9 && exit\necho cannot work >&2\nexit 1\n"), 0o700))
	var failed *StartFailed
	if _, err = Start(t.Context(), Options{Dir: filepath.Join(dir, "a"), Btcd: fake}); !errors.As(err, &failed) || failed.Last != "cannot work" || !errors.Is(err, errEnded) {
		t.Errorf("a program that ends: %v", err)
	}
	if st := inspect(t, filepath.Join(dir, "a")); st.State != HalfStarted {
		t.Errorf("after that: %+v", st)
	}
	endWithTest(t, filepath.Join(dir, "a"))
	s, err := Start(t.Context(), Options{Dir: filepath.Join(dir, "a"), Btcd: btcd})
	no(t, err)
	defer s.Close()
	if r := s.Report(); r.Found != HalfStarted || r.Mined != firstBlocks {
		t.Errorf("%+v", r)
	}
}

func TestFolderThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	no(t, os.WriteFile(file, []byte("x"), 0o600))
	places := []string{filepath.Join(file, "sandbox")}
	if os.Geteuid() != 0 {
		closed := filepath.Join(dir, "closed")
		no(t, os.Mkdir(closed, 0o500))
		places = append(places, closed, filepath.Join(closed, "below"))
	}
	for _, place := range places {
		var path *os.PathError
		if _, err := Start(t.Context(), Options{Dir: place, Btcd: chaintest.Btcd(t)}); !errors.As(err, &path) {
			t.Errorf("%s: %v", place, err)
		}
	}
	if raw, err := os.ReadFile(file); err != nil || string(raw) != "x" {
		t.Error("a file was changed")
	}
}
