package chain

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	btcwallet "github.com/btcsuite/btcwallet/chain"
)

const (
	findAlive  = 5 * time.Second  // how often a node that says nothing is asked for its tip
	findAnswer = 10 * time.Second // for the answer to that
	findMisses = 3                // unanswered questions in a row that end a search
)

// Finder is what a search goes through: a node, or ordinary peers.
type Finder interface {
	WalletClient(ctx context.Context) (btcwallet.Interface, error)
	Tip(ctx context.Context) (int32, chainhash.Hash, error)
}

// Found is a confirmed output that nothing in the chain has spent.
type Found struct {
	OutPoint wire.OutPoint
	Tx       *wire.MsgTx // the transaction that made it
	Height   int32
	Coinbase bool
}

// Amount is what the output holds.
func (f *Found) Amount() btcutil.Amount { return btcutil.Amount(f.Script().Value) }

// Script is the output itself.
func (f *Found) Script() *wire.TxOut { return f.Tx.TxOut[f.OutPoint.Index] }

// Find looks through the chain, from a block on, for unspent outputs at addresses. progress may be
// nil; it hears the height of each block with something in it, and now and then of others.
func Find(ctx context.Context, b Finder, addrs []address.Address, scripts [][]byte, from chainhash.Hash, progress func(height int32)) ([]Found, error) {
	client, err := b.WalletClient(ctx)
	if err != nil {
		return nil, err
	}
	if err := client.Start(ctx); err != nil {
		return nil, fmt.Errorf("search: %w", Unreachable(ctx, err))
	}
	defer func() {
		client.Stop()
		client.WaitForShutdown()
	}()
	stop := context.AfterFunc(ctx, client.Stop)
	defer stop()
	asked := make(chan error, 1)
	s := search{wanted: make(map[string]bool), txs: make(map[chainhash.Hash]Found), progress: progress}
	for _, script := range scripts {
		s.wanted[string(script)] = true
	}
	begun, misses := false, 0
	for {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("search: %w", ctx.Err())
		case err := <-asked:
			if err != nil {
				return nil, fmt.Errorf("search: %w", Unreachable(ctx, err))
			}
		case n, open := <-client.Notifications():
			if !open {
				return nil, fmt.Errorf("search: %w", ErrUnreachable)
			}
			if _, up := n.(btcwallet.ClientConnected); up && !begun { // not before: btcwallet's client would wait for itself
				begun = true
				go func() { asked <- client.Rescan(&from, addrs, nil) }()
			}
			if misses = 0; s.hear(n) {
				return s.unspent(), nil
			}
		case <-time.After(findAlive):
			if err := alive(ctx, b); err == nil {
				misses = 0
			} else if misses++; misses == findMisses {
				return nil, fmt.Errorf("search: %w", err)
			}
		}
	}
}

// alive asks for the tip, and does not wait long for it.
func alive(ctx context.Context, b Finder) error {
	ctx, cancel := context.WithTimeout(ctx, findAnswer)
	defer cancel()
	_, _, err := b.Tip(ctx)
	return err
}

// search collects what a scan tells.
type search struct {
	wanted   map[string]bool
	txs      map[chainhash.Hash]Found
	progress func(int32)
}

// hear takes a notification; true: the scan is over.
func (s *search) hear(n any) bool {
	tell := func(height int32) {
		if s.progress != nil {
			s.progress(height)
		}
	}
	switch n := n.(type) {
	case btcwallet.RelevantTx:
		if n.Block != nil {
			s.keep(&n.TxRecord.MsgTx, n.Block.Height)
			tell(n.Block.Height)
		}
	case btcwallet.FilteredBlockConnected:
		for _, rec := range n.RelevantTxs {
			s.keep(&rec.MsgTx, n.Block.Height)
		}
		tell(n.Block.Height)
	case *btcwallet.RescanProgress:
		tell(n.Height)
	case *btcwallet.RescanFinished:
		tell(n.Height)
		return true
	}
	return false
}

// keep remembers a transaction.
func (s *search) keep(tx *wire.MsgTx, height int32) {
	coinbase := len(tx.TxIn) == 1 && tx.TxIn[0].PreviousOutPoint.Hash == chainhash.Hash{} && tx.TxIn[0].PreviousOutPoint.Index == wire.MaxPrevOutIndex
	s.txs[tx.TxHash()] = Found{Tx: tx, Height: height, Coinbase: coinbase}
}

// unspent are the outputs at our scripts that no transaction spends, oldest first.
func (s *search) unspent() []Found {
	spent := make(map[wire.OutPoint]bool)
	for _, f := range s.txs {
		for _, in := range f.Tx.TxIn {
			spent[in.PreviousOutPoint] = true
		}
	}
	var list []Found
	for hash, f := range s.txs {
		for i, out := range f.Tx.TxOut {
			op := wire.OutPoint{Hash: hash, Index: uint32(i)}
			if s.wanted[string(out.PkScript)] && !spent[op] {
				f.OutPoint = op
				list = append(list, f)
			}
		}
	}
	slices.SortFunc(list, func(a, b Found) int {
		return cmp.Or(cmp.Compare(a.Height, b.Height), strings.Compare(a.OutPoint.String(), b.OutPoint.String()))
	})
	return list
}
