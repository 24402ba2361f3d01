package peers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	btcwallet "github.com/btcsuite/btcwallet/chain"
	"github.com/lightninglabs/neutrino/pushtx"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/follow"
)

const (
	peerTries = 5                      // of fetching something from peers
	peerAsk   = 3 * time.Minute        // for an answer: a thousand filters through a slow proxy
	peerPoll  = 100 * time.Millisecond // between looks at the tip, which is on this machine
)

// Tip returns height and hash of the best block whose filter is known.
func (p *Peers) Tip(ctx context.Context) (int32, chainhash.Hash, error) {
	if err := ctx.Err(); err != nil {
		return 0, chainhash.Hash{}, err
	}
	if err := p.store.room(); err != nil {
		return 0, chainhash.Hash{}, fmt.Errorf("tip: %w", err)
	}
	p.store.chain.RLock()
	stamp, err := p.cs.BestBlock()
	p.store.chain.RUnlock()
	if err != nil {
		return 0, chainhash.Hash{}, fmt.Errorf("tip: %w", lost(err))
	}
	return stamp.Height, stamp.Hash, nil
}

// HashAt returns the hash of the best chain's block at a height; above the tip the error wraps
// ErrBlockNotFound.
func (p *Peers) HashAt(ctx context.Context, height int32) (chainhash.Hash, error) {
	if err := ctx.Err(); err != nil {
		return chainhash.Hash{}, err
	}
	p.store.chain.RLock()
	defer p.store.chain.RUnlock()
	hash, err := p.cs.GetBlockHash(int64(height))
	if err != nil {
		if _, last, tipErr := p.cs.BlockHeaders.ChainTip(); tipErr == nil && height > int32(last) {
			err = chain.ErrBlockNotFound
		} else {
			err = lost(err)
		}
		return chainhash.Hash{}, fmt.Errorf("block at height %d: %w", height, err)
	}
	return *hash, nil
}

// Header returns the header of a block of the best chain.
func (p *Peers) Header(ctx context.Context, hash chainhash.Hash) (*wire.BlockHeader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	h, err := p.cs.GetBlockHeader(&hash)
	if err != nil {
		return nil, fmt.Errorf("header %s: %w", hash, lost(err))
	}
	return h, nil
}

func (p *Peers) heightOf(ctx context.Context, hash chainhash.Hash) (int32, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	height, err := p.cs.GetBlockHeight(&hash)
	if err != nil {
		return 0, lost(err)
	}
	return height, nil
}

// Checked says that a block's transactions were held against its header.
func (p *Peers) Checked() bool { return true }

// RawBlock returns a block's bytes. Merkle root and witness commitment were checked.
func (p *Peers) RawBlock(ctx context.Context, hash chainhash.Hash) ([]byte, error) {
	block, err := p.block(ctx, hash)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := block.Serialize(&b); err != nil {
		return nil, fmt.Errorf("block %s: %w", hash, err)
	}
	return b.Bytes(), nil
}

func (p *Peers) block(ctx context.Context, hash chainhash.Hash) (*wire.MsgBlock, error) {
	block, err := persist(ctx, func() (*btcutil.Block, error) { return p.cs.GetBlock(hash) })
	if err != nil {
		return nil, p.failed(ctx, fmt.Sprintf("block %s", hash), hash, err)
	}
	return block.MsgBlock(), nil
}

// failed says why something could not be had: the block has left the chain, or nobody sends it.
func (p *Peers) failed(ctx context.Context, what string, hash chainhash.Hash, err error) error {
	switch _, gone := p.heightOf(ctx, hash); {
	case ctx.Err() != nil:
		return ctx.Err()
	case gone != nil:
		return fmt.Errorf("%s: %w", what, chain.ErrBlockNotFound)
	}
	return fmt.Errorf("%s: %w: no peer sends it: %w", what, chain.ErrUnreachable, err)
}

// persist asks several times, in case peers come and go. What is asked does not know a context, and
// is left alone when that ends.
func persist[T any](ctx context.Context, ask func() (T, error)) (value T, err error) {
	type answer struct {
		value T
		err   error
	}
	for try := range peerTries {
		c := make(chan answer, 1)
		go func() {
			v, err := ask()
			c <- answer{v, err}
		}()
		select {
		case <-ctx.Done():
			return value, ctx.Err()
		case a := <-c:
			if a.err == nil {
				return a.value, nil
			}
			err = a.err
		case <-time.After(peerAsk):
			return value, fmt.Errorf("no answer within %s", peerAsk)
		}
		select {
		case <-ctx.Done():
			return value, ctx.Err()
		case <-time.After(time.Duration(try+1) * 100 * time.Millisecond):
		}
	}
	return value, err
}

// WalletClient returns a client of btcwallet's kind for the coin tracker. It is not started yet;
// the caller starts and stops it.
func (p *Peers) WalletClient(ctx context.Context) (btcwallet.Interface, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return follow.New(source{p}, "neutrino", peerPoll), nil
}

// WaitBlock waits until the best block is another one than known, and returns it.
func (p *Peers) WaitBlock(ctx context.Context, known chainhash.Hash) (int32, chainhash.Hash, error) {
	for {
		height, hash, err := p.Tip(ctx)
		if err != nil || hash != known {
			return height, hash, err
		}
		select {
		case <-time.After(peerPoll):
		case <-ctx.Done():
			return 0, chainhash.Hash{}, fmt.Errorf("wait for a block after %s: %w", known, ctx.Err())
		}
	}
}

// Peers is the number of peers that are connected.
func (p *Peers) Peers(ctx context.Context) (int, error) { return len(p.cs.Peers()), ctx.Err() }

// EstimateFeeRate never knows: peers do not estimate. RecentFeeRate reads what recent blocks paid.
func (p *Peers) EstimateFeeRate(ctx context.Context, _ int32) (rate btcutil.Amount, known bool, err error) {
	return 0, false, ctx.Err()
}

// Broadcast offers a transaction to all peers. Silence is all that a peer says to one that it
// accepts, so the outcome is Offered; a *Refused error says that all that answered refuse it
// (ByPeers: they may be lying), any other error that its fate is unknown.
func (p *Peers) Broadcast(ctx context.Context, tx *wire.MsgTx) (chain.Outcome, error) {
	txid := tx.TxHash()
	if err := p.awaitPeer(ctx); err != nil {
		return 0, fmt.Errorf("broadcast %s: %w", txid, err)
	}
	done := make(chan error, 1)
	go func() { done <- p.cs.SendTransaction(tx) }()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		return 0, fmt.Errorf("broadcast %s: %w", txid, ctx.Err())
	}
	var said *pushtx.BroadcastError
	switch {
	case err == nil:
		return chain.Offered, nil
	case !errors.As(err, &said):
		return 0, fmt.Errorf("broadcast %s: %w: %w", txid, chain.ErrUnreachable, err)
	case said.Code == pushtx.Mempool:
		return chain.AlreadyKnown, nil
	case said.Code == pushtx.Confirmed:
		return chain.AlreadyConfirmed, nil
	}
	code := chain.RefusalOf(said.Reason)
	if said.Code == pushtx.InsufficientFee {
		code = chain.InsufficientFee
	}
	return 0, &chain.Refused{Txid: txid, Code: code, Reason: chain.Clip(said.Reason), ByPeers: true}
}

// awaitPeer waits until somebody is connected.
func (p *Peers) awaitPeer(ctx context.Context) error {
	for deadline := time.Now().Add(peerWait); len(p.cs.Peers()) == 0; {
		if time.Now().After(deadline) {
			return fmt.Errorf("%w: no peer is connected", chain.ErrUnreachable)
		}
		select {
		case <-time.After(peerPoll):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
