package chainsync

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/rpcclient"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/chain"

	node "blockstack/wallet/chain"
	"blockstack/wallet/chain/chaintest"
	"blockstack/wallet/tracker"
	"blockstack/wallet/watchedtest"
)

// newSync syncs a wallet of its own.
func newSync(t *testing.T) *Sync {
	t.Helper()
	book, keys := watchedtest.New(t, 2)
	s := New(book, keys, tracker.In(filepath.Dir(book.Path), book, keys))
	keys.Connect(s)
	return s
}

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

// pooling is a client with a memory pool of one transaction, which it does not show.
type pooling struct {
	chain.Interface
	err error
}

func (p *pooling) GetRawMempool() ([]*chainhash.Hash, error) { return []*chainhash.Hash{{7}}, nil }

func (p *pooling) GetRawTransaction(*chainhash.Hash) (*btcutil.Tx, error) { return nil, p.err }

type poolBackend struct {
	*chaintest.Bitcoin
	err error
}

func (p *poolBackend) WalletClient(ctx context.Context) (chain.Interface, error) {
	c, err := p.Bitcoin.WalletClient(ctx)
	return &pooling{c, p.err}, err
}

// TestPoolUnanswered: a transaction that has left the pool is none, one that the node did not show
// is unknown.
func TestPoolUnanswered(t *testing.T) {
	for err, ok := range map[error]bool{
		node.ErrTxNotFound: true, &btcjson.RPCError{Code: btcjson.ErrRPCNoTxInfo}: true,
		node.ErrUnreachable: false, rpcclient.ErrClientDisconnect: false, rpcclient.ErrClientShutdown: false,
	} {
		c := newSync(t)
		b := &poolBackend{chaintest.New(), err}
		b.Mine(1)
		if got := c.Once(t.Context(), b); (got == nil) != ok || !ok && !errors.Is(got, ErrDisconnected) {
			t.Errorf("%v: %v", err, got)
		}
	}
}

// TestSyncDropped: a node that was restarted in the middle of a sync is connected to again, and not
// for ever.
func TestSyncDropped(t *testing.T) {
	for _, test := range []struct {
		drops, connections int32
		ok                 bool
	}{{1, 2, true}, {maxDrops, maxDrops + 1, true}, {100, maxDrops + 1, false}} {
		c := newSync(t)
		b := &dropping{Bitcoin: chaintest.New()}
		b.Mine(3)
		b.left.Store(test.drops)
		err := c.Once(t.Context(), b)
		if (err == nil) != test.ok || b.made.Load() != test.connections {
			t.Errorf("%d drops: %d connections, %v", test.drops, b.made.Load(), err)
		}
		if !test.ok && !errors.Is(err, ErrDisconnected) {
			t.Errorf("%d drops: %v", test.drops, err)
		}
	}
}
