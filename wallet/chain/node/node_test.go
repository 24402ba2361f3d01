package node_test

import (
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain/chaintest"
	"blockstack/wallet/sandboxtest"
)

func TestNode(t *testing.T) {
	s := sandboxtest.Start(t)
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
