package chain

import (
	"errors"
	"testing"
	"time"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

func TestTemplate(t *testing.T) {
	params := &chaincfg.RegressionNetParams
	spend := wire.NewMsgTx(2)
	spend.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: *params.GenesisHash}, nil, [][]byte{{1, 2, 3}}))
	spend.AddTxOut(wire.NewTxOut(5, []byte{0x51}))
	base := Template{Prev: *params.GenesisHash, Height: 1, Time: time.Now(), Bits: params.PowLimitBits, Payout: []byte{0x51}, Reward: 50e8}
	with := base
	with.Txs = []*wire.MsgTx{spend}
	seen := make(map[string]bool)
	for _, tmpl := range []Template{base, base, with, {Prev: base.Prev, Height: 1000000, Time: base.Time, Bits: base.Bits}} {
		msg, err := tmpl.Mine()
		if err != nil {
			t.Fatal(err)
		}
		block := btcutil.NewBlock(msg)
		if err := blockchain.CheckBlockSanity(block, params.PowLimit, blockchain.NewMedianTime()); err != nil {
			t.Error(err)
		}
		if err := blockchain.ValidateWitnessCommitment(block); err != nil {
			t.Error(err)
		}
		if h, err := blockchain.ExtractCoinbaseHeight(block.Transactions()[0]); err != nil || h != tmpl.Height {
			t.Errorf("height %d, %v", h, err)
		}
		if seen[block.Hash().String()] {
			t.Error("the same block twice")
		}
		seen[block.Hash().String()] = true
	}
	base.Bits = chaincfg.MainNetParams.PowLimitBits
	if _, err := base.Mine(); !errors.Is(err, ErrTooHard) {
		t.Errorf("mainnet: %v", err)
	}
	base.Bits = 0
	if _, err := base.Mine(); !errors.Is(err, ErrTooHard) {
		t.Errorf("no target: %v", err)
	}
}

func TestNextBlockTime(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	var ahead []time.Time
	for i := range int64(20) {
		ahead = append(ahead, at(1000+i))
	}
	for _, test := range []struct {
		name string
		now  time.Time
		last []time.Time
		want time.Time
	}{
		{"no block", time.Unix(50, 999), nil, at(50)},
		{"blocks in the past", at(5000), ahead, at(5000)},
		{"the chain's clock is ahead", at(500), ahead, at(1015)}, // median of 1009 to 1019 is 1014
		{"few blocks", at(500), ahead[:3], at(1002)},
	} {
		if got := NextBlockTime(test.now, test.last); !got.Equal(test.want) {
			t.Errorf("%s: %d, want %d", test.name, got.Unix(), test.want.Unix())
		}
	}
}
