package ports

import (
	"context"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
)

// node takes transactions, and wants the fees that it says.
type node struct {
	Chain
	fees RelayFees
	sent []*wire.MsgTx
}

func (n *node) Broadcast(_ context.Context, tx *wire.MsgTx) error {
	n.sent = append(n.sent, tx)
	return nil
}

func (n *node) RelayFees(context.Context) (RelayFees, error) { return n.fees, nil }

func (n *node) HangingFees(context.Context, chainhash.Hash) (btcutil.Amount, error) { return 0, nil }

// folder is where copies are kept.
type folder struct{ err error }

func (f folder) Keep(context.Context) error { return f.err }

// TestCopiedChain sends nothing that could not be copied before, one by one or together, and shows
// what the chain behind it can do.
func TestCopiedChain(t *testing.T) {
	n := &node{}
	full := errors.New("no space")
	tx := wire.NewMsgTx(2)
	c := CopiedChain{Chain: n, Copies: folder{full}}
	if err := c.Broadcast(t.Context(), tx); !errors.Is(err, full) || len(n.sent) != 0 {
		t.Errorf("%v, %d sent", err, len(n.sent))
	}
	if k, err := BroadcastAll(t.Context(), c, []*wire.MsgTx{tx, tx}); !errors.Is(err, full) || k != 0 || len(n.sent) != 0 {
		t.Errorf("%d, %v, %d sent", k, err, len(n.sent))
	}
	c.Copies = folder{}
	if k, err := BroadcastAll(t.Context(), c, []*wire.MsgTx{tx, tx}); err != nil || k != 2 || len(n.sent) != 2 {
		t.Errorf("%d, %v, %d sent", k, err, len(n.sent))
	}
	if _, ok := RelayOf(c); !ok {
		t.Error("what the node wants is hidden by the copy")
	}
	if _, ok := PoolOf(c); ok {
		t.Error("a pool that the node does not show")
	}
}

// TestFeesOf takes what nodes want by default where the node wants less, or does not say.
func TestFeesOf(t *testing.T) {
	for _, c := range []struct{ says, want, least txbuilder.FeeRate }{
		{0, txbuilder.RelayRate, txbuilder.RelayRate},
		{txbuilder.RelayRate / 2, txbuilder.RelayRate, txbuilder.RelayRate},
		{5 * txbuilder.RelayRate, 5 * txbuilder.RelayRate, 6 * txbuilder.RelayRate},
	} {
		fees, err := FeesOf(t.Context(), &node{fees: RelayFees{Floor: c.says}})
		if err != nil || fees.Floor != c.want || fees.Increment != txbuilder.RelayRate || fees.Least() != c.least {
			t.Errorf("the node says %s: %+v, at least %s, %v", c.says, fees, fees.Least(), err)
		}
	}
}
