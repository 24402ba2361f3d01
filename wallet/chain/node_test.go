package chain_test

import (
	"context"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain/chaintest"
	"blockstack/wallet/sandbox"
)

// startSandbox starts a real node that ends with the test.
func startSandbox(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	dir := t.TempDir()
	s, err := sandbox.Start(t.Context(), sandbox.Options{Dir: dir, Btcd: chaintest.Btcd(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		if err := sandbox.Stop(context.Background(), dir); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestNode(t *testing.T) {
	s := startSandbox(t)
	faucet, err := s.Faucet()
	if err != nil {
		t.Fatal(err)
	}
	chaintest.Suite(t, chaintest.World{
		Node: s.Chain(),
		Mine: func(n int) {
			if _, err := s.Mine(t.Context(), n); err != nil {
				t.Fatal(err)
			}
		},
		Reorg: func(depth int32, drop bool) {
			if _, err := s.Reorg(t.Context(), depth, drop); err != nil {
				t.Fatal(err)
			}
		},
		Pay: func(script []byte, amount btcutil.Amount) (*wire.MsgTx, error) {
			return faucet.Fund(t.Context(), script, amount)
		},
	})
}
