package sandbox

import (
	"bytes"
	"context"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Mined is a transaction in a block of the node's best chain, as the node has it.
type Mined struct {
	Tx     *wire.MsgTx
	Height int32
	// Fee is what it leaves to miners, by the outputs that the node says it spends.
	Fee btcutil.Amount
}

// FindMined fetches a transaction from the node, out of its block.
func FindMined(ctx context.Context, s *Sandbox, txid string) (*Mined, error) {
	hash, err := chainhash.NewHashFromStr(txid)
	if err != nil {
		return nil, fmt.Errorf("txid %q: %w", txid, err)
	}
	st, err := s.Chain().TxStatus(ctx, *hash)
	if err != nil {
		return nil, err
	}
	if !st.Confirmed() {
		return nil, fmt.Errorf("the node has %s in no block", txid)
	}
	raw, err := s.Chain().RawBlock(ctx, st.BlockHash)
	if err != nil {
		return nil, err
	}
	var block wire.MsgBlock
	if err := block.Deserialize(bytes.NewReader(raw)); err != nil {
		return nil, err
	}
	for _, tx := range block.Transactions {
		if tx.TxHash() == *hash {
			fee, err := feeOf(ctx, s, tx)
			return &Mined{Tx: tx, Height: st.Height, Fee: fee}, err
		}
	}
	return nil, fmt.Errorf("block %s at height %d does not have %s", st.BlockHash, st.Height, txid)
}

// feeOf is what a transaction leaves to miners.
func feeOf(ctx context.Context, s *Sandbox, tx *wire.MsgTx) (fee btcutil.Amount, err error) {
	for _, in := range tx.TxIn {
		prev, err := s.Chain().PrevOut(ctx, in.PreviousOutPoint)
		if err != nil {
			return 0, err
		}
		fee += btcutil.Amount(prev.Value)
	}
	for _, out := range tx.TxOut {
		fee -= btcutil.Amount(out.Value)
	}
	return fee, nil
}

// Pays says whether an output has an amount.
func (m *Mined) Pays(amount btcutil.Amount) bool {
	for _, out := range m.Tx.TxOut {
		if out.Value == int64(amount) {
			return true
		}
	}
	return false
}

// Fees adds up what transactions left to miners.
func Fees(list []*Mined) (sum btcutil.Amount) {
	for _, m := range list {
		sum += m.Fee
	}
	return sum
}
