package sandbox

import (
	"errors"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
)

func TestReorg(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	for _, depth := range []int32{1, 3, 50} {
		for _, drop := range []bool{false, true} {
			// One payment that stays below the fork, one in every replaced block up to some, one
			// that waits.
			below := fund(t, s, 1e8)
			mine(t, s, 1)
			fork, forkHash := tip(t, s)
			var inside []chainhash.Hash
			for i := range depth {
				if i < 4 {
					inside = append(inside, fund(t, s, 2e8+int64(i)))
				}
				mine(t, s, 1)
			}
			waiting := fund(t, s, 40e8) // large: from a coin of its own
			height, old := tip(t, s)
			r, err := s.Reorg(t.Context(), depth, drop)
			no(t, err)
			now, hash := tip(t, s)
			if height != fork+depth || now != height+1 || hash == old {
				t.Fatalf("depth %d: %d %s, was %d %s", depth, now, hash, height, old)
			}
			if at, err := s.Chain().HashAt(t.Context(), fork); err != nil || at != forkHash {
				t.Errorf("depth %d: block %d is %s (%v)", depth, fork, at, err)
			}
			if len(r.Disconnected) != int(depth) || len(r.Connected) != int(depth)+1 ||
				r.Disconnected[depth-1] != old || r.Connected[depth] != hash || len(r.Lost) != 0 {
				t.Errorf("depth %d: %+v", depth, r)
			}
			for _, id := range r.Connected {
				raw, err := s.Chain().RawBlock(t.Context(), id)
				no(t, err)
				if raw[80] != 1 {
					t.Errorf("a block of %d transactions is not empty", raw[80])
				}
			}
			if !txStatus(t, s, below).Confirmed() || !txStatus(t, s, waiting).InMempool {
				t.Errorf("depth %d: what the reorg has nothing to do with was changed", depth)
			}
			for _, id := range inside {
				if st := txStatus(t, s, id); st.InMempool == drop || st.Confirmed() {
					t.Errorf("depth %d, drop %v: %+v", depth, drop, st)
				}
			}
			list := r.Returned
			if drop {
				list = r.Dropped
			}
			if !slices.Equal(list, inside) {
				t.Errorf("depth %d, drop %v: %v, want %v", depth, drop, list, inside)
			}
			mine(t, s, 1)
			for _, id := range inside {
				if txStatus(t, s, id).Confirmed() == drop {
					t.Errorf("depth %d, drop %v: mined again: %+v", depth, drop, txStatus(t, s, id))
				}
			}
		}
	}
	height, hash := tip(t, s)
	for _, depth := range []int32{-1, 0, height + 1} {
		var bad *BadDepth
		if _, err := s.Reorg(t.Context(), depth, false); !errors.As(err, &bad) || bad.Height != height {
			t.Errorf("depth %d: %v", depth, err)
		}
	}
	s.Close()
	stop(t, dir)
	s = start(t, dir)
	if h, got := tip(t, s); h != height || got != hash {
		t.Errorf("after a restart %d %s, was %d %s", h, got, height, hash)
	}
	s.Close()
}

// TestReorgOfEverything replaces every block, and with them every coin.
func TestReorgOfEverything(t *testing.T) {
	s := start(t, t.TempDir())
	defer s.Close()
	paid := fund(t, s, 1e8)
	mine(t, s, 1)
	height, _ := tip(t, s)
	r, err := s.Reorg(t.Context(), height, false)
	no(t, err)
	if len(r.Lost) != 1 || r.Lost[0].Txid != paid || len(r.Returned) != 0 {
		t.Errorf("what spends a coin that never was: %+v", r)
	}
	if st := inspect(t, s.Dir()); st.Height != height+1 || st.FaucetBalance <= 0 || st.Mempool != 0 {
		t.Errorf("%+v", st)
	}
}

// TestMaturity reorganises away the blocks that made a spent coin mature.
func TestMaturity(t *testing.T) {
	s := start(t, t.TempDir())
	defer s.Close()
	f := faucet(t, s)
	coins, err := f.Spendable(t.Context(), 1)
	no(t, err)
	youngest := coins[0]
	if youngest.Height != firstBlocks-int32(netParams().CoinbaseMaturity)+1 {
		t.Fatalf("the coin of block %d is first", youngest.Height)
	}
	paid := fund(t, s, 1e8)
	mine(t, s, 1)
	tx, err := s.Chain().Tx(t.Context(), paid)
	no(t, err)
	if tx.TxIn[0].PreviousOutPoint != youngest.OutPoint {
		t.Fatalf("spent %s, not %s", tx.TxIn[0].PreviousOutPoint, youngest.OutPoint)
	}
	r, err := s.Reorg(t.Context(), 30, false)
	no(t, err)
	if !slices.Equal(r.Returned, []chainhash.Hash{paid}) || !txStatus(t, s, paid).InMempool {
		t.Errorf("%+v", r)
	}
}
