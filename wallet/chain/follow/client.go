package follow

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

	"blockstack/wallet/chain"
)

// Source is what a follower reads the chain from: a bitcoind, or peers.
type Source interface {
	Tip(ctx context.Context) (int32, chainhash.Hash, error)
	HashAt(ctx context.Context, height int32) (chainhash.Hash, error)
	Header(ctx context.Context, hash chainhash.Hash) (*wire.BlockHeader, error)
	// HeightOf finds a block of the best chain.
	HeightOf(ctx context.Context, hash chainhash.Hash) (int32, error)
	Block(ctx context.Context, hash chainhash.Hash) (*wire.MsgBlock, error)
	// MayHave looks into a block's filter (BIP 158): false says that the block has nothing for
	// these scripts. Where there is no filter, it may have.
	MayHave(ctx context.Context, hash chainhash.Hash, scripts [][]byte) (bool, error)
	// Send offers a transaction to whoever is there.
	Send(ctx context.Context, tx *wire.MsgTx) error
	// Ahead is how many blocks are asked for at once.
	Ahead() int
	// KeepsStale says that Header knows blocks that left the best chain, too.
	KeepsStale() bool
}

// pooled is a source that has a memory pool.
type pooled interface {
	MempoolTxs(ctx context.Context) ([]chainhash.Hash, error)
	Tx(ctx context.Context, txid chainhash.Hash) (*wire.MsgTx, error)
}

// Client is a client of btcwallet's kind on top of a source. It asks, again and again, where the
// best chain is, and tells what changed: a reorg of any depth block by block with the right hashes,
// each block's transactions before the block itself, so that a wallet that stops in between looks
// at the block again.
//
// One goroutine does all of it and has no queue: what nobody takes is not fetched. The first error
// ends it, and Err says which that was.
type Client struct {
	src  Source
	name string
	ctx  context.Context // ends with Stop
	stop context.CancelFunc
	poll time.Duration

	out     chan any
	rescans chan rescan
	done    chan struct{} // closed when run has ended
	start   sync.Once

	mu    sync.Mutex
	err   error
	watch watchList
	last  place // the block that was told last

	told map[int32]chainhash.Hash // the blocks told before it, by height; of run alone
}

// place is a block's place in the chain.
type place struct {
	height int32
	hash   chainhash.Hash
}

// rescan asks to look at the chain from a block on.
type rescan struct{ from chainhash.Hash }

// New makes a client that was not started. poll is how often it asks for the tip once it has caught
// up.
func New(src Source, name string, poll time.Duration) *Client {
	ctx, stop := context.WithCancel(context.Background())
	return &Client{
		src: src, name: name, ctx: ctx, stop: stop, poll: poll,
		out: make(chan any), rescans: make(chan rescan), done: make(chan struct{}),
		watch: newWatchList(), told: make(map[int32]chainhash.Hash),
	}
}

// Start begins to follow the chain.
func (f *Client) Start(ctx context.Context) error {
	height, hash, err := f.src.Tip(ctx)
	if err != nil {
		return err
	}
	f.start.Do(func() {
		f.last = place{height, hash}
		go f.run()
	})
	return nil
}

// Stop ends the client.
func (f *Client) Stop() {
	f.stop()
	f.start.Do(func() { // never started: nothing else closes these
		close(f.out)
		close(f.done)
	})
}

// Context ends with Stop, or when the client ends by itself.
func (f *Client) Context() context.Context { return f.ctx }

// WaitForShutdown waits until it has ended.
func (f *Client) WaitForShutdown() { <-f.done }

// Err is why the client ended by itself; nil while it runs, and after Stop.
func (f *Client) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// Lost says that it has ended because a block left the chain in the middle of a question: the
// source is there, and a new client begins with what is in the chain now.
func (f *Client) Lost() bool { return errors.Is(f.Err(), chain.ErrBlockNotFound) }

// Notifications is what happens on the chain; it is closed at the end.
func (f *Client) Notifications() <-chan any { return f.out }

// BackEnd names the kind of source.
func (f *Client) BackEnd() string { return f.name }

// tell hands a notification over; false: the client ends.
func (f *Client) tell(n any) bool {
	select {
	case f.out <- n:
		return true
	case <-f.ctx.Done():
		return false
	}
}

// run is the client's goroutine.
func (f *Client) run() {
	defer close(f.done)
	defer close(f.out)
	defer f.stop()
	if !f.tell(btcwallet.ClientConnected{}) {
		return
	}
	pool := &poolWatch{f: f}
	tick := time.NewTicker(f.poll)
	defer tick.Stop()
	following := false
	for {
		var err error
		select {
		case <-f.ctx.Done():
			return
		case r := <-f.rescans:
			if err = f.scan(r); err == nil && !following {
				following = true
				err = pool.begin()
			}
		case <-tick.C:
			if following {
				if err = f.advance(false); err == nil {
					err = pool.look()
				}
			}
		}
		if err != nil {
			if f.ctx.Err() == nil {
				f.mu.Lock()
				f.err = err
				f.mu.Unlock()
			}
			return
		}
	}
}

// Rescan asks to be told of everything that concerns addresses and outpoints in the blocks from
// start on, and of what follows. It does not wait for that.
func (f *Client) Rescan(start *chainhash.Hash, addrs []address.Address, ops map[wire.OutPoint]address.Address) error {
	if err := f.NotifyReceived(addrs); err != nil {
		return err
	}
	f.mu.Lock()
	for op := range ops {
		f.watch.outPoints[op] = true
	}
	f.mu.Unlock()
	select {
	case f.rescans <- rescan{*start}:
		return nil
	case <-f.done:
		return f.ended()
	}
}

// NotifyReceived watches more addresses, in what is told from now on.
func (f *Client) NotifyReceived(addrs []address.Address) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range addrs {
		script, err := txscript.PayToAddrScript(a)
		if err != nil {
			return fmt.Errorf("watch %s: %w", a, err)
		}
		f.watch.addScript(script)
	}
	return nil
}

// NotifyBlocks does nothing: blocks are always told.
func (f *Client) NotifyBlocks() error { return nil }

// ended is the error of a call to a client that does not run any more.
func (f *Client) ended() error {
	if err := f.Err(); err != nil {
		return err
	}
	return fmt.Errorf("%w: the connection was closed", chain.ErrUnreachable)
}

// GetBestBlock returns the tip.
func (f *Client) GetBestBlock() (*chainhash.Hash, int32, error) {
	height, hash, err := f.src.Tip(f.ctx)
	return &hash, height, err
}

// GetBlock returns a block.
func (f *Client) GetBlock(hash *chainhash.Hash) (*wire.MsgBlock, error) {
	return f.src.Block(f.ctx, *hash)
}

// GetBlockHash returns the hash of the best chain's block at a height.
func (f *Client) GetBlockHash(height int64) (*chainhash.Hash, error) {
	hash, err := f.src.HashAt(f.ctx, int32(height))
	return &hash, err
}

// GetBlockHeader returns a block's header.
func (f *Client) GetBlockHeader(hash *chainhash.Hash) (*wire.BlockHeader, error) {
	return f.src.Header(f.ctx, *hash)
}

// IsCurrent is always true: WalletClient has seen to it that the source has caught up, and
// btcwallet would wait without end and without a word.
func (f *Client) IsCurrent() bool { return true }

// BlockStamp returns the block that was told last.
func (f *Client) BlockStamp() (*waddrmgr.BlockStamp, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &waddrmgr.BlockStamp{Height: f.last.height, Hash: f.last.hash}, nil
}

// SendRawTransaction offers a transaction to the source.
func (f *Client) SendRawTransaction(tx *wire.MsgTx, _ bool) (*chainhash.Hash, error) {
	if err := f.src.Send(f.ctx, tx); err != nil {
		return nil, f.MapRPCErr(err)
	}
	txid := tx.TxHash()
	return &txid, nil
}

// MapRPCErr gives every error the class that btcwallet has for unknown ones; our own code looks at
// the error itself.
func (f *Client) MapRPCErr(err error) error {
	return fmt.Errorf("%w: %w", btcwallet.ErrUndefined, err)
}

// FilterBlocks serves btcwallet's recovery, which is never used.
func (f *Client) FilterBlocks(*btcwallet.FilterBlocksRequest) (*btcwallet.FilterBlocksResponse, error) {
	return nil, btcwallet.ErrUnimplemented
}

// TestMempoolAccept is not offered: ask the node.
func (f *Client) TestMempoolAccept([]*wire.MsgTx, float64) ([]*btcjson.TestMempoolAcceptResult, error) {
	return nil, btcwallet.ErrUnimplemented
}

// SubmitPackage is not offered.
func (f *Client) SubmitPackage([]*wire.MsgTx, *float64) (*btcjson.SubmitPackageResult, error) {
	return nil, btcwallet.ErrUnimplemented
}
