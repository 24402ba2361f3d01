package chainsync

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/chain"
	"github.com/btcsuite/btcwallet/waddrmgr"
	"github.com/btcsuite/btcwallet/wallet"
	"github.com/btcsuite/btcwallet/walletdb"

	"blockstack/wallet/scripts"
	"blockstack/wallet/tracker"
)

// endsWithin is how long a connection that failed may take to say that it has ended.
const endsWithin = time.Second

// link stands between btcwallet and its chain client. It passes notifications on, after repairing
// the stores where btcwallet would get them wrong.
type link struct {
	chain.Interface
	w  *wallet.Wallet
	db *tracker.DB

	out     chan any           // what btcwallet reads
	flushes chan chan struct{} // requests of flush
	quit    chan struct{}      // closed by Stop
	done    chan struct{}      // closed when pump has ended
	once    sync.Once
	also    []address.Address // of shared scripts, which btcwallet does not know
	// shared finds the outputs of a transaction that are ours; nil: there are no shared scripts.
	shared  func(tx *wire.MsgTx) (map[uint32]scripts.Key, error)
	watched uint64 // keys that btcwallet was told of; Coins.syncing guards it

	mu     sync.Mutex
	err    error // the last error that btcwallet would only log
	failed int   // failures of its sync, which it tries again for ever

	refusals atomic.Int32 // of the tracker's stores
	moves    atomic.Int64 // notifications and questions, so that a sync that stands still is seen
	asking   atomic.Int32 // questions to the node that are open
}

// barrier is a notification that btcwallet ignores. Its channel has no buffer and one reader, so
// when a barrier was received, everything before it has been dealt with.
type barrier struct{}

func newLink(inner chain.Interface, w *wallet.Wallet, db *tracker.DB) *link {
	l := &link{
		Interface: inner, w: w, db: db,
		out: make(chan any), flushes: make(chan chan struct{}), quit: make(chan struct{}), done: make(chan struct{}),
	}
	db.Refused = func(err error) {
		l.tried(err)
		l.refusals.Add(1)
	}
	return l
}

// Notifications is what btcwallet reads.
func (l *link) Notifications() <-chan any { return l.out }

// Stop ends the link and its client. It is called by btcwallet and by detach.
func (l *link) Stop() {
	l.once.Do(func() {
		close(l.quit)
		l.Interface.Stop()
	})
}

// WaitForShutdown waits until client and link have ended.
func (l *link) WaitForShutdown() {
	l.Interface.WaitForShutdown()
	<-l.done
}

// alive reports whether notifications still flow.
func (l *link) alive() bool {
	select {
	case <-l.done:
		return false
	default:
		return true
	}
}

func (l *link) note(err error) {
	if err != nil {
		l.mu.Lock()
		l.err = err
		l.mu.Unlock()
	}
}

// tried notes the failure of a step of btcwallet's sync.
func (l *link) tried(err error) {
	if err != nil {
		l.mu.Lock()
		l.err, l.failed = err, l.failed+1
		l.mu.Unlock()
	}
}

// failures is how many steps have failed on this connection.
func (l *link) failures() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}

func (l *link) lastError() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// pump passes notifications on until the client or the link ends.
func (l *link) pump() {
	defer close(l.done)
	defer close(l.out)
	in := l.Interface.Notifications()
	for {
		select {
		case <-l.quit:
			return
		case done := <-l.flushes:
			if !l.send(barrier{}) {
				return
			}
			close(done)
		case n, ok := <-in:
			if !ok {
				l.ended()
				return
			}
			if !l.pass(n) {
				return
			}
		}
	}
}

// settled gives a connection that failed the time to notice that it has ended.
func (l *link) settled(ctx context.Context) {
	select {
	case <-l.done:
	case <-ctx.Done():
	case <-time.After(endsWithin): // it is there
	}
}

// ended notes why the client has ended by itself, when it can say so.
func (l *link) ended() { l.note(l.reason()) }

// reason is why the client has ended by itself; nil: it has not, or cannot say.
func (l *link) reason() error {
	if f, ok := l.Interface.(interface{ Err() error }); ok {
		return f.Err()
	}
	return nil
}

func (l *link) send(n any) bool {
	select {
	case l.out <- n:
		return true
	case <-l.quit:
		return false
	}
}

// must notes a failure of what btcwallet does not do itself. Nothing is written after it, or the
// block would count as known.
func (l *link) must(err error) {
	if err == nil {
		return
	}
	l.note(err)
	if !tracker.IsStore(err) { // else the comparison with the chain repairs it
		l.db.Fail(err)
	}
}

func (l *link) pass(n any) bool {
	l.moves.Add(1)
	switch n := n.(type) {
	case chain.BlockDisconnected:
		if !l.send(barrier{}) {
			return false
		}
		l.must(l.disconnect(n))
	case chain.FilteredBlockConnected:
		l.must(l.recordShared(n))
	case chain.RelevantTx:
		if n.Block == nil {
			if !l.send(barrier{}) {
				return false
			}
			l.must(l.dropReplaced(&n.TxRecord.MsgTx))
		}
		l.must(l.recordShared(n))
	}
	return l.send(n)
}

// flush waits until btcwallet has dealt with every notification that was passed on before.
func (l *link) flush(ctx context.Context) error {
	done := make(chan struct{})
	select {
	case l.flushes <- done:
	case <-l.done:
		return ErrDisconnected
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-done:
		return nil
	case <-l.done:
		return ErrDisconnected
	case <-ctx.Done():
		return ctx.Err()
	}
}

// disconnect takes a block out of the stores before btcwallet hears of it. btcwallet does that
// right for one block only: the mark it leaves below has no hash, so the next block below is taken
// for one it never had. Whether the block is gone is decided by asking the chain, not by the hash
// in the notification: the bitcoind client gives a wrong one from the second block on.
func (l *link) disconnect(d chain.BlockDisconnected) error {
	if !l.w.ChainSynced() {
		return nil // the end of every sync compares with the chain
	}
	now, chainErr := l.Interface.GetBlockHash(int64(d.Height))
	return walletdb.Update(l.db, func(tx walletdb.ReadWriteTx) error {
		ns, m := tx.ReadWriteBucket(tracker.AddrBucket), l.w.Manager
		if d.Height > m.SyncedTo().Height {
			return nil
		}
		ours, err := m.BlockHash(ns, d.Height)
		if err != nil {
			return fmt.Errorf("undo block %d: %w", d.Height, err)
		}
		if *ours != d.Hash && chainErr == nil && *now == *ours {
			return nil // still in the chain
		}
		return rollback(tx, l.w, d.Height, d.Time)
	})
}

// rollback takes all blocks from height on out of both stores: their transactions are unconfirmed
// again.
func rollback(tx walletdb.ReadWriteTx, w *wallet.Wallet, height int32, at time.Time) error {
	ns := tx.ReadWriteBucket(tracker.AddrBucket)
	below, err := w.Manager.BlockHash(ns, height-1)
	if err != nil {
		return fmt.Errorf("undo block %d: %w", height, err)
	}
	stamp := &waddrmgr.BlockStamp{Height: height - 1, Hash: *below, Timestamp: at}
	if err := w.Manager.SetSyncedTo(ns, stamp); err != nil {
		return fmt.Errorf("undo block %d: %w", height, err)
	}
	if err := w.TxStore.Rollback(tx.ReadWriteBucket(tracker.TxBucket), height); err != nil {
		return fmt.Errorf("undo block %d: %w", height, err)
	}
	return nil
}

// dropReplaced removes the unconfirmed transactions that tx, which the node has just taken into its
// memory pool, replaces.
func (l *link) dropReplaced(tx *wire.MsgTx) error {
	return walletdb.Update(l.db, func(dbtx walletdb.ReadWriteTx) error {
		_, err := tracker.RemoveConflicts(l.w.TxStore, dbtx.ReadWriteBucket(tracker.TxBucket), tx)
		return err
	})
}

// SendRawTransaction does not send. btcwallet calls it after every sync for each unconfirmed
// transaction, and on any error, a lost connection included, forgets the transaction: its coins
// would be offered for spending again. Coins does the sending again itself (resend).
func (l *link) SendRawTransaction(tx *wire.MsgTx, _ bool) (*chainhash.Hash, error) {
	return nil, chain.ErrTxAlreadyInMempool
}

// Rescan notes the error that btcwallet only logs.
func (l *link) Rescan(start *chainhash.Hash, addrs []address.Address, outs map[wire.OutPoint]address.Address) error {
	defer l.ask()()
	err := l.Interface.Rescan(start, l.withShared(addrs), outs)
	l.tried(err)
	return err
}

// NotifyBlocks notes the error that btcwallet only logs.
func (l *link) NotifyBlocks() error {
	err := l.Interface.NotifyBlocks()
	l.tried(err)
	return err
}

// GetBlockHash notes the error that btcwallet only logs.
func (l *link) GetBlockHash(height int64) (*chainhash.Hash, error) {
	defer l.ask()()
	h, err := l.Interface.GetBlockHash(height)
	l.tried(err)
	return h, err
}

// ask counts a question as open until it is answered.
func (l *link) ask() (answered func()) {
	l.moves.Add(1)
	l.asking.Add(1)
	return func() {
		l.moves.Add(1)
		l.asking.Add(-1)
	}
}
