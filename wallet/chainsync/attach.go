package chainsync

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

	"blockstack/wallet/labels"
	"blockstack/wallet/tracker"
)

// retryInterval is how long btcwallet waits when a step of its sync fails.
const retryInterval = 100 * time.Millisecond

// attach opens the tracker for writing, compares it with the chain and connects it. c.syncing is
// held.
func (c *Sync) attach(ctx context.Context, b Backend) (err error) {
	client, err := b.WalletClient(ctx)
	if err != nil {
		return err
	}
	if err := c.tracker.Ensure(); err != nil {
		return err
	}
	db, err := c.tracker.Open(false)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("open %s: %w", c.tracker.Path(), err)
	}
	if err != nil {
		return err
	}
	// Window 0: btcwallet's recovery would not see imported keys, and would move the sync mark
	// before it looks for a reorg.
	var w *wallet.Wallet
	err = tracker.Guarded(func() (err error) {
		w, err = wallet.OpenWithRetry(db, tracker.PublicPass, nil, c.book.Net, 0, retryInterval)
		return err
	})
	if err != nil {
		_ = db.Close()
		return fmt.Errorf("%w: %w: %s: %w", tracker.ErrRebuild, labels.ErrMalformed, c.tracker.Path(), err)
	}
	err = walletdb.Update(db, func(tx walletdb.ReadWriteTx) error {
		ns := tx.ReadWriteBucket(tracker.AddrBucket)
		if err := c.tracker.WatchAll(ns, w.Manager); err != nil {
			return err
		}
		return c.tracker.CheckWatched(ns, w.Manager)
	})
	if err == nil {
		err = start(ctx, client)
	}
	if errors.Is(err, tracker.ErrRebuild) {
		_ = db.Close()
		return err
	}
	if err != nil {
		_ = db.Close()
		return fmt.Errorf("connect the wallet to the chain: %w", err)
	}
	l := newLink(client, w, db)
	if l.also, err = sharedAddresses(ctx, c.keys, c.book.Net); err == nil && len(l.also) > 0 {
		l.shared = c.keys.OwnOutputs
	}
	if err == nil {
		l.watched, err = c.keys.Total()
	}
	if err != nil {
		client.Stop()
		_ = db.Close()
		return err
	}
	err = watching(ctx, b, client.Stop, func(context.Context) error { return align(l) })
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
	c.tracker.Use(&tracker.Opened{DB: db, Txs: w.TxStore, Keys: w.Manager})
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
func (c *Sync) detach() error {
	c.mu.Lock()
	l := c.link
	c.link = nil
	c.mu.Unlock()
	c.tracker.Use(nil)
	if l == nil {
		return nil
	}
	l.w.Stop()
	l.Stop() // when btcwallet had given up its client already
	l.WaitForShutdown()
	l.w.WaitForShutdown()
	return l.db.Close()
}

// watchNew makes an open connection watch keys that were added since. c.syncing is held.
func (c *Sync) watchNew() error {
	l := c.attached()
	if l == nil {
		return nil // attach does it
	}
	total, err := c.keys.Total()
	if err != nil || total == l.watched {
		return err
	}
	known := make(map[string]bool)
	var added []address.Address
	err = walletdb.Update(l.db, func(tx walletdb.ReadWriteTx) error {
		ns := tx.ReadWriteBucket(tracker.AddrBucket)
		collect := func(f func(address.Address)) error {
			return l.w.Manager.ForEachRelevantActiveAddress(ns, func(a address.Address) error { f(a); return nil })
		}
		if err := collect(func(a address.Address) { known[a.EncodeAddress()] = true }); err != nil {
			return err
		}
		if err := c.tracker.WatchAll(ns, l.w.Manager); err != nil {
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
