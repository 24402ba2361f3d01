package txbuilder

import (
	"context"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
)

// Config is what a Builder needs to know.
type Config struct {
	// Params are the name rules; they may be nil for payments alone.
	Params *names.Params
	// Net is the Bitcoin network.
	Net *chaincfg.Params
	// Coins pays.
	Coins Coins
	// Height is the tip; coinbase outputs younger than its maturity are left alone. Zero takes the
	// wallet's word.
	Height int32
	// MinConf is how many confirmations a coin needs; zero means one, so that a replacement never
	// depends on an unconfirmed stranger (BIP 125 rule 2).
	MinConf int32
	// Reserved says which coins are kept for something else.
	Reserved func(wire.OutPoint) bool
	// Owner says which scripts own names; their coins never pay.
	Owner func(script []byte) bool
	// MaxFee is the ceiling on one transaction's fee; zero means DefaultMaxFee.
	MaxFee btcutil.Amount
}

// Builder makes plans. It keeps no state between calls.
type Builder struct {
	rules  rules
	funds  *funds
	net    *chaincfg.Params
	maxFee btcutil.Amount
}

// New checks a configuration.
func New(cfg Config) (*Builder, error) {
	if cfg.Net == nil || cfg.Coins == nil {
		return nil, errors.New("transaction builder: network and coins must be given")
	}
	if cfg.MinConf == 0 {
		cfg.MinConf = 1
	}
	if cfg.MaxFee == 0 {
		cfg.MaxFee = DefaultMaxFee
	}
	return &Builder{
		rules: rules{p: cfg.Params, height: cfg.Height},
		funds: &funds{coins: cfg.Coins, minConf: cfg.MinConf, height: cfg.Height, maturity: int32(cfg.Net.CoinbaseMaturity),
			reserved: cfg.Reserved, owner: cfg.Owner},
		net: cfg.Net, maxFee: cfg.MaxFee,
	}, nil
}

// operation is a name operation that is asked for.
type operation interface {
	// outline is what the operation fixes of its transaction at a height.
	outline(rules) (outline, error)
}

// build chooses coins for a name operation and makes the plan.
func (b *Builder) build(ctx context.Context, what operation) (*Plan, error) {
	d, err := what.outline(b.rules)
	if err != nil {
		return nil, err
	}
	r, err := fund(ctx, b.funds, d)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.operation, err)
	}
	return b.plan(ctx, d, r)
}

// addressOf shows a script as an address, or as nothing.
func (b *Builder) addressOf(script []byte) string {
	if b.rules.p != nil {
		if a, err := b.rules.p.ScriptAddress(script); err == nil {
			return a
		}
	}
	return ScriptAddress(script, b.net)
}

// ParseAddress reads an address of the builder's network into an output script.
func (b *Builder) ParseAddress(text string) ([]byte, error) {
	a, err := address.DecodeAddress(text, b.net)
	if err != nil {
		return nil, fmt.Errorf("%w: address %.100q: %v", ErrBadRequest, text, err)
	}
	if !a.IsForNet(b.net) {
		return nil, fmt.Errorf("%w: address %s is not of network %s", ErrBadRequest, text, b.net.Name)
	}
	return txscript.PayToAddrScript(a)
}
