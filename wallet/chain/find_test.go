package chain_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
	btcwallet "github.com/btcsuite/btcwallet/chain"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/chaintest"
)

// quiet is a chain whose client is not to be asked for a scan before it has said that it is
// connected: btcwallet's for btcd then waits for itself, and the search for ever, when the first
// answer comes too soon.
type quiet struct{ *chaintest.Bitcoin }

func (q quiet) WalletClient(ctx context.Context) (btcwallet.Interface, error) {
	c, err := q.Bitcoin.WalletClient(ctx)
	return &quietClient{Interface: c, out: make(chan any)}, err
}

type quietClient struct {
	btcwallet.Interface
	out chan any
	up  atomic.Bool
}

func (c *quietClient) Start(ctx context.Context) error {
	err := c.Interface.Start(ctx)
	go func() {
		defer close(c.out)
		for n := range c.Interface.Notifications() {
			if _, ok := n.(btcwallet.ClientConnected); ok {
				c.up.Store(true)
			}
			c.out <- n
		}
	}()
	return err
}

func (c *quietClient) Notifications() <-chan any { return c.out }

func (c *quietClient) Rescan(start *chainhash.Hash, addrs []address.Address, ops map[wire.OutPoint]address.Address) error {
	if !c.up.Load() {
		return errors.New("the client is not connected")
	}
	return c.Interface.Rescan(start, addrs, ops)
}

// TestFind looks for what two addresses got.
func TestFind(t *testing.T) {
	b := chaintest.New()
	b.Mine(110)
	var addrs []address.Address
	var scripts [][]byte
	for i := range 2 {
		a, err := address.NewAddressPubKeyHash(append(make([]byte, 19), byte(i+1)), b.Net())
		if err != nil {
			t.Fatal(err)
		}
		script, err := txscript.PayToAddrScript(a)
		if err != nil {
			t.Fatal(err)
		}
		addrs, scripts = append(addrs, a), append(scripts, script)
		if _, err := b.Pay(script, 70_000); err != nil {
			t.Fatal(err)
		}
		b.Mine(1)
	}
	from, err := b.HashAt(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	heard := int32(0)
	found, err := chain.Find(t.Context(), quiet{b}, addrs, scripts, from, func(h int32) { heard = max(heard, h) })
	if err != nil || len(found) != 2 || heard != 112 {
		t.Fatalf("%d outputs, height %d, %v", len(found), heard, err)
	}
	for i, f := range found {
		if f.Amount() != 70_000 || f.Height != int32(111+i) || f.Coinbase || string(f.Script().PkScript) != string(scripts[i]) {
			t.Errorf("output %d: %+v", i, f)
		}
	}
	if found, err = chain.Find(t.Context(), quiet{b}, addrs[:1], scripts[:1], found[0].Tx.TxHash(), nil); err == nil {
		t.Errorf("from a block that is not there: %v", found)
	}
}
