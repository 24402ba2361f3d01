package payments

import (
	"bytes"
	"context"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/payments/bills"
	"blockstack/txbuilder/payments/paid"
)

// ForElsewhere is a payment that is signed elsewhere. Record.PSBT is its packet, Record.Until how
// long its coins are held.
type ForElsewhere struct {
	Record  paid.Record
	Summary Summary
}

// Prepare plans a payment again from the coins of this moment, and holds them for a time. Its
// packet has what an offline wallet needs to sign it.
func (s *Service) Prepare(ctx context.Context, p *Plan, hold time.Duration) (*ForElsewhere, error) {
	if err := p.open(true); err != nil {
		return nil, err
	}
	var prepared *ForElsewhere
	err := s.holding(ctx, func() (err error) {
		prepared, err = s.prepare(ctx, p, hold)
		return err
	})
	return prepared, err
}

// prepare is Prepare while the jobs' coins are kept.
func (s *Service) prepare(ctx context.Context, p *Plan, hold time.Duration) (*ForElsewhere, error) {
	if err := s.stillNew(ctx, p); err != nil {
		return nil, err
	}
	fresh := *p
	var err error
	if fresh.Tx, err = s.build(ctx, p); err != nil {
		return nil, err
	}
	packet := fresh.Tx.Packet
	if err := s.cfg.Wallet.Annotate(ctx, packet); err != nil {
		return nil, err
	}
	now := s.cfg.Now()
	r := p.record(now)
	r.Tx, r.Until = packet.UnsignedTx, now.Add(hold)
	if r.PSBT, err = txbuilder.EncodePacket(packet); err != nil {
		return nil, err
	}
	p.recorded = true
	return &ForElsewhere{Record: r, Summary: fresh.Summary()}, s.cfg.Book.Prepare(ctx, r)
}

// Drop forgets what was prepared, and lets its coins go: it could not be handed out.
func (s *Service) Drop(ctx context.Context, e *ForElsewhere) error {
	return s.cfg.Book.Drop(context.WithoutCancel(ctx), e.Record)
}

// PreparedAgain is a payment that was prepared for the same request and never sent, after checking
// that it pays what was asked for: the row that it is read from may have been written by another
// program.
func (s *Service) PreparedAgain(ctx context.Context, a *Answer) (*ForElsewhere, error) {
	packet, err := txbuilder.DecodePacket(a.Record.PSBT)
	if err != nil {
		return nil, err
	}
	seen, err := s.cfg.Wallet.Inspect(ctx, packet)
	if err != nil {
		return nil, err
	}
	if !paysAsAsked(&a.Record, packet, seen) {
		return nil, &AlteredRecord{a.Record.Request}
	}
	e := &ForElsewhere{Record: a.Record, Summary: summaryOf(&a.Record, &paid.Entry{Tx: a.Record.Tx, Height: -1, Fee: seen.Fee, FeeKnown: seen.FeeKnown})}
	for _, out := range packet.UnsignedTx.TxOut { // what is not the payees' comes back to us
		e.Summary.Change += btcutil.Amount(out.Value)
	}
	e.Summary.Change -= e.Summary.Amount
	if size, ok := txbuilder.SignedSize(packet); ok && seen.FeeKnown {
		e.Summary.VSize, e.Summary.Rate = size, txbuilder.RateOf(seen.Fee, size)
	}
	return e, nil
}

// paysAsAsked says whether what was prepared pays its targets what was asked for, and the rest back
// to ourselves.
func paysAsAsked(r *paid.Record, packet *psbt.Packet, seen Inspection) bool {
	left := make(map[string]btcutil.Amount)
	all := make(map[string]bool)
	for _, t := range r.Targets {
		left[string(t.Script)] += t.Amount
		all[string(t.Script)] = all[string(t.Script)] || t.Max
	}
	if packet.UnsignedTx.TxHash() != r.Tx.TxHash() {
		return false
	}
	for _, out := range seen.Outputs {
		script := string(out.Script)
		if left[script] -= out.Amount; out.Ours && left[script] < 0 {
			left[script] = 0
		}
		if left[script] < 0 && !all[script] {
			return false
		}
	}
	return true
}

// NamesOf is the order for the names that a prepared payment pays, to look at where they are paid
// now.
func NamesOf(e *ForElsewhere) Order {
	var o Order
	for _, t := range e.Record.Targets {
		if t.Name != "" {
			o.Bills = append(o.Bills, bills.Bill{Target: t.Name, Amount: t.Amount, All: t.Max})
		}
	}
	return o
}

// Moved is a name that is paid elsewhere now than what was prepared pays it.
type Moved struct {
	Name     string
	Was, Now string // addresses
}

// MovedSince lists the names of a prepared payment that are paid elsewhere now; payees are those of
// NamesOf.
func (s *Service) MovedSince(e *ForElsewhere, payees []Payee) (list []Moved) {
	for _, p := range payees {
		for _, t := range e.Record.Targets {
			if t.Name == p.Name.String() && !bytes.Equal(t.Script, p.Script) {
				list = append(list, Moved{Name: t.Name, Was: txbuilder.ScriptAddress(t.Script, s.cfg.Net), Now: p.Address})
			}
		}
	}
	return list
}

// Renew holds the coins of a prepared payment for a time from now on.
func (s *Service) Renew(ctx context.Context, e *ForElsewhere, hold time.Duration) error {
	e.Record.Until = s.cfg.Now().Add(hold)
	return s.cfg.Book.Renew(ctx, e.Record)
}
