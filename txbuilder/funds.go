package txbuilder

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// funds are the wallet's coins, with what says which of them may pay.
type funds struct {
	coins    Coins
	minConf  int32
	height   int32 // of the tip; 0: not known
	maturity int32 // confirmations that a coinbase output needs
	reserved func(wire.OutPoint) bool
	owner    func(script []byte) bool
}

// spendable lists the wallet's coins that may pay, smallest first: not reserved, not an owner's,
// not immature, not in skip, and of a kind whose size is known. In a name operation native segwit
// coins are left out; their sum is returned.
func (p *funds) spendable(ctx context.Context, named bool, skip map[wire.OutPoint]bool) ([]*coin, btcutil.Amount, error) {
	credits, err := p.coins.Spendable(ctx, p.minConf)
	if err != nil {
		return nil, 0, fmt.Errorf("list coins: %w", err)
	}
	var usable []*coin
	var unusable btcutil.Amount
	for _, cr := range credits {
		switch {
		case skip[cr.OutPoint],
			p.reserved != nil && p.reserved(cr.OutPoint),
			p.owner != nil && p.owner(cr.PkScript),
			cr.FromCoinBase && !p.mature(cr.Height),
			cr.Amount <= 0:
			continue
		}
		if named && !isNamed(KindOf(cr.PkScript)) {
			unusable += cr.Amount
			continue
		}
		c := &coin{op: cr.OutPoint, value: cr.Amount, script: cr.PkScript}
		if c.base, c.wit, err = inputWeight(c.script, nil); err != nil {
			unusable += cr.Amount
			continue
		}
		usable = append(usable, c)
	}
	slices.SortFunc(usable, compareCoins)
	return usable, unusable, nil
}

// compareCoins orders by value, then by outpoint, so that the same coins give the same transaction.
func compareCoins(a, b *coin) int {
	if c := cmp.Compare(a.value, b.value); c != 0 {
		return c
	}
	if c := bytes.Compare(a.op.Hash[:], b.op.Hash[:]); c != 0 {
		return c
	}
	return cmp.Compare(a.op.Index, b.op.Index)
}

// mature says whether a coinbase output of a height can be spent in the next block. With the tip
// unknown the wallet's word is taken.
func (p *funds) mature(height int32) bool {
	if p.height <= 0 {
		return true
	}
	return height >= 0 && p.height-height+1 >= p.maturity
}

// load fetches the transactions of chosen coins and holds the wallet to them.
func (p *funds) load(ctx context.Context, coins []*coin) error {
	for _, c := range coins {
		if c.tx != nil {
			continue
		}
		tx, err := p.coins.PrevTx(ctx, c.op)
		if err != nil {
			return fmt.Errorf("previous transaction of %s: %w", c.op, err)
		}
		in := Input{OutPoint: c.op, Tx: tx}
		out, err := in.output()
		if err != nil {
			return err
		}
		if btcutil.Amount(out.Value) != c.value || !bytes.Equal(out.PkScript, c.script) {
			return fmt.Errorf("%w: coin %s is not what its transaction says", ErrBadRequest, c.op)
		}
		c.tx = tx
	}
	return nil
}

// changeOnce asks the wallet for a change script at most once.
func (p *funds) changeOnce(ctx context.Context) func() ([]byte, error) {
	return sync.OnceValues(func() ([]byte, error) {
		script, err := p.coins.ChangeScript(ctx)
		if err != nil {
			return nil, fmt.Errorf("change address: %w", err)
		}
		return script, nil
	})
}
