package sandbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
)

const (
	mineBatch = 50     // blocks between two writes
	mostMined = 100000 // blocks of one call
)

// Mine mines blocks with the node's unconfirmed transactions in them, paid to the faucet, and
// stores them. It returns their hashes, also those mined before an error.
func (s *Sandbox) Mine(ctx context.Context, blocks int) ([]chainhash.Hash, error) {
	if blocks < 1 || blocks > mostMined {
		return nil, fmt.Errorf("mine %d blocks: must be between 1 and %d", blocks, mostMined)
	}
	var mined []chainhash.Hash
	err := s.change(ctx, func(log *blockLog) error {
		for len(mined) < blocks {
			if err := ctx.Err(); err != nil {
				return err
			}
			hashes, err := s.Chain().Generate(ctx, min(mineBatch, blocks-len(mined)))
			if err != nil {
				return err
			}
			mined = append(mined, hashes...)
			if err := log.sync(ctx, s.Chain()); err != nil {
				return err
			}
		}
		return keepMempool(ctx, s.dir, s.Chain())
	})
	return mined, err
}

// Reorged tells what a reorg did.
type Reorged struct {
	Disconnected []chainhash.Hash // blocks, lowest first
	Connected    []chainhash.Hash // blocks, lowest first; one more
	Returned     []chainhash.Hash // their transactions that wait for a block again
	Lost         []Lost           // those that cannot come back, such as what spent a coin mined in a disconnected block
	Dropped      []chainhash.Hash // those that were left out on request
}

// Reorg replaces the last depth blocks by depth+1 empty ones. The transactions of the replaced
// blocks wait for a block again; with drop they are forgotten, with all that spends them (the node
// is restarted for that).
func (s *Sandbox) Reorg(ctx context.Context, depth int32, drop bool) (Reorged, error) {
	var r Reorged
	err := s.change(ctx, func(log *blockLog) error {
		height := log.tipHeight()
		if depth < 1 || depth > height {
			return &BadDepth{Depth: depth, Height: height}
		}
		fork := height - depth
		gone, err := log.txsAbove(fork)
		if err != nil {
			return err
		}
		waiting, err := mempoolTxs(ctx, s.Chain())
		if err != nil {
			return err
		}
		for _, b := range log.blocks[fork:] {
			r.Disconnected = append(r.Disconnected, b.hash)
		}
		raws, hashes, err := s.emptyBlocks(log, fork, depth+1)
		if err != nil {
			return err
		}
		r.Connected = hashes
		for _, raw := range raws {
			if err := s.Chain().SubmitBlock(ctx, raw); err != nil {
				return err
			}
		}
		if err := log.sync(ctx, s.Chain()); err != nil {
			return err
		}
		if log.tipHash() != hashes[len(hashes)-1] {
			return fmt.Errorf("reorg: the node's best block is %s, not the new one", log.tipHash())
		}
		keep := waiting
		if !drop {
			keep = append(slices.Clone(gone), waiting...)
		}
		sound, err := s.sound(ctx, keep)
		if err != nil {
			return err
		}
		if drop || !sound {
			if err := writeMempool(s.dir, keep); err != nil {
				return err
			}
			if r.Lost, err = s.restart(ctx, log); err != nil {
				return err
			}
		} else if r.Lost, err = rebroadcast(ctx, s.Chain(), keep); err != nil {
			// The node has put most of them back itself, but while the chain was shorter it refused
			// what spends a coin that was not mature then.
			return err
		}
		r.sort(gone, drop)
		return keepMempool(ctx, s.dir, s.Chain())
	})
	return r, err
}

// sort files the replaced blocks' transactions under what became of them.
func (r *Reorged) sort(gone []*wire.MsgTx, drop bool) {
	lost := make(map[chainhash.Hash]bool)
	for _, l := range r.Lost {
		lost[l.Txid] = true
	}
	for _, tx := range gone {
		switch id := tx.TxHash(); {
		case drop:
			r.Dropped = append(r.Dropped, id)
		case !lost[id]:
			r.Returned = append(r.Returned, id)
		}
	}
}

// sound reports whether every coin that the transactions spend still exists. A coin that was mined
// in a replaced block does not; btcd keeps what spends it in its memory pool, where it would wait
// for ever.
func (s *Sandbox) sound(ctx context.Context, txs []*wire.MsgTx) (bool, error) {
	ours := make(map[chainhash.Hash]bool)
	for _, tx := range txs {
		ours[tx.TxHash()] = true
	}
	for _, tx := range txs {
		for _, in := range tx.TxIn {
			parent := in.PreviousOutPoint.Hash
			if ours[parent] {
				continue
			}
			status, err := s.Chain().TxStatus(ctx, parent)
			if err != nil || !status.Found {
				return false, err
			}
		}
	}
	return true, nil
}

// emptyBlocks mines blocks without transactions on top of a height.
func (s *Sandbox) emptyBlocks(log *blockLog, fork, count int32) (raws [][]byte, hashes []chainhash.Hash, err error) {
	faucet, err := s.state().faucetAddress()
	if err != nil {
		return nil, nil, err
	}
	script, err := txscript.PayToAddrScript(faucet)
	if err != nil {
		return nil, nil, err
	}
	prev, times := log.hashAt(fork), log.times(fork)
	for height := fork + 1; height <= fork+count; height++ {
		t := chain.Template{
			Prev:   prev,
			Height: height,
			Time:   chain.NextBlockTime(time.Now(), times),
			Bits:   netParams().PowLimitBits, // regtest never adjusts it
			Payout: script,
			Reward: btcutil.Amount(blockchain.CalcBlockSubsidy(height, netParams())),
		}
		block, err := t.Mine()
		if err != nil {
			return nil, nil, err
		}
		raw, err := encodeBlock(block)
		if err != nil {
			return nil, nil, err
		}
		prev = block.BlockHash()
		raws, hashes, times = append(raws, raw), append(hashes, prev), append(times, block.Header.Timestamp)
	}
	return raws, hashes, nil
}

// restart ends the node and starts it with the stored chain and the stored memory pool, at the same
// ports: the only way to make btcd forget a transaction. It returns those that could not be given
// back.
func (s *Sandbox) restart(ctx context.Context, log *blockLog) ([]Lost, error) {
	st := *s.state()
	if err := endNode(ctx, &st, true); err != nil {
		return nil, err
	}
	done := Report{}
	if err := s.bringUp(ctx, &st, log, &done, func(Progress) {}); err != nil {
		return nil, err
	}
	return done.Lost, nil
}
