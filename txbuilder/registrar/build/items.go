package build

import (
	"bytes"
	"context"
	"fmt"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/reserve"
	"blockstack/txbuilder/registrar/terms"
)

// Prepare makes the checks before money moves for one item, and finds what it costs and which coin
// of its owner it spends.
func (w *Paths) Prepare(ctx context.Context, i int) error {
	it := &w.Job.Request.Series.Items[i]
	one := &job.Job{ID: w.Job.ID, Request: it.Request(&w.Job.Request)}
	if st := w.Job.StageOf(it.Kind.Role(), it.Name); it.Kind.OfOwner() && st != nil {
		one.Stages = []*job.Stage{st}
	}
	t := *w.Terms
	if it.Kind == job.KindRegister {
		if len(it.ZoneFile) > 0 && !t.Carries {
			return fmt.Errorf("%w: at this height the zone file of %s needs an update of its own; register it by itself", job.ErrBadRequest, it.Name)
		}
		if err := w.Checks.RegisterTerms(ctx, one, &t); err != nil {
			return err
		}
		if err := t.Rivals.Contest(it.Name.String()); err != nil {
			return err
		}
		if w.Job.StageOf(job.RolePreorder, it.Name) == nil {
			if err := w.notPreordered(ctx, one, &t); err != nil {
				return err
			}
		}
	} else if txbuilder.KindOf(it.Owner) != txbuilder.KindP2PKH {
		return fmt.Errorf("%w: %s belongs to several keys; work on it by itself", job.ErrBadRequest, it.Name)
	} else if err := w.Checks.OwnerTerms(ctx, one, &t); err != nil {
		return err
	}
	if t.Price.Unit == names.MicroStacks {
		return &PaidInTokens{Name: it.Name}
	}
	w.ItemTerms[i] = &t
	if it.Kind.OfOwner() {
		return w.chooseCoin(ctx, i)
	}
	return nil
}

// notPreordered is the registrar's check of that name for many names: it looks once for what our
// scripts have preordered.
func (w *Paths) notPreordered(ctx context.Context, one *job.Job, t *terms.Terms) error {
	if w.own == nil {
		own, err := w.Search.EveryPreorder(ctx, t.Tip)
		if err != nil {
			return err
		}
		w.own = own
	}
	p, err := w.own.Choose(ctx, &one.Request)
	if err == nil && p != nil {
		err = w.own.Outstanding(&one.Request, p)
	}
	if err != nil {
		return err
	}
	free, err := w.Checks.UnusedHash(ctx, one, t, w.Job.Request.Owner)
	if err == nil && !free { // a lapsed one
		err = &terms.PreorderOutstanding{What: one.Request.Subject()}
	}
	return err
}

// chooseCoin finds the owner's coin for an item, once.
func (w *Paths) chooseCoin(ctx context.Context, i int) error {
	it, p := &w.Job.Request.Series.Items[i], &w.Job.Items[i]
	if p.Coin != nil {
		in, err := p.Coin.Input()
		w.coins[i] = in
		return err
	}
	reserved, err := w.Search.Reserved(ctx)
	if err != nil {
		return err
	}
	for _, in := range w.coins {
		reserved.Add(in.OutPoint, w.Job, reserve.PurposeOwner)
	}
	in, err := w.chooseOwnerCoin(ctx, it.Owner, it.Name, func(op wire.OutPoint) bool { _, taken := reserved[op]; return !taken })
	if err != nil {
		return err
	}
	var raw bytes.Buffer
	if err := in.Tx.Serialize(&raw); err != nil {
		return err
	}
	p.Coin = &job.Coin{Tx: raw.Bytes(), Index: in.Index}
	w.coins[i] = in
	return nil
}

// Note writes down by which terms an item is signed.
func (w *Paths) Note(i int) {
	t, p := w.ItemTerms[i], &w.Job.Items[i]
	if p.Deadline = t.Deadline; t.Price.Amount != nil {
		p.Price = &job.Price{Unit: t.Price.Unit, Amount: t.Price.Amount, Payee: t.Payee}
	}
}
