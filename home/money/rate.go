package money

import (
	"context"
	"errors"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/chain"
)

// ErrNoRate says that nobody knows what has to be paid: an unknown rate is not guessed where money
// is real.
var ErrNoRate = errors.New("the fee rate cannot be estimated, and the last blocks have no transactions to learn from")

// Estimator is a connection that may know what has to be paid.
type Estimator interface {
	Tip(ctx context.Context) (int32, chainhash.Hash, error)
	HashAt(ctx context.Context, height int32) (chainhash.Hash, error)
	RawBlock(ctx context.Context, hash chainhash.Hash) ([]byte, error)
	EstimateFeeRate(ctx context.Context, blocks int32) (rate btcutil.Amount, known bool, err error)
}

// RateOrder says which rate is wanted.
type RateOrder struct {
	Net    *chaincfg.Params
	Given  txbuilder.FeeRate // what the payer has chosen; 0: nothing
	Usual  txbuilder.FeeRate // what is paid where nothing was chosen and there is no market to learn from; 0: there is one
	Blocks int32             // what is estimated: that it is mined within so many
}

// Rate is what miners are paid, and how that came.
type Rate struct {
	Rate txbuilder.FeeRate
	// FromBlocks is what the transactions of the last blocks paid, where nobody can estimate; 0:
	// that was not asked.
	FromBlocks txbuilder.FeeRate
	// Floor is what the memory pool takes at least, where Rate was raised for it; 0: it was not.
	Floor txbuilder.FeeRate
}

// ChooseRate is the rate that was given, else what the node estimates, and in both cases one that
// its memory pool takes: a rate that was given is refused below that (*registrar.BelowFloor),
// another one is raised.
func ChooseRate(ctx context.Context, n Estimator, o RateOrder) (r Rate, err error) {
	if r.Rate = o.Given; o.Given == 0 {
		if r, err = usualRate(ctx, n, o); err != nil {
			return r, err
		}
	}
	fees, err := RelayFees(ctx, n)
	switch {
	case err != nil:
		return r, err
	case r.Rate >= fees.Floor:
		return r, nil
	case o.Given != 0:
		return r, &registrar.BelowFloor{Rate: o.Given, Floor: fees.Floor}
	}
	r.Rate, r.Floor = fees.Least(), fees.Floor
	return r, nil
}

// usualRate is the rate where none was given.
func usualRate(ctx context.Context, n Estimator, o RateOrder) (r Rate, err error) {
	if o.Usual != 0 {
		return Rate{Rate: o.Usual}, nil
	}
	rate, known, err := n.EstimateFeeRate(ctx, o.Blocks)
	if err != nil {
		return r, err
	}
	if !known {
		if rate, known, err = chain.RecentFeeRate(ctx, n, o.Net); err != nil {
			return r, err
		}
		if !known {
			return r, ErrNoRate
		}
		r.FromBlocks = txbuilder.FeeRate(rate)
	}
	r.Rate = max(txbuilder.FeeRate(rate), txbuilder.RelayRate)
	return r, nil
}
