package chain_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/mined"
)

// TestCheckBlock changes a block in every way that leaves its header, and so its hash, as they are.
func TestCheckBlock(t *testing.T) {
	limit := chaincfg.RegressionNetParams.PowLimit
	for txs := range 7 {
		b := mined.Block(t, chainhash.Hash{1}, 7, txs)
		if _, err := chain.CheckBlock(mined.Raw(t, b), b.BlockHash(), limit); err != nil {
			t.Errorf("%d transactions: %v", txs, err)
		}
	}
	good := mined.Block(t, chainhash.Hash{1}, 7, 5) // six leaves, so that the last two may be doubled (CVE-2012-2459)
	hash := good.BlockHash()
	for name, c := range map[string]struct {
		change func(b *wire.MsgBlock)
		says   string
	}{
		"output":            {func(b *wire.MsgBlock) { b.Transactions[3].TxOut[0].Value++ }, "merkle root"},
		"order":             {func(b *wire.MsgBlock) { b.Transactions[2], b.Transactions[3] = b.Transactions[3], b.Transactions[2] }, "merkle root"},
		"one less":          {func(b *wire.MsgBlock) { b.Transactions = b.Transactions[:5] }, "merkle root"},
		"none":              {func(b *wire.MsgBlock) { b.Transactions = nil }, "without transactions"},
		"no coinbase":       {func(b *wire.MsgBlock) { b.Transactions = b.Transactions[1:] }, "coinbase"},
		"two coinbases":     {func(b *wire.MsgBlock) { b.Transactions[1] = b.Transactions[0] }, "coinbase"},
		"doubled":           {func(b *wire.MsgBlock) { b.Transactions = append(b.Transactions, b.Transactions[4:6]...) }, "stands twice"},
		"witness":           {func(b *wire.MsgBlock) { b.Transactions[1].TxIn[0].Witness = wire.TxWitness{{9}} }, "witness"},
		"witness elsewhere": {func(b *wire.MsgBlock) { b.Transactions[2].TxIn[0].Witness = wire.TxWitness{{9}} }, "witness"},
		"header":            {func(b *wire.MsgBlock) { b.Header.Timestamp = b.Header.Timestamp.Add(time.Second) }, "another block"},
	} {
		bad := mined.Block(t, chainhash.Hash{1}, 7, 0)
		if err := bad.Deserialize(bytes.NewReader(mined.Raw(t, good))); err != nil {
			t.Fatal(err)
		}
		c.change(bad)
		if _, err := chain.CheckBlock(mined.Raw(t, bad), hash, limit); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, raw := range map[string][]byte{"more bytes": append(mined.Raw(t, good), 0), "fewer bytes": mined.Raw(t, good)[:200], "a header": mined.Raw(t, good)[:80]} {
		if _, err := chain.CheckBlock(raw, hash, limit); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := chain.CheckBlock(mined.Raw(t, good), hash, chaincfg.MainNetParams.PowLimit); err == nil {
		t.Error("regtest's work is enough for mainnet")
	}
	inner := innerNodes(good)
	if _, err := chain.CheckBlock(mined.Raw(t, inner), hash, limit); err == nil {
		t.Error("inner nodes of the tree are taken for transactions")
	}
}

// innerNodes is a block whose transactions are what two leaves of another one's tree hash to a
// node: 64 bytes each. Nearly none of them is a transaction; where one happens to be, it is no
// coinbase.
func innerNodes(b *wire.MsgBlock) *wire.MsgBlock {
	out := wire.NewMsgBlock(&b.Header)
	for i := 0; i+1 < len(b.Transactions); i += 2 {
		left, right := b.Transactions[i].TxHash(), b.Transactions[i+1].TxHash()
		var tx wire.MsgTx
		if tx.DeserializeNoWitness(bytes.NewReader(append(left[:], right[:]...))) == nil {
			out.Transactions = append(out.Transactions, &tx)
		}
	}
	return out
}

// FuzzCheckBlock: a block that is taken has the hash that was asked for, and reads the same again.
func FuzzCheckBlock(f *testing.F) {
	genesis := chaincfg.RegressionNetParams.GenesisBlock
	var raw bytes.Buffer
	_ = genesis.Serialize(&raw)
	f.Add(raw.Bytes())
	f.Add(raw.Bytes()[:81])
	f.Fuzz(func(t *testing.T, raw []byte) {
		block, err := chain.CheckBlock(raw, genesis.BlockHash(), chaincfg.RegressionNetParams.PowLimit)
		if err == nil && (block.BlockHash() != genesis.BlockHash() || block.Transactions[0].TxHash() != genesis.Transactions[0].TxHash()) {
			t.Error("another block was taken for the first one")
		}
	})
}
