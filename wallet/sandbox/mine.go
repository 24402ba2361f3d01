package sandbox

import (
	"context"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/wallet/chain"
)

const (
	mineBatch = 50     // blocks between two writes
	mostMined = 100000 // blocks of one call
)

// Mine mines blocks with the node's unconfirmed transactions in them, paid to
// the faucet, and stores them. It returns their hashes, also those mined before
// an error.
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
		return s.keepMempool(ctx)
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

// Reorg replaces the last depth blocks by depth+1 empty ones. The transactions
// of the replaced blocks wait for a block again; with drop they are forgotten,
// with all that spends them (the node is restarted for that).
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
		if drop {
			for _, tx := range gone {
				r.Dropped = append(r.Dropped, tx.TxHash())
			}
			if err := writeMempool(s.dir, waiting); err != nil {
				return err
			}
			return s.restart(ctx, log, &r)
		}
		// The node has put most of them back itself, but while the chain was
		// shorter it refused what spends a coin that was not mature then.
		if r.Lost, err = rebroadcast(ctx, s.Chain(), append(gone, waiting...)); err != nil {
			return err
		}
		lost := make(map[chainhash.Hash]bool)
		for _, l := range r.Lost {
			lost[l.Txid] = true
		}
		for _, tx := range gone {
			if id := tx.TxHash(); !lost[id] {
				r.Returned = append(r.Returned, id)
			}
		}
		return s.keepMempool(ctx)
	})
	return r, err
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

// restart ends the node and starts it with the stored chain and the stored
// memory pool, at the same ports.
func (s *Sandbox) restart(ctx context.Context, log *blockLog, r *Reorged) error {
	st := *s.state()
	if err := endNode(ctx, &st); err != nil {
		return err
	}
	s.report = Report{}
	if err := s.bringUp(ctx, &st, log, func(Progress) {}); err != nil {
		return err
	}
	r.Lost = s.report.Lost
	return nil
}
