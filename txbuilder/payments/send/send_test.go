package send

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

var (
	errDown = errors.New("down")
	errFull = errors.New("no space left")
)

// desk is a node and a book in one, which write down what was done in which order.
type desk struct {
	log       []string
	kept      []*wire.MsgTx
	outcome   Outcome
	sending   error
	adding    error
	removing  error
	cancelled func()
}

func (d *desk) Broadcast(ctx context.Context, _ *wire.MsgTx) (Outcome, error) {
	d.log = append(d.log, "send")
	if d.cancelled != nil {
		d.cancelled()
		return 0, ctx.Err()
	}
	return d.outcome, d.sending
}

func (d *desk) Add(context.Context, *wire.MsgTx) error {
	d.log = append(d.log, "add")
	return d.adding
}

func (d *desk) Remove(ctx context.Context, _ *wire.MsgTx) error {
	d.log = append(d.log, "remove")
	return errors.Join(d.removing, ctx.Err())
}

func (d *desk) KeptTxs(context.Context) ([]*wire.MsgTx, error) { return d.kept, nil }

func (d *desk) KeepTx(context.Context, *wire.MsgTx) error {
	d.log = append(d.log, "keep")
	return d.adding
}

func (d *desk) AddTx(ctx context.Context, _ *wire.MsgTx) error {
	d.log = append(d.log, "add")
	return ctx.Err()
}

func (d *desk) RemoveTx(ctx context.Context, _ chainhash.Hash) error {
	d.log = append(d.log, "remove")
	return errors.Join(d.removing, ctx.Err())
}

// TestNew: a transaction is on disk before it is sent, and is forgotten only when a node of one's
// own refuses it, or nothing was written.
func TestNew(t *testing.T) {
	tx := wire.NewMsgTx(2)
	for name, c := range map[string]struct {
		desk desk
		did  []string
		kind string
		sent Sent
	}{
		"accepted":             {desk{outcome: Accepted}, []string{"add", "send"}, "", Sent{}},
		"known":                {desk{outcome: Known}, []string{"add", "send"}, "", Sent{Known: true}},
		"offered":              {desk{outcome: Offered}, []string{"add", "send"}, "", Sent{Offered: true}},
		"refused":              {desk{sending: &Refused{Err: errDown}}, []string{"add", "send", "remove"}, "*send.Refused", Sent{}},
		"refused, wrapped":     {desk{sending: fmt.Errorf("x: %w", &Refused{Err: errDown})}, []string{"add", "send", "remove"}, "*send.Refused", Sent{}},
		"refused by strangers": {desk{sending: &Refused{ByPeers: true, Err: errDown}}, []string{"add", "send"}, "*send.RefusedByPeers", Sent{}},
		"lost":                 {desk{sending: errDown}, []string{"add", "send"}, "*send.UnknownFate", Sent{}},
		"disk full":            {desk{adding: errFull}, []string{"add", "remove"}, "full", Sent{}},
		"half written":         {desk{adding: errFull, removing: errFull}, []string{"add", "remove"}, "*send.UnknownFate", Sent{}},
	} {
		d := c.desk
		sent, err := New(t.Context(), &d, tx, &d)
		if !slices.Equal(d.log, c.did) || kindOf(err) != c.kind {
			t.Errorf("%s: %v, %v", name, d.log, err)
		}
		if c.sent.Txid = tx.TxHash(); sent != c.sent {
			t.Errorf("%s: %+v", name, sent)
		}
	}
}

// kindOf names the type of an error that counts.
func kindOf(err error) string {
	var strangers *RefusedByPeers
	var unknown *UnknownFate
	var refused *Refused
	switch {
	case err == nil:
		return ""
	case errors.As(err, &unknown):
		return "*send.UnknownFate"
	case errors.As(err, &strangers):
		return "*send.RefusedByPeers"
	case errors.As(err, &refused):
		return "*send.Refused"
	case errors.Is(err, errFull):
		return "full"
	}
	return err.Error()
}

// TestReplacing: what is replaced stays in the books until the node has taken the replacement.
func TestReplacing(t *testing.T) {
	tx := wire.NewMsgTx(2)
	for name, c := range map[string]struct {
		desk  desk
		did   []string
		kind  string
		known bool
	}{
		"accepted":              {desk{outcome: Accepted}, []string{"keep", "send", "add"}, "", false},
		"known":                 {desk{outcome: Known}, []string{"keep", "send", "add"}, "", true},
		"offered":               {desk{outcome: Offered}, []string{"keep", "send", "add"}, "", false},
		"offered again":         {desk{outcome: Offered, kept: []*wire.MsgTx{tx}}, []string{"keep", "send", "add"}, "", true},
		"accepted, kept before": {desk{outcome: Accepted, kept: []*wire.MsgTx{tx}}, []string{"keep", "send", "add"}, "", false},
		"refused":               {desk{sending: &Refused{Err: errDown}}, []string{"keep", "send", "remove"}, "*send.Refused", false},
		"refused by strangers":  {desk{sending: &Refused{ByPeers: true, Err: errDown}}, []string{"keep", "send"}, "*send.RefusedByPeers", false},
		"lost":                  {desk{sending: errDown}, []string{"keep", "send"}, "*send.UnknownFate", false},
		"disk full":             {desk{adding: errFull}, []string{"keep"}, "full", false},
	} {
		d := c.desk
		sent, err := Replacing(t.Context(), &d, &d, tx)
		if !slices.Equal(d.log, c.did) || kindOf(err) != c.kind || sent.Known != c.known {
			t.Errorf("%s: %v, %v, %+v", name, d.log, err, sent)
		}
	}
	d := desk{outcome: Offered, kept: []*wire.MsgTx{tx}}
	if sent, err := Foreign(t.Context(), &d, &d, tx); err != nil || !sent.Known || !slices.Equal(d.log, []string{"send"}) {
		t.Errorf("what is not ours: %v, %+v, %v", d.log, sent, err)
	}
}

// TestInterrupted: who leaves while a transaction is sent is told that its fate is unknown, and
// that he left.
func TestInterrupted(t *testing.T) {
	tx := wire.NewMsgTx(2)
	for name, f := range map[string]func(ctx context.Context, d *desk) error{
		"new":       func(ctx context.Context, d *desk) error { _, err := New(ctx, d, tx, d); return err },
		"replacing": func(ctx context.Context, d *desk) error { _, err := Replacing(ctx, d, d, tx); return err },
	} {
		ctx, stop := context.WithCancel(t.Context())
		err := f(ctx, &desk{cancelled: stop})
		var unknown *UnknownFate
		if !errors.As(err, &unknown) || !unknown.Interrupted || unknown.Txid != tx.TxHash() {
			t.Errorf("%s: %v", name, err)
		}
	}
}
