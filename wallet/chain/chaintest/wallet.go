package chaintest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
	btcwallet "github.com/btcsuite/btcwallet/chain"
	"github.com/btcsuite/btcwallet/waddrmgr"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/wallet/chain"
)

// WalletClient is chain.Node's: a client for the coin tracker that answers and notifies as btcd's
// does.
func (b *Bitcoin) WalletClient(ctx context.Context) (btcwallet.Interface, error) {
	unlock, err := b.ask(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return &walletClient{
		b:       b,
		scripts: make(map[string]bool),
		ops:     make(map[wire.OutPoint]bool),
		more:    make(chan struct{}, 1),
		out:     make(chan any),
		quit:    make(chan struct{}),
	}, nil
}

type walletClient struct {
	b *Bitcoin

	// Guarded by b.mu.
	scripts map[string]bool        // of watched addresses
	ops     map[wire.OutPoint]bool // watched coins
	blocks  bool                   // blocks are wanted

	mu      sync.Mutex
	waiting []any
	more    chan struct{}
	out     chan any
	quit    chan struct{}
	start   sync.Once
	stop    sync.Once
	done    sync.WaitGroup
}

// Start begins to deliver notifications.
func (c *walletClient) Start(ctx context.Context) error {
	unlock, err := c.b.ask(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	c.start.Do(func() {
		c.b.clients = append(c.b.clients, c)
		c.notify(btcwallet.ClientConnected{})
		c.done.Add(1)
		go c.deliver()
	})
	return nil
}

// Stop ends the notifications.
func (c *walletClient) Stop() {
	c.stop.Do(func() { close(c.quit) })
}

// WaitForShutdown waits until Stop has had its effect.
func (c *walletClient) WaitForShutdown() { c.done.Wait() }

// Notifications returns the channel of notifications; it is closed after Stop.
func (c *walletClient) Notifications() <-chan any { return c.out }

func (c *walletClient) notify(n any) {
	c.mu.Lock()
	c.waiting = append(c.waiting, n)
	c.mu.Unlock()
	select {
	case c.more <- struct{}{}:
	default:
	}
}

func (c *walletClient) deliver() {
	defer c.done.Done()
	defer close(c.out)
	for {
		c.mu.Lock()
		batch := c.waiting
		c.waiting = nil
		c.mu.Unlock()
		for _, n := range batch {
			select {
			case c.out <- n:
			case <-c.quit:
				return
			}
		}
		select {
		case <-c.more:
		case <-c.quit:
			return
		}
	}
}

// audience is the clients that the chain tells what happens. Its lock is held in these.
type audience struct{ clients []*walletClient }

func (b *audience) tellConnected(block *wire.MsgBlock, height int32) {
	meta := metaOf(block, height)
	for _, c := range b.clients {
		for _, tx := range block.Transactions {
			c.tellTx(tx, &meta)
		}
		if c.blocks {
			c.notify(btcwallet.BlockConnected(meta))
		}
	}
}

func (b *audience) tellDisconnected(block *wire.MsgBlock, height int32) {
	for _, c := range b.clients {
		if c.blocks {
			c.notify(btcwallet.BlockDisconnected(metaOf(block, height)))
		}
	}
}

func (b *audience) tellAccepted(tx *wire.MsgTx) {
	for _, c := range b.clients {
		c.tellTx(tx, nil)
	}
}

func (c *walletClient) tellTx(tx *wire.MsgTx, meta *wtxmgr.BlockMeta) {
	relevant := false
	for _, in := range tx.TxIn {
		relevant = relevant || c.ops[in.PreviousOutPoint]
	}
	id := tx.TxHash()
	for i, out := range tx.TxOut {
		if c.scripts[string(out.PkScript)] {
			relevant = true
			c.ops[wire.OutPoint{Hash: id, Index: uint32(i)}] = true
		}
	}
	if !relevant {
		return
	}
	record, err := wtxmgr.NewTxRecordFromMsgTx(tx.Copy(), time.Now())
	if err != nil {
		panic("bug: " + err.Error())
	}
	c.notify(btcwallet.RelevantTx{TxRecord: record, Block: meta})
}

func metaOf(block *wire.MsgBlock, height int32) wtxmgr.BlockMeta {
	return wtxmgr.BlockMeta{
		Block: wtxmgr.Block{Hash: block.BlockHash(), Height: height},
		Time:  block.Header.Timestamp,
	}
}

// NotifyBlocks asks for notifications of blocks.
func (c *walletClient) NotifyBlocks() error {
	unlock, err := c.b.ask(context.Background())
	if err != nil {
		return err
	}
	defer unlock()
	c.blocks = true
	return nil
}

// NotifyReceived asks for notifications of payments to addresses, and of what spends those
// payments.
func (c *walletClient) NotifyReceived(addrs []address.Address) error {
	unlock, err := c.b.ask(context.Background())
	if err != nil {
		return err
	}
	defer unlock()
	return c.watch(addrs)
}

func (c *walletClient) watch(addrs []address.Address) error {
	for _, a := range addrs {
		script, err := txscript.PayToAddrScript(a)
		if err != nil {
			return err
		}
		c.scripts[string(script)] = true
	}
	return nil
}

// Rescan notifies of what concerns addresses and coins in the blocks after start.
func (c *walletClient) Rescan(start *chainhash.Hash, addrs []address.Address, ops map[wire.OutPoint]address.Address) error {
	unlock, err := c.b.ask(context.Background())
	if err != nil {
		return err
	}
	defer unlock()
	if err := c.watch(addrs); err != nil {
		return err
	}
	for op := range ops {
		c.ops[op] = true
	}
	from := -1
	for h, hash := range c.b.best {
		if hash == *start {
			from = h
		}
	}
	if from < 0 {
		return fmt.Errorf("rescan from %s: %w", start, chain.ErrBlockNotFound)
	}
	for h := from; h < len(c.b.best); h++ {
		block := c.b.blocks[c.b.best[h]]
		meta := metaOf(block, int32(h))
		for _, tx := range block.Transactions {
			c.tellTx(tx, &meta)
		}
	}
	tip := c.b.tip()
	c.notify(&btcwallet.RescanFinished{Hash: &tip, Height: c.b.height(), Time: c.b.blocks[tip].Header.Timestamp})
	return nil
}

// FilterBlocks returns what the first block that concerns a request has for it.
func (c *walletClient) FilterBlocks(req *btcwallet.FilterBlocksRequest) (*btcwallet.FilterBlocksResponse, error) {
	unlock, err := c.b.ask(context.Background())
	if err != nil {
		return nil, err
	}
	defer unlock()
	filter := btcwallet.NewBlockFilterer(c.b.params, req)
	for i, meta := range req.Blocks {
		block, ok := c.b.blocks[meta.Hash]
		if !ok {
			return nil, fmt.Errorf("filter block %s: %w", meta.Hash, chain.ErrBlockNotFound)
		}
		if !filter.FilterBlock(block) {
			continue
		}
		return &btcwallet.FilterBlocksResponse{
			BatchIndex:         uint32(i),
			BlockMeta:          meta,
			FoundExternalAddrs: filter.FoundExternal,
			FoundInternalAddrs: filter.FoundInternal,
			FoundOutPoints:     filter.FoundOutPoints,
			RelevantTxns:       filter.RelevantTxns,
		}, nil
	}
	return nil, nil
}

// GetBestBlock returns the tip.
func (c *walletClient) GetBestBlock() (*chainhash.Hash, int32, error) {
	height, hash, err := c.b.Tip(context.Background())
	return &hash, height, err
}

// GetBlock returns a block.
func (c *walletClient) GetBlock(hash *chainhash.Hash) (*wire.MsgBlock, error) {
	unlock, err := c.b.ask(context.Background())
	if err != nil {
		return nil, err
	}
	defer unlock()
	block, ok := c.b.blocks[*hash]
	if !ok {
		return nil, fmt.Errorf("block %s: %w", hash, chain.ErrBlockNotFound)
	}
	return block.Copy(), nil
}

// GetBlockHash returns the best chain's block at a height.
func (c *walletClient) GetBlockHash(height int64) (*chainhash.Hash, error) {
	hash, err := c.b.HashAt(context.Background(), int32(height))
	return &hash, err
}

// GetBlockHeader returns a block's header.
func (c *walletClient) GetBlockHeader(hash *chainhash.Hash) (*wire.BlockHeader, error) {
	return c.b.Header(context.Background(), *hash)
}

// IsCurrent reports whether the tip is recent.
func (c *walletClient) IsCurrent() bool {
	_, hash, err := c.b.Tip(context.Background())
	if err != nil {
		return false
	}
	header, err := c.b.Header(context.Background(), hash)
	return err == nil && time.Since(header.Timestamp) < 2*time.Hour
}

// BlockStamp returns the tip.
func (c *walletClient) BlockStamp() (*waddrmgr.BlockStamp, error) {
	height, hash, err := c.b.Tip(context.Background())
	return &waddrmgr.BlockStamp{Height: height, Hash: hash}, err
}

// BackEnd names the kind of node.
func (c *walletClient) BackEnd() string { return "btcd" }

// SendRawTransaction broadcasts, with the errors of btcwallet's clients.
func (c *walletClient) SendRawTransaction(tx *wire.MsgTx, _ bool) (*chainhash.Hash, error) {
	outcome, err := c.b.Broadcast(context.Background(), tx)
	switch {
	case err != nil:
		return nil, c.MapRPCErr(err)
	case outcome == chain.AlreadyKnown:
		return nil, btcwallet.ErrTxAlreadyInMempool
	case outcome == chain.AlreadyConfirmed:
		return nil, btcwallet.ErrTxAlreadyConfirmed
	}
	id := tx.TxHash()
	return &id, nil
}

// MapRPCErr gives a refusal the error of btcwallet's clients.
func (c *walletClient) MapRPCErr(err error) error {
	var no *chain.Refused
	if !errors.As(err, &no) {
		return fmt.Errorf("%w: %w", btcwallet.ErrUndefined, err)
	}
	switch no.Code {
	case chain.InsufficientFee:
		return btcwallet.ErrInsufficientFee
	case chain.MissingInputs:
		return btcwallet.ErrMissingInputs
	case chain.Conflict:
		return btcwallet.ErrMempoolConflict
	case chain.Dust:
		return btcwallet.ErrDust
	case chain.NonFinal:
		return btcwallet.ErrNonFinal
	case chain.NonStandard:
		return btcwallet.ErrNonStandardScript
	}
	return fmt.Errorf("%w: %w", btcwallet.ErrUndefined, err)
}

// TestMempoolAccept checks transactions without sending them.
func (c *walletClient) TestMempoolAccept(txs []*wire.MsgTx, _ float64) ([]*btcjson.TestMempoolAcceptResult, error) {
	var out []*btcjson.TestMempoolAcceptResult
	for _, tx := range txs {
		r := &btcjson.TestMempoolAcceptResult{Txid: tx.TxHash().String(), Wtxid: tx.WitnessHash().String(), Allowed: true}
		var no *chain.Refused
		if err := c.b.CheckAccept(context.Background(), tx); errors.As(err, &no) {
			r.Allowed, r.RejectReason = false, no.Reason
		} else if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// SubmitPackage is not offered, as with btcd.
func (c *walletClient) SubmitPackage([]*wire.MsgTx, *float64) (*btcjson.SubmitPackageResult, error) {
	return nil, btcwallet.ErrUnimplemented
}
