// Package mined makes single blocks for tests that look at a block and need no chain.
package mined

import (
	"bytes"
	"testing"
	"time"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
)

// Block is a block with so many transactions beside the coinbase, of which the first has a witness.
func Block(tb testing.TB, prev chainhash.Hash, height int32, txs int) *wire.MsgBlock {
	tb.Helper()
	tpl := chain.Template{Prev: prev, Height: height, Time: time.Unix(1_700_000_000+int64(height)*600, 0), Bits: chaincfg.RegressionNetParams.PowLimitBits,
		Payout: []byte{0x51}, Reward: 50 * btcutil.SatoshiPerBitcoin}
	for i := range txs {
		tx := wire.NewMsgTx(2)
		tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: chainhash.Hash{7, byte(i)}}, nil, nil))
		tx.AddTxOut(wire.NewTxOut(int64(i), []byte{0x51}))
		if i == 0 {
			tx.TxIn[0].Witness = wire.TxWitness{{1, 2, 3}}
		}
		tpl.Txs = append(tpl.Txs, tx)
	}
	block, err := tpl.Mine()
	if err != nil {
		tb.Fatal(err)
	}
	return block
}

// Raw is a block in its own encoding.
func Raw(tb testing.TB, b *wire.MsgBlock) []byte {
	tb.Helper()
	var raw bytes.Buffer
	if err := b.Serialize(&raw); err != nil {
		tb.Fatal(err)
	}
	return raw.Bytes()
}

// Root gives a block the merkle root of its transactions and regtest's proof of work.
func Root(msg *wire.MsgBlock) {
	msg.Header.MerkleRoot = blockchain.CalcMerkleRoot(btcutil.NewBlock(msg).Transactions(), false)
	msg.Header.Bits = chaincfg.RegressionNetParams.PowLimitBits
	for ; ; msg.Header.Nonce++ {
		if hash := msg.BlockHash(); blockchain.HashToBig(&hash).Cmp(chaincfg.RegressionNetParams.PowLimit) <= 0 {
			return
		}
	}
}
