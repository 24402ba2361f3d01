package coins

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/rpcclient"
	"github.com/btcsuite/btcwallet/chain"
	"github.com/btcsuite/btcwallet/wallet"
	"github.com/btcsuite/btcwallet/walletdb"

	"blockstack/storage/dbfile"
)

const (
	retryInterval = 100 * time.Millisecond // of btcwallet, when a step of its sync fails
	pollInterval  = 3 * time.Millisecond
	silentAfter   = 30 * time.Second // without a question or a notification, the same
	stallAfter    = 5 * time.Second  // without progress, the connection is made anew
	maxFailures   = 20               // of btcwallet's steps, the same
)

// attach opens the tracker for writing, compares it with the chain and connects
// it. c.syncing is held.
func (c *Coins) attach(ctx context.Context, b Backend) (err error) {
	client, err := b.WalletClient(ctx)
	if err != nil {
		return err
	}
	if err := c.ensureTracker(); err != nil {
		return err
	}
	db, err := c.openTracker(false)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("open %s: %w", c.tracker, err)
	}
	if err != nil {
		return err
	}
	// Window 0: btcwallet's recovery would not see imported keys, and would move
	// the sync mark before it looks for a reorg.
	var w *wallet.Wallet
	err = guarded(func() (err error) {
		w, err = wallet.OpenWithRetry(db, publicPass, nil, c.net, 0, retryInterval)
		return err
	})
	if err != nil {
		_ = db.Close()
		return fmt.Errorf("%w: %w: %s: %w", errRebuild, ErrMalformed, c.tracker, err)
	}
	err = walletdb.Update(db, func(tx walletdb.ReadWriteTx) error {
		ns := tx.ReadWriteBucket(addrBucket)
		if err := c.watchAll(ns, w.Manager); err != nil {
			return err
		}
		return c.checkWatched(ns, w.Manager)
	})
	if err == nil {
		err = start(ctx, client)
	}
	if errors.Is(err, errRebuild) {
		_ = db.Close()
		return err
	}
	if err != nil {
		_ = db.Close()
		return fmt.Errorf("connect the wallet to the chain: %w", err)
	}
	l := newLink(client, w, db)
	if l.also, err = c.sharedAddresses(); err == nil && len(l.also) > 0 {
		l.shared = c.ownOutputs
	}
	if err == nil {
		l.watched, err = c.derivedTotal()
	}
	if err != nil {
		client.Stop()
		_ = db.Close()
		return err
	}
	err = c.watching(ctx, b, client.Stop, func(context.Context) error { return c.align(l) })
	if err != nil {
		if errors.Is(err, rpcclient.ErrClientDisconnect) || errors.Is(err, rpcclient.ErrClientShutdown) {
			err = fmt.Errorf("%w: %w", ErrDisconnected, err)
		}
		client.Stop()
		_ = db.Close()
		return err
	}
	switch cl := client.(type) { // btcwallet does this only for a bare client
	case *chain.NeutrinoClient:
		cl.SetStartTime(w.Manager.Birthday())
	case *chain.BitcoindClient:
		cl.SetBirthday(w.Manager.Birthday())
	}
	w.Start()
	go l.pump()
	w.SynchronizeRPC(l)
	c.mu.Lock()
	c.link = l
	c.mu.Unlock()
	return nil
}

// start starts a client, whose own attempts do not listen to ctx.
func start(ctx context.Context, client chain.Interface) error {
	done := make(chan error, 1)
	go func() { done <- client.Start(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		go func() {
			if <-done == nil {
				client.Stop()
			}
		}()
		return ctx.Err()
	}
}

// detach ends the connection and closes the tracker. c.syncing is held.
func (c *Coins) detach() error {
	c.mu.Lock()
	l := c.link
	c.link = nil
	c.mu.Unlock()
	if l == nil {
		return nil
	}
	l.w.Stop()
	l.Stop() // when btcwallet had given up its client already
	l.WaitForShutdown()
	l.w.WaitForShutdown()
	return l.db.Close()
}

// watchNew makes an open connection watch keys that were added since. c.syncing
// is held.
func (c *Coins) watchNew() error {
	c.mu.Lock()
	l := c.link
	c.mu.Unlock()
	if l == nil {
		return nil // attach does it
	}
	total, err := c.derivedTotal()
	if err != nil || total == l.watched {
		return err
	}
	known := make(map[string]bool)
	var added []address.Address
	err = walletdb.Update(l.db, func(tx walletdb.ReadWriteTx) error {
		ns := tx.ReadWriteBucket(addrBucket)
		collect := func(f func(address.Address)) error {
			return l.w.Manager.ForEachRelevantActiveAddress(ns, func(a address.Address) error { f(a); return nil })
		}
		if err := collect(func(a address.Address) { known[a.EncodeAddress()] = true }); err != nil {
			return err
		}
		if err := c.watchAll(ns, l.w.Manager); err != nil {
			return err
		}
		return collect(func(a address.Address) {
			if !known[a.EncodeAddress()] {
				added = append(added, a)
			}
		})
	})
	if err != nil {
		return fmt.Errorf("watch new keys: %w", err)
	}
	if len(added) > 0 {
		if err := l.NotifyReceived(added); err != nil {
			return fmt.Errorf("watch new keys: %w", err)
		}
	}
	l.watched = total
	return nil
}

// derivedTotal is how many keys are derived on all branches together.
func (c *Coins) derivedTotal() (total uint64, err error) {
	err = c.book.view(func(tx *dbfile.Tx) error {
		for _, b := range branches() {
			n, err := getCounts(tx, b)
			if err != nil {
				return err
			}
			total += uint64(n.derived)
		}
		return nil
	})
	return total, err
}

// wait returns when the tracker has caught up with the tip of the chain and has
// dealt with all that was told to it. errStalled: it does not get there.
func (c *Coins) wait(ctx context.Context, l *link) error {
	moved, at := time.Now(), l.w.SyncedTo()
	alive, moves := time.Now(), l.moves.Load()
	for {
		if err := l.db.err(); err != nil { // whatever btcwallet holds in memory is not on the disk
			return fmt.Errorf("sync: %w", err)
		}
		best, height, err := l.Interface.GetBestBlock()
		if err != nil {
			l.settled(ctx) // a client that has ended by itself can say why
			return c.waitErr(l, fmt.Errorf("%w: %w", ErrDisconnected, err))
		}
		if l.w.ChainSynced() {
			if err := l.flush(ctx); err != nil {
				return c.waitErr(l, err)
			}
			if now := l.w.SyncedTo(); now.Height == height && now.Hash == *best {
				if err := l.db.err(); err != nil {
					return fmt.Errorf("sync: %w", err)
				}
				return nil
			}
		}
		now := l.w.SyncedTo()
		if now.Height != at.Height || now.Hash != at.Hash {
			moved, at = time.Now(), now
		}
		// A scan of many blocks is no stall; one that has ended without reaching
		// the tip is, and so is one whose steps fail again and again.
		still := time.Since(moved)
		if l.w.ChainSynced() && still > stallAfter || now.Height > height && still > time.Second || l.failures() > maxFailures {
			return errStalled
		}
		if n := l.moves.Load(); n != moves || l.asking.Load() > 0 || now.Height != at.Height {
			alive, moves = time.Now(), n
		}
		if time.Since(alive) > silentAfter {
			return errStalled
		}
		select {
		case <-time.After(pollInterval):
		case <-l.done:
			return c.waitErr(l, ErrDisconnected)
		case <-ctx.Done():
			return c.waitErr(l, ctx.Err())
		}
	}
}

// errStalled asks for a new connection.
var errStalled = errors.New("the sync does not reach the tip of the chain")

// gaveUp is the end of a client by itself, for a reason that it says: a node that has deleted a block is not a node that is gone. It is
// ErrDisconnected, and its cause.
type gaveUp struct{ cause error }

func (g *gaveUp) Error() string { return "sync: " + g.cause.Error() }

func (g *gaveUp) Unwrap() []error { return []error{ErrDisconnected, g.cause} }

// waitErr adds what btcwallet would only log. What other calls to a client said after its end does not hide why it ended.
func (c *Coins) waitErr(l *link, err error) error {
	if cause := l.reason(); cause != nil && errors.Is(err, ErrDisconnected) {
		return &gaveUp{cause: cause}
	}
	if last := l.lastError(); last != nil {
		return fmt.Errorf("sync: %w (last: %w)", err, last)
	}
	return fmt.Errorf("sync: %w", err)
}
