package sweep

import (
	"context"
	"errors"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/payments/send"
)

// Plan is a sweep that can be looked at: one transaction or several.
type Plan struct {
	To     string // the address where it arrives
	Amount btcutil.Amount
	Fee    btcutil.Amount
	Costs  []txbuilder.Cost // of each transaction

	sweeps []*txbuilder.Sweep
}

// Plan plans to move coins into the wallet.
func (s *Service) Plan(ctx context.Context, move []Coin, rate txbuilder.FeeRate) (*Plan, error) {
	p := &Plan{}
	to, script, err := s.cfg.Wallet.Receive(ctx)
	if err != nil {
		return nil, err
	}
	tip, err := s.cfg.Chain.Tip(ctx)
	if err != nil {
		return nil, err
	}
	var coins []txbuilder.SweptCoin
	for _, c := range move {
		coins = append(coins, txbuilder.SweptCoin{OutPoint: c.OutPoint, Tx: c.Tx, Redeem: c.Place.Redeem, Witness: c.Place.Witness, Base: c.Place.Base, Wit: c.Place.Wit})
	}
	if p.sweeps, err = txbuilder.SweepCoins(coins, script, rate, txbuilder.LockTime(tip.Height, tip.Time, time.Now())); err != nil {
		return nil, err
	}
	p.To = to
	for _, sw := range p.sweeps {
		p.Costs = append(p.Costs, txbuilder.Cost{Fee: sw.Fee, Moved: sw.Amount})
		p.Amount += sw.Amount
		p.Fee += sw.Fee
	}
	return p, nil
}

// Send signs each transaction of a plan with the old keys, records it and sends it. What was sent
// before something went wrong is told, too.
func (s *Service) Send(ctx context.Context, p *Plan, keys txbuilder.Signer) (list []send.Sent, err error) {
	if err := s.cfg.Wallet.Sync(ctx); err != nil {
		return nil, err
	}
	for _, sw := range p.sweeps {
		if err := keys.Sign(ctx, sw.Packet); err != nil {
			return list, err
		}
		tx, err := sw.Finish()
		if err != nil {
			return list, err
		}
		free, err := s.cfg.Jobs.Reserve(ctx)
		if err != nil {
			return list, err
		}
		sent, err := send.New(ctx, s.cfg.Node, tx, s.cfg.Book)
		if err = errors.Join(err, free()); err != nil {
			return list, err
		}
		list = append(list, sent)
	}
	return list, nil
}
