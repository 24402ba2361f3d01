package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/chaintest"
)

// helperDir makes the test program act as a command that starts a sandbox.
const (
	helperDir  = "SANDBOX_TEST_HELPER_DIR"
	helperBtcd = "SANDBOX_TEST_HELPER_BTCD"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperDir); dir != "" {
		_, err := Start(context.Background(), Options{Dir: dir, Btcd: os.Getenv(helperBtcd), Progress: func(p Progress) {
			fmt.Println(p.Step)
		}})
		fmt.Println("done", err)
		if err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// start starts the sandbox of a folder, which ends with the test whatever happens in it.
func start(t *testing.T, dir string) *Sandbox {
	t.Helper()
	endWithTest(t, dir)
	s, err := Start(t.Context(), Options{Dir: dir, Btcd: chaintest.Btcd(t)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func endWithTest(t *testing.T, dir string) {
	t.Cleanup(func() {
		err := Stop(context.Background(), dir)
		var not *NotRunning
		var bad *BadState
		if err != nil && !errors.As(err, &not) && !errors.As(err, &bad) {
			t.Error(err)
		}
	})
}

func stop(t *testing.T, dir string) {
	t.Helper()
	no(t, Stop(t.Context(), dir))
}

func no(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func tip(t *testing.T, s *Sandbox) (int32, chainhash.Hash) {
	t.Helper()
	height, hash, err := s.Chain().Tip(t.Context())
	no(t, err)
	return height, hash
}

func mine(t *testing.T, s *Sandbox, n int) {
	t.Helper()
	hashes, err := s.Mine(t.Context(), n)
	no(t, err)
	if len(hashes) != n {
		t.Fatalf("mined %d blocks, not %d", len(hashes), n)
	}
}

func inspect(t *testing.T, dir string) Status {
	t.Helper()
	st, err := Inspect(t.Context(), dir)
	no(t, err)
	return st
}

func faucet(t *testing.T, s *Sandbox) *Faucet {
	t.Helper()
	f, err := s.Faucet()
	no(t, err)
	return f
}

// fund sends a payment from the faucet to itself.
func fund(t *testing.T, s *Sandbox, sat int64) chainhash.Hash {
	t.Helper()
	f := faucet(t, s)
	tx, err := f.FundAddress(t.Context(), f.Address(), amount(sat))
	no(t, err)
	return tx.TxHash()
}

func txStatus(t *testing.T, s *Sandbox, id chainhash.Hash) chain.TxStatus {
	t.Helper()
	st, err := s.Chain().TxStatus(t.Context(), id)
	no(t, err)
	return st
}

// edit changes the recorded state behind the sandbox's back.
func edit(t *testing.T, dir string, f func(*nodeState)) {
	t.Helper()
	st, err := readState(dir)
	no(t, err)
	f(st)
	no(t, st.write(dir))
}
