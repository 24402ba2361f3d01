package node

import (
	"encoding/hex"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/headers"
	"blockstack/wallet/chain/mined"
)

// TestTxStatusProved: the block that a node names for a transaction has to be in the chain, at that
// height, and hold it.
func TestTxStatusProved(t *testing.T) {
	net := &chaincfg.RegressionNetParams
	known := headers.Memory(net)
	blocks := []*wire.MsgBlock{net.GenesisBlock}
	for h := int32(1); h <= 3; h++ {
		b := mined.Block(t, blocks[h-1].BlockHash(), h, int(3-h)*2)
		blocks = append(blocks, b)
		if err := known.Connect(h-1, mined.Raw(t, b)[:headers.Size]); err != nil {
			t.Fatal(err)
		}
	}
	stale := mined.Block(t, blocks[1].BlockHash(), 2, 2)
	tx := blocks[2].Transactions[1]
	txid := tx.TxHash()
	for name, c := range map[string]struct {
		block  *wire.MsgBlock
		height int32
		want   error
	}{
		"right":                      {blocks[2], 2, nil},
		"another height":             {blocks[2], 3, chain.ErrBlockNotFound},
		"above the tip":              {blocks[2], 9, chain.ErrBlockNotFound},
		"a stale block":              {stale, 2, chain.ErrBlockNotFound},
		"a block in which it is not": {blocks[3], 3, chain.ErrBadAnswer},
	} {
		a := answers{}.with("getrawtransaction", map[string]any{"blockhash": c.block.BlockHash().String(), "confirmations": 77})
		a["getblockheader"] = map[string]any{"height": c.height, "confirmations": 77}
		a["getblock"] = hex.EncodeToString(mined.Raw(t, c.block))
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
