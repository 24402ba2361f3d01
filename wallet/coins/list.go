package coins

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/storage/dbfile"
)

// Coin is an unspent output of ours.
type Coin struct {
	wtxmgr.Credit
	Key           Key
	Confirmations int32  // 0: in the memory pool
	Immature      bool   // mined by us and not yet spendable
	Own           bool   // unconfirmed, and all inputs of its transaction are ours
	Reserved      bool   // kept for an unfinished job or a prepared payment
	Hold          *Hold  // the prepared payment that waits for it; nil: none does
	Frozen        string // why payments do not touch it; empty: they may
	Label         string // of the output, else of its transaction
}

// Spendable reports whether a payment may use the coin.
func (c *Coin) Spendable() bool {
	return c.Key.Role == Payment && c.Frozen == "" && !c.Reserved && !c.Immature
}

// Tip is the block up to which the coins are known.
type Tip struct {
	Height int32
	Hash   chainhash.Hash
	Time   time.Time
	Synced bool // false: the wallet has not looked at the chain yet
}

// Tip says up to which block the coins are known.
func (c *Coins) Tip(ctx context.Context) (Tip, error) {
	var t Tip
	if err := ctx.Err(); err != nil {
		return t, err
	}
	err := c.read(func(s store) error {
		t = tipOf(s)
		return nil
	})
	return t, err
}

func tipOf(s store) Tip {
	return Tip{Height: s.tip.Height, Hash: s.tip.Hash, Time: s.tip.Timestamp, Synced: s.tip.Height > 0}
}

// read is view, tried again when the connection it went through was closed meanwhile.
func (c *Coins) read(f func(s store) error) error {
	err := c.view(f)
	if errors.Is(err, walletdb.ErrDbNotOpen) {
		err = c.view(f)
	}
	return err
}

// List lists all coins, also those that payments do not touch, by confirmations
// (most first), then outpoint. It needs no connection.
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
	sent, err := c.live()
	if err != nil {
		return nil, tip, err
	}
	spent := make(map[wire.OutPoint]bool)
	err = c.read(func(s store) error {
		tip = tipOf(s)
		if err := addUnknownSpends(s, sent, spent); err != nil {
			return err
		}
		credits, err := s.UnspentOutputs(s.ns)
		if err != nil {
			return fmt.Errorf("%w: list coins: %w", ErrMalformed, err)
		}
		list = list[:0]
		for _, cr := range credits {
			coin := Coin{Credit: cr}
			if cr.Height >= 0 {
				coin.Confirmations = max(1, s.tip.Height-cr.Height+1)
			} else {
				d, err := s.TxDetails(s.ns, &cr.Hash)
				if err != nil {
					return fmt.Errorf("%w: list coins: %w", ErrMalformed, err)
				}
				coin.Own = d != nil && len(d.Debits) == len(d.MsgTx.TxIn)
			}
			coin.Immature = cr.FromCoinBase && coin.Confirmations < int32(c.net.CoinbaseMaturity)
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

// addUnknownSpends collects the coins that transactions of ours spend which the
// tracker does not know (it was built again, or another process had it), unless
// another transaction has taken a coin of theirs, so that they cannot be mined.
func addUnknownSpends(s store, sent []*wire.MsgTx, spent map[wire.OutPoint]bool) error {
	for _, tx := range sent {
		hash := tx.TxHash()
		d, err := s.TxDetails(s.ns, &hash)
		if err != nil {
			return fmt.Errorf("%w: list coins: %w", ErrMalformed, err)
		}
		if d != nil {
			continue
		}
		rival, err := spentByOther(s.Store, s.ns, tx)
		if err != nil {
			return fmt.Errorf("%w: list coins: %w", ErrMalformed, err)
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
	err := c.book.view(func(tx *dbfile.Tx) error {
		for _, coin := range list {
			if spent[coin.OutPoint] {
				continue
			}
			k, ok, err := c.searched(tx, coin.PkScript)
			if err != nil {
				return err
			}
			if !ok {
				continue // the tracker watches a script that no key of ours has
			}
			coin.Key = k
			coin.Frozen = string(tx.Bucket(bucketFrozen).Get(outPointKey(coin.OutPoint)))
			if k.Role != Payment {
				coin.Frozen = string(k.Role) + " key"
			}
			if coin.Label = getLabel(tx, LabelOutput, coin.OutPoint.String()); coin.Label == "" {
				coin.Label = getLabel(tx, LabelTx, coin.Hash.String())
			}
			if coin.Hold, err = heldFor(tx, coin.OutPoint, time.Now()); err != nil {
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

// Spendable lists the coins that payments may use: of payment keys, mature, not
// frozen, not reserved, with at least minConf confirmations. With minConf 0,
// unconfirmed coins are among them only when all inputs of their transaction
// are ours; what others have sent can be taken back until it is mined.
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

// At lists the coins of one script, whatever its role, reserved and frozen ones
// included. It is for operations that must spend from a certain script.
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

// Balance is the sum of the coins. Every coin is in exactly one of the amounts.
type Balance struct {
	Confirmed   btcutil.Amount // payments may use it
	Unconfirmed btcutil.Amount // not mined yet
	Immature    btcutil.Amount // mined by us, not yet spendable
	Reserved    btcutil.Amount // kept for unfinished jobs
	Frozen      btcutil.Amount
	Owner       btcutil.Amount // at owner and revealer keys
	Tip         Tip
}

// Total is the sum of all amounts.
func (b Balance) Total() btcutil.Amount {
	return b.Confirmed + b.Unconfirmed + b.Immature + b.Reserved + b.Frozen + b.Owner
}

// Balance adds up the coins. It needs no connection.
func (c *Coins) Balance(ctx context.Context) (Balance, error) {
	var b Balance
	list, tip, err := c.list(ctx)
	if err != nil {
		return b, err
	}
	b.Tip = tip
	for i := range list {
		coin := &list[i]
		switch {
		case coin.Key.Role != Payment:
			b.Owner += coin.Amount
		case coin.Reserved:
			b.Reserved += coin.Amount
		case coin.Frozen != "":
			b.Frozen += coin.Amount
		case coin.Confirmations == 0:
			b.Unconfirmed += coin.Amount
		case coin.Immature:
			b.Immature += coin.Amount
		default:
			b.Confirmed += coin.Amount
		}
	}
	return b, nil
}

// PrevTx is the transaction that made an output, which a signer needs whole.
func (c *Coins) PrevTx(ctx context.Context, op wire.OutPoint) (*wire.MsgTx, error) {
	tx, err := c.Tx(ctx, op.Hash)
	if err != nil {
		return nil, err
	}
	if int64(op.Index) >= int64(len(tx.TxOut)) {
		return nil, fmt.Errorf("%s: %w: it has only %d outputs", op, ErrUnknownCoin, len(tx.TxOut))
	}
	return tx, nil
}

// Tx is a transaction of the wallet's history.
func (c *Coins) Tx(ctx context.Context, txid chainhash.Hash) (*wire.MsgTx, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var tx *wire.MsgTx
	err := c.read(func(s store) error {
		d, err := s.TxDetails(s.ns, &txid)
		if err == nil && d != nil {
			tx = d.MsgTx.Copy()
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("transaction %s: %w", txid, err)
	}
	if tx == nil {
		return nil, fmt.Errorf("%w: %s", ErrUnknownTx, txid)
	}
	return tx, nil
}

func outPointKey(op wire.OutPoint) []byte {
	return binary.BigEndian.AppendUint32(append([]byte{}, op.Hash[:]...), op.Index)
}
