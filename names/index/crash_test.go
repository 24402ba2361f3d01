package index

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"blockstack/names/index/scenario"
	"blockstack/testdata"
)

// Variables of the process that is killed.
const (
	crashFile  = "INDEX_CRASH_FILE"  // the index
	crashAt    = "INDEX_CRASH_AT"    // number of the write at which the process ends, from 1 on
	crashAfter = "INDEX_CRASH_AFTER" // "yes": after the write, else before it
	crashExit  = 3
)

const crashChain = "chain/d05-same-block.json"

// TestMain is also the process that is killed, and the one whose disk is full.
func TestMain(m *testing.M) {
	if path := os.Getenv(crashFile); path != "" {
		os.Exit(crashingProcess(path))
	}
	if path := os.Getenv(diskFile); path != "" {
		os.Exit(fullDiskProcess(path))
	}
	os.Exit(m.Run())
}

// crashingProcess follows the chain and ends in the middle, without closing anything.
func crashingProcess(path string) int {
	raw, err := os.ReadFile(os.Getenv("INDEX_CRASH_CHAIN"))
	if err != nil {
		return 1
	}
	s, err := scenario.Read(bytes.NewReader(raw))
	if err != nil {
		return 1
	}
	x, err := Open(path, s.Params, Options{BatchBytes: 1})
	if err != nil {
		return 1
	}
	at, err := strconv.Atoi(os.Getenv(crashAt))
	if err != nil {
		return 1
	}
	n := 0
	x.beforeWrite = func() error {
		n++
		if after := os.Getenv(crashAfter) == "yes"; n == at && !after || n == at+1 && after {
			os.Exit(crashExit)
		}
		return nil
	}
	if err := x.Follow(context.Background(), s, nil); err != nil {
		return 1
	}
	return 0
}

// TestKilledAtEveryWrite ends a process before and after every write, goes on in another one, and
// compares with an index that nobody disturbed.
func TestKilledAtEveryWrite(t *testing.T) {
	raw := testdata.Vectors(t, crashChain)
	want := dump(t, followScenario(t, raw))
	s, err := scenario.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	killed := 0
	for at := 1; ; at++ {
		ended := false
		for _, after := range []string{"no", "yes"} {
			path := filepath.Join(t.TempDir(), "index.db")
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), crashFile+"="+path, crashAt+"="+strconv.Itoa(at), crashAfter+"="+after,
				"INDEX_CRASH_CHAIN="+testdata.Path(t, crashChain))
			err := cmd.Run()
			var exit *exec.ExitError
			switch {
			case err == nil:
				ended = true
			case errors.As(err, &exit) && exit.ExitCode() == crashExit:
				killed++
			default:
				t.Fatalf("write %d: %v", at, err)
			}
			x, err := Open(path, s.Params, Options{})
			if err != nil {
				t.Fatalf("killed at write %d (after: %s): %v", at, after, err)
			}
			follow(t, x, s)
			compareDumps(t, dump(t, x), want)
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			if t.Failed() {
				t.Fatalf("killed at write %d (after: %s)", at, after)
			}
		}
		if ended {
			break
		}
	}
	if blocks := lastOf(s) - int(s.Params.FirstBlock) + 1; killed < blocks {
		t.Errorf("killed at %d writes of %d blocks", killed, blocks)
	}
}

// lastOf is the height of the last block of a scenario.
func lastOf(s *scenario.Scenario) int {
	height, _, err := s.Tip(context.Background())
	if err != nil {
		panic(err)
	}
	return int(height)
}

// errStop is what a test stops with.
var errStop = errors.New("stopped by the test")

// TestStoppedAtEveryWrite stops random histories with reorgs at random writes, in one process, and
// goes on.
func TestStoppedAtEveryWrite(t *testing.T) {
	for seed := range 20 {
		rng := rand.New(rand.NewPCG(uint64(seed), 11))
		p := randomParams(t, nil)
		g := newGenerator(t, rng, p)
		x := openFast(t, p, Options{BatchBytes: 2000})
		g.x = x
		x.beforeWrite = func() error {
			if rng.IntN(3) == 0 {
				return errStop
			}
			return nil
		}
		c := newTestChain(p.FirstBlock)
		g.launchAll(t, c)
		for range 15 {
			if n := len(c.blocks); n > 4 && rng.IntN(4) == 0 {
				c.cut(1 + rng.IntN(n/2))
			}
			c.mine(t, g.block(t, c.height()+1)...)
			for {
				err := x.Follow(t.Context(), c, nil)
				if err == nil {
					break
				}
				if !errors.Is(err, errStop) {
					t.Fatal(err)
				}
			}
		}
		fresh := openFast(t, p, Options{})
		follow(t, fresh, c)
		compareDumps(t, dump(t, x), dump(t, fresh))
	}
}

// TestInterrupted stops Follow by its context again and again.
func TestInterrupted(t *testing.T) {
	raw := testdata.Vectors(t, "protocol/chain_epoch3_to_4_tokens.json")
	want := dump(t, followScenario(t, raw))
	s, err := scenario.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	x := openFast(t, s.Params, Options{BatchBytes: 1})
	stops := 0
	for {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		x.beforeWrite = func() error {
			if n++; n == 5 {
				cancel()
			}
			return nil
		}
		err := x.Follow(ctx, s, nil)
		cancel()
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		stops++
	}
	if stops < 5 {
		t.Errorf("stopped %d times only", stops)
	}
	compareDumps(t, dump(t, x), want)
}
