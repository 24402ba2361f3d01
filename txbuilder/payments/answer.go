package payments

import (
	"context"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/txbuilder/payments/paid"
)

// Answer is the payment that answered a request before.
type Answer struct {
	Record paid.Record
	State  AnswerState
	Entry  *paid.Entry // its transaction in the history, with Sent and Confirmed
}

// AnswerState says how far a payment got.
type AnswerState string

// The states of a payment that was made before.
const (
	Prepared  AnswerState = "prepared"  // it waits to be signed elsewhere
	Recorded  AnswerState = "recorded"  // on disk, and not in the wallet's history
	Sent      AnswerState = "sent"      // in no block
	Confirmed AnswerState = "confirmed" // in a block
)

// Txid is the transaction of the payment; of a prepared one as it was unsigned.
func (a *Answer) Txid() chainhash.Hash {
	if a.Entry != nil {
		return a.Entry.Txid
	}
	return a.Record.Tx.TxHash()
}

// Summary says what the payment does.
func (a *Answer) Summary() Summary {
	if a.Entry == nil {
		return summaryOf(&a.Record, &paid.Entry{Tx: a.Record.Tx, Height: -1})
	}
	return summaryOf(&a.Record, a.Entry)
}

// Forgotten says when this home was restored, if it may not know all that was paid for requests.
func (s *Service) Forgotten(ctx context.Context) (restored time.Time, forgot bool, err error) {
	at, whole, err := s.cfg.Past.Begins(ctx)
	return at, !whole && err == nil, err
}

// Answer finds the payment that answered an order's request; nil: nothing is known of it, and it
// may be paid. look says that nothing may be written. What was prepared and has lost its coins for
// good is forgotten, so that it is asked again.
func (s *Service) Answer(ctx context.Context, o Order, look bool) (*Answer, error) {
	r, found, err := s.cfg.Past.ByRequest(ctx, o.Request)
	if err != nil || !found {
		return nil, err
	}
	want := paid.Record{SubtractFee: o.SubtractFee}
	if want.Targets, err = s.asked(o); err != nil {
		return nil, err
	}
	switch {
	case !r.SameRequest(&want):
		return nil, &OtherRequest{ID: o.Request, Paid: r}
	case !r.Pays():
		return nil, &BadRecord{ID: o.Request, Txid: r.Tx.TxHash()}
	}
	return s.follow(ctx, r, look)
}

// Known says whether a request was answered.
func (s *Service) Known(ctx context.Context, request string) (bool, error) {
	_, found, err := s.cfg.Past.ByRequest(ctx, request)
	return found, err
}

// follow finds out what became of a payment.
func (s *Service) follow(ctx context.Context, r paid.Record, look bool) (*Answer, error) {
	a := &Answer{Record: r}
	fate, err := s.fate(ctx, &r)
	if err != nil {
		return nil, err
	}
	switch {
	case fate.Entry != nil:
		return a.seen(fate.Entry), nil
	case fate.Rival != nil && fate.Rival.Height >= 0 && r.PSBT != nil: // it can never be mined, and was never sent from here
		if look {
			return nil, nil
		}
		return nil, s.cfg.Book.Drop(ctx, r)
	case fate.Rival != nil:
		return nil, &LostCoins{ID: r.Request, Rival: fate.Rival.Txid}
	case r.PSBT != nil:
		a.State = Prepared
		return a, nil
	case look:
		a.State = Recorded
		return a, nil
	}
	if err := s.cfg.Book.AddTx(ctx, r.Tx); err != nil {
		return nil, err
	}
	if fate, err = s.fate(ctx, &r); err != nil {
		return nil, err
	}
	if fate.Entry == nil {
		return nil, fmt.Errorf("%w: %s", ErrUnknownTx, r.Tx.TxHash())
	}
	return a.seen(fate.Entry), nil
}

// seen completes an answer whose transaction is in the history.
func (a *Answer) seen(e *paid.Entry) *Answer {
	a.Entry, a.State = e, Sent
	if e.Height >= 0 {
		a.State = Confirmed
	}
	return a
}

// fate looks a payment up in the history.
func (s *Service) fate(ctx context.Context, r *paid.Record) (paid.Fate, error) {
	history, err := s.cfg.Past.History(ctx)
	if err != nil {
		return paid.Fate{}, err
	}
	return paid.FateOf(history, r), nil
}

// asked are the targets as they were written, before names are looked up.
func (s *Service) asked(o Order) (list []paid.Target, err error) {
	for _, b := range o.Bills {
		t := paid.Target{Amount: b.Amount, Max: b.All}
		if n, err := names.Parse(b.Target); err == nil {
			t.Name = n.String()
		} else if t.Script, err = s.script(b.Target); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// SendAgain sends the transaction of an answer that is in no block.
func (s *Service) SendAgain(ctx context.Context, a *Answer) error {
	if a.State != Sent {
		return nil
	}
	n, err := s.cfg.Node(ctx)
	if err != nil {
		return err
	}
	if _, err := n.Broadcast(ctx, a.Entry.Tx); err != nil {
		return &SentBut{a.Entry.Txid, "sending it again", err}
	}
	return nil
}

// Height says in which block the wallet has seen a transaction; found is false while it waits.
func (s *Service) Height(ctx context.Context, txid chainhash.Hash) (height int32, found bool, err error) {
	history, err := s.cfg.Past.History(ctx)
	if err != nil {
		return 0, false, err
	}
	for i := range history {
		if e := &history[i]; e.Txid == txid && e.Height >= 0 {
			return e.Height, true, nil
		}
	}
	return 0, false, nil
}
