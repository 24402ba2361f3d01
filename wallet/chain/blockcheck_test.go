package chain

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain/headers"
)

// minedBlock is a block with so many transactions beside the coinbase, of which the first has a witness.
func minedBlock(t *testing.T, prev chainhash.Hash, height int32, txs int) *wire.MsgBlock {
	t.Helper()
	tpl := Template{Prev: prev, Height: height, Time: time.Unix(1_700_000_000+int64(height)*600, 0), Bits: chaincfg.RegressionNetParams.PowLimitBits,
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
		t.Fatal(err)
	}
	return block
}

func rawBlock(t *testing.T, b *wire.MsgBlock) []byte {
	t.Helper()
	var raw bytes.Buffer
	if err := b.Serialize(&raw); err != nil {
		t.Fatal(err)
	}
	return raw.Bytes()
}

// TestCheckBlock changes a block in every way that leaves its header, and so its hash, as they are.
func TestCheckBlock(t *testing.T) {
	limit := chaincfg.RegressionNetParams.PowLimit
	for txs := range 7 {
		b := minedBlock(t, chainhash.Hash{1}, 7, txs)
		if _, err := checkBlock(rawBlock(t, b), b.BlockHash(), limit); err != nil {
			t.Errorf("%d transactions: %v", txs, err)
		}
	}
	good := minedBlock(t, chainhash.Hash{1}, 7, 5) // six leaves, so that the last two may be doubled (CVE-2012-2459)
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
		bad := minedBlock(t, chainhash.Hash{1}, 7, 0)
		if err := bad.Deserialize(bytes.NewReader(rawBlock(t, good))); err != nil {
			t.Fatal(err)
		}
		c.change(bad)
		if _, err := checkBlock(rawBlock(t, bad), hash, limit); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, raw := range map[string][]byte{"more bytes": append(rawBlock(t, good), 0), "fewer bytes": rawBlock(t, good)[:200], "a header": rawBlock(t, good)[:80]} {
		if _, err := checkBlock(raw, hash, limit); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := checkBlock(rawBlock(t, good), hash, chaincfg.MainNetParams.PowLimit); err == nil {
		t.Error("regtest's work is enough for mainnet")
	}
	inner := innerNodes(good)
	if _, err := checkBlock(rawBlock(t, inner), hash, limit); err == nil {
		t.Error("inner nodes of the tree are taken for transactions")
	}
}

// innerNodes is a block whose transactions are what two leaves of another one's tree hash to a node: 64 bytes each. Nearly none of
// them is a transaction; where one happens to be, it is no coinbase.
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
		block, err := checkBlock(raw, genesis.BlockHash(), chaincfg.RegressionNetParams.PowLimit)
		if err == nil && (block.BlockHash() != genesis.BlockHash() || block.Transactions[0].TxHash() != genesis.Transactions[0].TxHash()) {
			t.Error("another block was taken for the first one")
		}
	})
}

// TestTxStatusProved: the block that a node names for a transaction has to be in the chain, at that height, and hold it.
func TestTxStatusProved(t *testing.T) {
	net := &chaincfg.RegressionNetParams
	known := headers.Memory(net)
	blocks := []*wire.MsgBlock{net.GenesisBlock}
	for h := int32(1); h <= 3; h++ {
		b := minedBlock(t, blocks[h-1].BlockHash(), h, int(3-h)*2)
		blocks = append(blocks, b)
		if err := known.Connect(h-1, rawBlock(t, b)[:headers.Size]); err != nil {
			t.Fatal(err)
		}
	}
	stale := minedBlock(t, blocks[1].BlockHash(), 2, 2)
	tx := blocks[2].Transactions[1]
	txid := tx.TxHash()
	for name, c := range map[string]struct {
		block  *wire.MsgBlock
		height int32
		want   error
	}{
		"right":                      {blocks[2], 2, nil},
		"another height":             {blocks[2], 3, ErrBlockNotFound},
		"above the tip":              {blocks[2], 9, ErrBlockNotFound},
		"a stale block":              {stale, 2, ErrBlockNotFound},
		"a block in which it is not": {blocks[3], 3, ErrBadAnswer},
	} {
		a := answers{}.with("getrawtransaction", map[string]any{"blockhash": c.block.BlockHash().String(), "confirmations": 77})
		a["getblockheader"] = map[string]any{"height": c.height, "confirmations": 77}
		a["getblock"] = hex.EncodeToString(rawBlock(t, c.block))
		a["getblockchaininfo"] = map[string]any{"blocks": 3, "headers": 3, "bestblockhash": blocks[3].BlockHash().String()}
		n := node(t, a, Bitcoind)
		n.cfg.Headers = known
		s, err := n.TxStatus(t.Context(), txid)
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && (s.Height != 2 || s.Confirmations != 2) {
			t.Errorf("%s: %+v", name, s)
		}
	}
}
