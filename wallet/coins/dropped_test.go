package coins

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/chain"

	"blockstack/wallet/chain/chaintest"
)

// dropping is a chain that loses connections in the middle of a scan.
type dropping struct {
	*chaintest.Bitcoin
	left atomic.Int32 // connections that it loses yet
	made atomic.Int32
}

func (d *dropping) WalletClient(ctx context.Context) (chain.Interface, error) {
	c, err := d.Bitcoin.WalletClient(ctx)
	d.made.Add(1)
	return &droppedClient{Interface: c, d: d}, err
}

type droppedClient struct {
	chain.Interface
	d    *dropping
	lost atomic.Bool
}

func (c *droppedClient) Lost() bool { return c.lost.Load() }

func (c *droppedClient) Rescan(start *chainhash.Hash, addrs []address.Address, ops map[wire.OutPoint]address.Address) error {
	if c.d.left.Add(-1) < 0 {
		return c.Interface.Rescan(start, addrs, ops)
	}
	c.lost.Store(true)
	c.Stop()
	return errors.New("the client disconnected")
}

// TestSyncDropped: a node that was restarted in the middle of a sync is connected to again, and not for ever.
func TestSyncDropped(t *testing.T) {
	for _, test := range []struct {
		drops, connections int32
		ok                 bool
	}{{1, 2, true}, {maxDrops, maxDrops + 1, true}, {100, maxDrops + 1, false}} {
		c := newCoins(t, 2)
		b := &dropping{Bitcoin: chaintest.New()}
		b.Mine(3)
		b.left.Store(test.drops)
		err := c.Sync(t.Context(), b)
		if (err == nil) != test.ok || b.made.Load() != test.connections {
			t.Errorf("%d drops: %d connections, %v", test.drops, b.made.Load(), err)
		}
		if !test.ok && !errors.Is(err, ErrDisconnected) {
			t.Errorf("%d drops: %v", test.drops, err)
		}
	}
}
