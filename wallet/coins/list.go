package coins

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/tracker"
)

// Coin is an unspent output of ours.
type Coin struct {
	wtxmgr.Credit
	Key           scripts.Key
	Confirmations int32        // 0: in the memory pool
	Immature      bool         // mined by us and not yet spendable
	Own           bool         // unconfirmed, and all inputs of its transaction are ours
	Reserved      bool         // kept for an unfinished job or a prepared payment
	Hold          *labels.Hold // the prepared payment that waits for it; nil: none does
	Frozen        string       // why payments do not touch it; empty: they may
	Label         string       // of the output, else of its transaction
}

// Spendable reports whether a payment may use the coin.
func (c *Coin) Spendable() bool {
	return c.Key.Role == scripts.Payment && c.Frozen == "" && !c.Reserved && !c.Immature
}

// List lists all coins, also those that payments do not touch, by confirmations (most first), then
// outpoint. It needs no connection.
func (c *Coins) List(ctx context.Context) ([]Coin, error) {
	list, _, err := c.list(ctx)
	return list, err
}

func (c *Coins) list(ctx context.Context) ([]Coin, Tip, error) {
	var (
		list []Coin
		tip  Tip
	)
	if err := ctx.Err(); err != nil {
		return nil, tip, err
	}
	sent, err := labels.Live(c.Book)
	if err != nil {
		return nil, tip, err
	}
	spent := make(map[wire.OutPoint]bool)
	err = c.tracker.Read(func(s tracker.Store) error {
		tip = tipOf(s)
		if err := addUnknownSpends(s, sent, spent); err != nil {
			return err
		}
		credits, err := s.UnspentOutputs(s.NS)
		if err != nil {
			return fmt.Errorf("%w: list coins: %w", labels.ErrMalformed, err)
		}
		list = list[:0]
		for _, cr := range credits {
			coin := Coin{Credit: cr}
			if cr.Height >= 0 {
				coin.Confirmations = max(1, s.Tip.Height-cr.Height+1)
			} else {
				d, err := s.TxDetails(s.NS, &cr.Hash)
				if err != nil {
					return fmt.Errorf("%w: list coins: %w", labels.ErrMalformed, err)
				}
				coin.Own = d != nil && len(d.Debits) == len(d.MsgTx.TxIn)
			}
			coin.Immature = cr.FromCoinBase && coin.Confirmations < int32(c.Book.Net.CoinbaseMaturity)
			list = append(list, coin)
		}
		return nil
	})
	if err != nil {
		return nil, tip, err
	}
	if list, err = c.describe(list, spent); err != nil {
		return nil, tip, err
	}
	sort.Slice(list, func(i, j int) bool {
		a, b := &list[i], &list[j]
		if a.Confirmations != b.Confirmations {
			return a.Confirmations > b.Confirmations
		}
		return a.OutPoint.String() < b.OutPoint.String()
	})
	return list, tip, nil
}

// addUnknownSpends collects the coins that transactions of ours spend which the tracker does not
// know (it was built again, or another process had it), unless another transaction has taken a coin
// of theirs, so that they cannot be mined.
func addUnknownSpends(s tracker.Store, sent []*wire.MsgTx, spent map[wire.OutPoint]bool) error {
	for _, tx := range sent {
		hash := tx.TxHash()
		d, err := s.TxDetails(s.NS, &hash)
		if err != nil {
			return fmt.Errorf("%w: list coins: %w", labels.ErrMalformed, err)
		}
		if d != nil {
			continue
		}
		rival, err := tracker.SpentByOther(s.Store, s.NS, tx)
		if err != nil {
			return fmt.Errorf("%w: list coins: %w", labels.ErrMalformed, err)
		}
		for _, in := range tx.TxIn {
			if !rival {
				spent[in.PreviousOutPoint] = true
			}
		}
	}
	return nil
}

// describe adds what labels.db knows and leaves out the coins in spent.
func (c *Coins) describe(list []Coin, spent map[wire.OutPoint]bool) ([]Coin, error) {
	out := list[:0]
	err := c.Book.View(func(tx *dbfile.Tx) error {
		for _, coin := range list {
			if spent[coin.OutPoint] {
				continue
			}
			k, ok, err := c.Keys.Search(tx, coin.PkScript)
			if err != nil {
				return err
			}
			if !ok {
				continue // the tracker watches a script that no key of ours has
			}
			coin.Key = k
			coin.Frozen = labels.FrozenFor(tx, coin.OutPoint)
			if k.Role != scripts.Payment {
				coin.Frozen = string(k.Role) + " key"
			}
			if coin.Label = labels.Of(tx, labels.Output, coin.OutPoint.String()); coin.Label == "" {
				coin.Label = labels.Of(tx, labels.Tx, coin.Hash.String())
			}
			if coin.Hold, err = labels.HeldFor(tx, coin.OutPoint, time.Now()); err != nil {
				return err
			}
			out = append(out, coin)
		}
		return nil
	})
	for i := range out {
		out[i].Reserved = out[i].Hold != nil || c.isReserved(out[i].OutPoint)
	}
	return out, err
}

// Spendable lists the coins that payments may use: of payment keys, mature, not frozen, not
// reserved, with at least minConf confirmations. With minConf 0, unconfirmed coins are among them
// only when all inputs of their transaction are ours; what others have sent can be taken back until
// it is mined.
func (c *Coins) Spendable(ctx context.Context, minConf int32) ([]wtxmgr.Credit, error) {
	list, err := c.List(ctx)
	if err != nil {
		return nil, err
	}
	var out []wtxmgr.Credit
	for i := range list {
		coin := &list[i]
		if coin.Spendable() && coin.Confirmations >= minConf && (coin.Confirmations > 0 || coin.Own) {
			out = append(out, coin.Credit)
		}
	}
	return out, nil
}

// At lists the coins of one script, whatever its role, reserved and frozen ones included. It is for
// operations that must spend from a certain script.
func (c *Coins) At(ctx context.Context, script []byte) ([]Coin, error) {
	list, err := c.List(ctx)
	if err != nil {
		return nil, err
	}
	var out []Coin
	for _, coin := range list {
		if string(coin.PkScript) == string(script) {
			out = append(out, coin)
		}
	}
	return out, nil
}

// Balance adds up the coins. It needs no connection.
func (c *Coins) Balance(ctx context.Context) (Balance, error) {
	list, tip, err := c.list(ctx)
	if err != nil {
		return Balance{}, err
	}
	return balanceOf(list, tip), nil
}

// Tip says up to which block the coins are known.
func (c *Coins) Tip(ctx context.Context) (Tip, error) {
	var t Tip
	if err := ctx.Err(); err != nil {
		return t, err
	}
	err := c.tracker.Read(func(s tracker.Store) error {
		t = tipOf(s)
		return nil
	})
	return t, err
}
