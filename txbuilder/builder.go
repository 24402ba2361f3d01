package txbuilder

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"sync"

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
	// Height is the tip; coinbase outputs younger than its maturity are left
	// alone. Zero takes the wallet's word.
	Height int32
	// MinConf is how many confirmations a coin needs; zero means one, so that a
	// replacement never depends on an unconfirmed stranger (BIP 125 rule 2).
	MinConf int32
	// Reserved says which coins are kept for something else.
	Reserved func(wire.OutPoint) bool
	// Owner says which scripts own names; their coins never pay.
	Owner func(script []byte) bool
	// MaxFee is the ceiling on one transaction's fee; zero means
	// DefaultMaxFee.
	MaxFee btcutil.Amount
}

// Builder makes plans. It keeps no state between calls.
type Builder struct{ cfg Config }

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
	return &Builder{cfg: cfg}, nil
}

// Funding says how a transaction is paid.
type Funding struct {
	// Rate is what it pays per size.
	Rate FeeRate
	// MinFee is the least it pays in all, for replacements (BIP 125 rules 3, 4).
	MinFee btcutil.Amount
	// Inputs must be spent, in this order; the first is input 0. Further coins
	// are added after them as needed, unless Closed.
	Inputs []Input
	Closed bool
	// First says which scripts may stand at input 0 when Inputs is empty; nil
	// allows every permitted one.
	First func(script []byte) bool
	// Change overrides where optional change goes.
	Change []byte
	// Keep is what the change must hold at least; optional change is not optional
	// then.
	Keep btcutil.Amount
}

// Price is what the name system asks, in whole units.
type Price struct {
	Unit   names.Unit
	Amount *big.Int // satoshi or microSTACKS
}

// Sat is a price in BTC as an amount.
func (p Price) Sat() (btcutil.Amount, error) {
	if p.Unit != names.Satoshi || p.Amount == nil || p.Amount.Sign() < 0 {
		return 0, fmt.Errorf("%w: not a price in BTC", ErrBadRequest)
	}
	if !p.Amount.IsInt64() || p.Amount.Int64() > btcutil.MaxSatoshi {
		return 0, fmt.Errorf("%w: a price of %s satoshi is more than all bitcoin", ErrBadRequest, p.Amount)
	}
	return btcutil.Amount(p.Amount.Int64()), nil
}

// Tokens is a price in STACKS as the wire carries it.
func (p Price) Tokens() (uint64, error) {
	if p.Unit != names.MicroStacks || p.Amount == nil || p.Amount.Sign() < 0 {
		return 0, fmt.Errorf("%w: not a price in STACKS", ErrBadRequest)
	}
	if !p.Amount.IsUint64() {
		return 0, fmt.Errorf("%w: a price of %s microSTACKS does not fit the wire", ErrBadRequest, p.Amount)
	}
	return p.Amount.Uint64(), nil
}

// burnOutput pays a price: the price itself in BTC, but never less than what
// is relayed, or the least that is relayed beside tokens (protocol 17.1).
func burnOutput(price Price, payee []byte, text string) (Output, error) {
	o := Output{Role: RoleBurn, Script: payee, Text: text}
	if price.Unit == names.MicroStacks {
		_, err := price.Tokens()
		return o, err
	}
	sat, err := price.Sat()
	if err != nil {
		return o, err
	}
	o.Value = max(sat, DustLimit(payee))
	return o, nil
}

// params are the name rules, which a name operation cannot do without.
func (b *Builder) params() (*names.Params, error) {
	if b.cfg.Params == nil {
		return nil, fmt.Errorf("%w: a name operation needs the name rules", ErrBadRequest)
	}
	return b.cfg.Params, nil
}

// addressOf shows a script as an address, or as nothing.
func (b *Builder) addressOf(script []byte) string {
	if b.cfg.Params != nil {
		if a, err := b.cfg.Params.ScriptAddress(script); err == nil {
			return a
		}
	}
	_, addrs, _, err := txscript.ExtractPkScriptAddrs(script, b.cfg.Net)
	if err != nil || len(addrs) != 1 {
		return ""
	}
	return addrs[0].EncodeAddress()
}

// ParseAddress reads an address of the builder's network into an output script.
func (b *Builder) ParseAddress(text string) ([]byte, error) {
	a, err := address.DecodeAddress(text, b.cfg.Net)
	if err != nil {
		return nil, fmt.Errorf("%w: address %.100q: %v", ErrBadRequest, text, err)
	}
	if !a.IsForNet(b.cfg.Net) {
		return nil, fmt.Errorf("%w: address %s is not of network %s", ErrBadRequest, text, b.cfg.Net.Name)
	}
	return txscript.PayToAddrScript(a)
}

// changeOnce asks the wallet for a change script at most once.
func (b *Builder) changeOnce(ctx context.Context) func() ([]byte, error) {
	return sync.OnceValues(func() ([]byte, error) {
		script, err := b.cfg.Coins.ChangeScript(ctx)
		if err != nil {
			return nil, fmt.Errorf("change address: %w", err)
		}
		return script, nil
	})
}

// changeScript is where optional change goes. In a name operation it must be of
// a kind the name system reads, whatever the wallet's own custom is; then it
// goes back to the sender.
func (d *draft) changeScript(sender []byte) ([]byte, error) {
	script := d.funding.Change
	if script == nil {
		var err error
		if script, err = d.change(); err != nil {
			return nil, err
		}
		if d.named && !KindOf(script).named() {
			script = sender
		}
	}
	if d.named {
		return script, checkNamed("change", script)
	}
	return script, checkStandard("change", script)
}
