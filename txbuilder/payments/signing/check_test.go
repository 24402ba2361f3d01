package signing

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/nameop"
	"blockstack/txbuilder"
	"blockstack/txbuilder/payments"
)

// desk is a wallet and its jobs.
type desk struct {
	coins         []payments.Coin
	frozen        map[wire.OutPoint]string
	planned, uses bool
	reserved      int
}

func (d *desk) Coins(context.Context) ([]payments.Coin, error) {
	if d.reserved != 1 {
		return nil, errors.New("the coins are read while jobs can take them")
	}
	return d.coins, nil
}

func (d *desk) Frozen(context.Context) (map[wire.OutPoint]string, error) { return d.frozen, nil }

func (d *desk) Reserve(context.Context) (func() error, error) {
	d.reserved++
	return func() error { d.reserved--; return nil }, nil
}

func (d *desk) Planned(context.Context, chainhash.Hash) (bool, error) { return d.planned, nil }

func (d *desk) Uses(context.Context, *payments.Coin, *txbuilder.Reading) (bool, error) {
	return d.uses, nil
}

// TestCheck signs what is a payment of ours, and nothing that a job, a name or another payment
// needs.
func TestCheck(t *testing.T) {
	op := wire.OutPoint{Hash: chainhash.Hash{1}}
	coin := payments.Coin{Role: payments.RolePayment, Confirmations: 1}
	coin.OutPoint = op
	update := &txbuilder.Reading{Op: nameop.NameUpdate{}, Subject: "alice.id"}
	for name, c := range map[string]struct {
		change func(p *Packet, d *desk)
		want   error               // sentinel
		why    payments.CoinReason // of a coin that is refused
		needed int
	}{
		"a payment":          {func(*Packet, *desk) {}, nil, "", 0},
		"of strangers":       {func(p *Packet, _ *desk) { p.Ours = 0 }, ErrNotOurs, "", 0},
		"of an unknown fee":  {func(p *Packet, _ *desk) { p.FeeKnown = false }, ErrFeeUnknown, "", 0},
		"of an absurd fee":   {func(p *Packet, _ *desk) { p.Fee = txbuilder.DefaultMaxFee + 1 }, txbuilder.ErrFeeTooHigh, "", 0},
		"frozen":             {func(_ *Packet, d *desk) { d.frozen[op] = "a gift" }, nil, payments.CoinFrozen, 0},
		"frozen, an owner's": {func(p *Packet, d *desk) { d.frozen[op], p.Inputs[0].Role = "a gift", payments.RoleOwner }, nil, "", 1},
		"held for itself": {func(p *Packet, d *desk) {
			d.coins[0].Hold, d.coins[0].Reserved = &payments.Hold{Holder: p.Holder}, true
		}, nil, "", 0},
		"held for another": {func(_ *Packet, d *desk) {
			d.coins[0].Hold, d.coins[0].Reserved = &payments.Hold{Holder: "payment 2"}, true
		}, nil, payments.CoinHeld, 0},
		"needed by a job":         {func(_ *Packet, d *desk) { d.coins[0].Reserved = true }, nil, payments.CoinNeeded, 0},
		"that job's own":          {func(_ *Packet, d *desk) { d.coins[0].Reserved, d.planned = true, true }, nil, "", 0},
		"what follows a preorder": {func(_ *Packet, d *desk) { d.coins[0].Reserved, d.uses = true, true }, nil, "", 0},
		"an owner's coin":         {func(p *Packet, _ *desk) { p.Inputs[0].Role = payments.RoleOwner }, nil, "", 1},
		"an owner's operation":    {func(p *Packet, _ *desk) { p.Inputs[0].Role, p.Op = payments.RoleOwner, update }, nil, "", 0},
	} {
		p := &Packet{Holder: "payment 1", Inputs: []Input{{OutPoint: op, Ours: true, Role: payments.RolePayment}}, Ours: 5_000, Paid: 4_000, Fee: 1_000, FeeKnown: true}
		d := &desk{coins: []payments.Coin{coin}, frozen: map[wire.OutPoint]string{}}
		c.change(p, d)
		needed, err := Check(t.Context(), p, d, d)
		var no *payments.CoinRefused
		switch {
		case c.why != "":
			if !errors.As(err, &no) || no.Why != c.why || no.OutPoint != op {
				t.Errorf("%s: %v", name, err)
			}
		case !errors.Is(err, c.want) || c.want == nil && err != nil:
			t.Errorf("%s: %v", name, err)
		case len(needed) != c.needed:
			t.Errorf("%s: %+v", name, needed)
		}
		if d.reserved != 0 {
			t.Errorf("%s: the coins of jobs are kept for ever", name)
		}
	}
	p := &Packet{Ours: 1, FeeKnown: true, Op: &txbuilder.Reading{Op: nameop.NameUpdate{}, Problem: "it is too old"}}
	var unread *Unread
	if _, err := Check(t.Context(), p, &desk{}, &desk{}); !errors.As(err, &unread) {
		t.Errorf("an operation that nobody reads: %v", err)
	}
}

// TestRevokes names what is revoked for good, and nothing else.
func TestRevokes(t *testing.T) {
	var names []string
	for _, op := range []nameop.Op{nameop.NameRevoke{}, nameop.NameUpdate{}} {
		names = append(names, (&Packet{Op: &txbuilder.Reading{Op: op, Subject: "alice.id"}}).Revokes())
	}
	if names = append(names, (&Packet{}).Revokes()); !slices.Equal(names, []string{"alice.id", "", ""}) {
		t.Errorf("%q", names)
	}
}
