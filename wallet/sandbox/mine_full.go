package sandbox

import (
	"context"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/mempool"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
)

// MineFull mines blocks as they are when they are full and others pay a fee rate, in satoshi per
// 1000 virtual bytes: of the unconfirmed transactions only those are taken that pay as much, and
// whose parents are. It returns the hashes, also those mined before an error.
func (s *Sandbox) MineFull(ctx context.Context, blocks int, rate btcutil.Amount) ([]chainhash.Hash, error) {
	if blocks < 1 || blocks > mostMined || rate < 0 {
		return nil, fmt.Errorf("mine %d blocks at %d satoshi per kvB: out of range", blocks, int64(rate))
	}
	var mined []chainhash.Hash
	err := s.change(ctx, func(log *blockLog) error {
		for range blocks {
			hash, err := s.mineOne(ctx, log, rate)
			if err != nil {
				return err
			}
			mined = append(mined, hash)
		}
		return keepMempool(ctx, s.dir, s.Chain())
	})
	return mined, err
}

// mineOne mines one such block. Its fees go to nobody.
func (s *Sandbox) mineOne(ctx context.Context, log *blockLog, rate btcutil.Amount) (hash chainhash.Hash, err error) {
	faucet, err := s.state().faucetAddress()
	if err != nil {
		return hash, err
	}
	script, err := txscript.PayToAddrScript(faucet)
	if err != nil {
		return hash, err
	}
	txs, err := s.paying(ctx, rate)
	if err != nil {
		return hash, err
	}
	tip := log.tipHeight()
	block, err := chain.Template{
		Prev:   log.hashAt(tip),
		Height: tip + 1,
		Time:   chain.NextBlockTime(time.Now(), log.times(tip)),
		Bits:   netParams().PowLimitBits,
		Payout: script,
		Reward: btcutil.Amount(blockchain.CalcBlockSubsidy(tip+1, netParams())),
		Txs:    txs,
	}.Mine()
	if err != nil {
		return hash, err
	}
	raw, err := encodeBlock(block)
	if err != nil {
		return hash, err
	}
	if err := s.Chain().SubmitBlock(ctx, raw); err != nil {
		return hash, err
	}
	return block.BlockHash(), log.sync(ctx, s.Chain())
}

// paying are the unconfirmed transactions that pay a rate, parents first.
func (s *Sandbox) paying(ctx context.Context, rate btcutil.Amount) (txs []*wire.MsgTx, err error) {
	waiting, err := mempoolTxs(ctx, s.Chain())
	if err != nil {
		return nil, err
	}
	left := make(map[chainhash.Hash]bool)
next:
	for _, tx := range waiting {
		var fee btcutil.Amount
		for _, in := range tx.TxIn {
			if left[in.PreviousOutPoint.Hash] {
				left[tx.TxHash()] = true
				continue next
			}
			prev, err := s.Chain().PrevOut(ctx, in.PreviousOutPoint)
			if err != nil {
				return nil, err
			}
			fee += btcutil.Amount(prev.Value)
		}
		for _, out := range tx.TxOut {
			fee -= btcutil.Amount(out.Value)
		}
		if int64(fee)*1000 < int64(rate)*mempool.GetTxVirtualSize(btcutil.NewTx(tx)) {
			left[tx.TxHash()] = true
			continue
		}
		txs = append(txs, tx)
	}
	return txs, nil
}
