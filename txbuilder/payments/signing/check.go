package signing

import (
	"context"
	"errors"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/payments"
)

// Wallet knows its coins.
type Wallet interface {
	// Coins lists all coins.
	Coins(ctx context.Context) ([]payments.Coin, error)
	// Frozen says which coins payments do not touch, and why; also coins that a wallet without a
	// node never sees.
	Frozen(ctx context.Context) (map[wire.OutPoint]string, error)
}

// Jobs have transactions and coins of their own.
type Jobs interface {
	payments.Jobs
	// Planned says whether a job of this home has planned a transaction.
	Planned(ctx context.Context, unsigned chainhash.Hash) (bool, error)
	// Uses says whether a coin is the change of a preorder that no job follows, and an operation is
	// what that was sent for.
	Uses(ctx context.Context, coin *payments.Coin, op *txbuilder.Reading) (bool, error)
}

// Check refuses what must not be signed by hand: what a job needs, unless it is that job's own;
// what follows a preorder that no job follows, unless it is that; what is held for another payment
// or frozen; a fee that is unknown or absurd; a name operation that nobody would read. needed are
// inputs at keys that a name may need, which the payer should know of.
func Check(ctx context.Context, p *Packet, w Wallet, j Jobs) (needed []Input, err error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	planned, err := j.Planned(ctx, p.Unsigned)
	if err != nil {
		return nil, err
	}
	done, err := j.Reserve(ctx)
	if err != nil {
		return nil, err
	}
	list, err := w.Coins(ctx)
	if err = errors.Join(err, done()); err != nil {
		return nil, err
	}
	frozen, err := w.Frozen(ctx)
	if err != nil {
		return nil, err
	}
	for i, in := range p.Inputs {
		if why, is := frozen[in.OutPoint]; is && in.Role == payments.RolePayment {
			return nil, &payments.CoinRefused{OutPoint: in.OutPoint, Why: payments.CoinFrozen, Coin: payments.Coin{Frozen: why}}
		}
		for _, c := range list {
			if c.OutPoint != in.OutPoint {
				continue
			}
			if err := p.mayTake(ctx, &c, planned, j); err != nil {
				return nil, err
			}
		}
		if in.Ours && in.Role != payments.RolePayment && (i > 0 || p.Op == nil) {
			needed = append(needed, in)
		}
	}
	return needed, nil
}

// mayTake refuses a coin that is kept for something else.
func (p *Packet) mayTake(ctx context.Context, c *payments.Coin, planned bool, j Jobs) error {
	switch {
	case c.Hold != nil && c.Hold.Holder != p.Holder:
		return &payments.CoinRefused{OutPoint: c.OutPoint, Why: payments.CoinHeld, Coin: *c}
	case !c.Reserved || c.Hold != nil || planned:
		return nil
	}
	used, err := j.Uses(ctx, c, p.Op)
	if err != nil {
		return err
	}
	if !used {
		return &payments.CoinRefused{OutPoint: c.OutPoint, Why: payments.CoinNeeded, Coin: *c}
	}
	return nil
}
