package chain

import (
	"bytes"
	"context"
	"encoding/binary"
	"testing"
	"time"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// heights are blocks by height.
type heights [][]byte

func (h heights) Tip(context.Context) (int32, chainhash.Hash, error) {
	return int32(len(h) - 1), chainhash.Hash{}, nil
}

func (h heights) HashAt(_ context.Context, height int32) (hash chainhash.Hash, err error) {
	binary.LittleEndian.PutUint32(hash[:], uint32(height))
	return hash, nil
}

func (h heights) RawBlock(_ context.Context, hash chainhash.Hash) ([]byte, error) {
	return h[binary.LittleEndian.Uint32(hash[:])], nil
}

// TestRecentFeeRate mines blocks with known fees.
func TestRecentFeeRate(t *testing.T) {
	net := &chaincfg.RegressionNetParams
	spend := wire.NewMsgTx(2)
	spend.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: *net.GenesisHash}, make([]byte, 107), nil))
	spend.AddTxOut(wire.NewTxOut(5, make([]byte, 25)))
	vsize := btcutil.Amount(blockchain.GetTransactionWeight(btcutil.NewTx(spend)) / 4)
	chainOf := func(rates ...btcutil.Amount) heights { // sat/vB of each block; 0: no transactions, -1: the miner took nothing
		h := heights{nil}
		for i, rate := range rates {
			tmpl := Template{Prev: *net.GenesisHash, Height: int32(i + 1), Time: time.Unix(1_600_000_000, 0), Bits: net.PowLimitBits, Payout: []byte{0x51},
				Reward: btcutil.Amount(blockchain.CalcBlockSubsidy(int32(i+1), net))}
			if rate != 0 {
				tmpl.Txs = []*wire.MsgTx{spend}
				tmpl.Reward += rate * vsize
			}
			block, err := tmpl.Mine()
			if err != nil {
				t.Fatal(err)
			}
			var raw bytes.Buffer
			if err := block.Serialize(&raw); err != nil {
				t.Fatal(err)
			}
			h = append(h, raw.Bytes())
		}
		return h
	}
	for _, c := range []struct {
		h     heights
		want  btcutil.Amount
		known bool
	}{
		{chainOf(), 0, false},
		{chainOf(0, 0), 0, false},
		{chainOf(7), 7000, true},
		{chainOf(500, 3, 0, 9, 5, -1, 0), 5000, true}, // the first is too old, one has none, one is not counted
		{chainOf(-1), 0, false},
	} {
		got, known, err := RecentFeeRate(t.Context(), c.h, net)
		if err != nil || known != c.known || known && got != c.want {
			t.Errorf("%d blocks: %d, %v, %v; want %d", len(c.h)-1, got, known, err, c.want)
		}
	}
	if _, _, err := RecentFeeRate(t.Context(), heights{nil, []byte("no block")}, net); err == nil {
		t.Error("a broken block was read")
	}
}
