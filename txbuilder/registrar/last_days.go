package registrar

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"blockstack/txbuilder/lastdays"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
)

// LastDays says whether this home knows all that it has sent of late (package lastdays).
type LastDays interface {
	// Note keeps that something is about to be sent with the journal as it is.
	Note(ctx context.Context) error
	// Doubt is why this home cannot know its last days, at a tip; nil: it can.
	Doubt(ctx context.Context, tip int32) (*lastdays.Doubt, error)
	// Settle ends the doubt.
	Settle() error
	// Again lets the doubt begin at a tip.
	Again(tip int32) (*lastdays.Doubt, error)
}

// DoubtBlocks is how many blocks a home that cannot know its last days starts no preorder.
const DoubtBlocks = 12

// InDoubt says that no preorder is started yet, because this home may have sent one that
// it does not know of.
type InDoubt struct {
	What string
	Why  lastdays.Why
	// Since is the block since which that is known; From is the first block after which
	// a preorder may be started, and Blocks how many are still to come.
	Since, From, Blocks int32
	// Unread says that copies of jobs may tell, and cannot be read now; blocks do not help
	// then. nil: there are none.
	Unread *UnreadCopies
}

// Error says what is waited for.
func (e *InDoubt) Error() string {
	if e.Unread != nil {
		return fmt.Sprintf("%s, and %v, so it cannot know whether a preorder of %s was sent; it starts none", e.Why.Text(), e.Unread, e.What)
	}
	blocks := "1 block"
	if e.Blocks != 1 {
		blocks = fmt.Sprintf("%d blocks", e.Blocks)
	}
	return fmt.Sprintf("%s, so it cannot know whether a preorder of %s was sent just before; it starts none before block %d, in %s", e.Why.Text(), e.What, e.From, blocks)
}

// Code is last_days_unknown.
func (e *InDoubt) Code() string { return "last_days_unknown" }

// clockSlack is how far a block's time may lie before the clock's.
const clockSlack = 2 * time.Hour

// inDoubt says why no preorder of what a request is about is started at a tip; nil: one may be, or the
// user has agreed to it.
func (r *Registrar) inDoubt(ctx context.Context, req *job.Request, tip int32) (*InDoubt, error) {
	if r.cfg.LastDays == nil || !paysForNames(req) {
		return nil, nil
	}
	d, err := r.cfg.LastDays.Doubt(ctx, tip)
	if err != nil || d == nil || req.Assured == d.Since {
		return nil, err
	}
	e := &InDoubt{What: req.Subject(), Why: d.Why, Since: d.Since, From: d.Since + r.cfg.DoubtBlocks}
	if _, err := r.copied.read(ctx); err != nil {
		return nil, err
	}
	if e.Unread = r.copied.unread; e.Unread != nil && tip >= e.From {
		return e, nil
	}
	if tip >= e.From {
		// A node that was still reading old blocks when the doubt began has shown none of what came after.
		late, err := r.cameAfter(ctx, e.From, d.At)
		if err != nil || late {
			return nil, err
		}
		if d, err = r.cfg.LastDays.Again(tip); err != nil {
			return nil, err
		}
		e.Since, e.From = d.Since, d.Since+r.cfg.DoubtBlocks
	}
	e.Blocks = e.From - tip
	return e, nil
}

// cameAfter says whether a block was made after a time, as far as its own time tells. The
// blocks of a test chain are made by its user.
func (r *Registrar) cameAfter(ctx context.Context, height int32, at time.Time) (bool, error) {
	if r.cfg.Net.GenerateSupported {
		return true, nil
	}
	block, err := r.cfg.Chain.BlockAt(ctx, height)
	if err != nil {
		return false, fmt.Errorf("block %d: %w", height, err)
	}
	return !block.Header.Timestamp.Before(at.Add(-clockSlack)), nil
}

// paysForNames says whether a request begins with a preorder.
func paysForNames(req *job.Request) bool {
	switch req.Kind {
	case job.KindRegister, job.KindLaunch:
		return true
	case job.KindSeries:
		for _, it := range req.Series.Items {
			if it.Kind == job.KindRegister {
				return true
			}
		}
	}
	return false
}

// sure refuses to start a preorder while this home is in doubt.
func (r *Registrar) sure(ctx context.Context, req *job.Request, tip int32) error {
	e, err := r.inDoubt(ctx, req, tip)
	if err == nil && e != nil {
		err = e
	}
	return err
}

// CaughtUp ends the doubt about this home's last days when jobs were brought in that this
// journal did not know, or not so far: the copy is newer than the journal was.
func (r *Registrar) CaughtUp(list []Imported) error {
	if r.cfg.LastDays == nil || !slices.ContainsFunc(list, func(in Imported) bool { return in.What == job.ImportNew || in.What == job.ImportMerged }) {
		return nil
	}
	return r.cfg.LastDays.Settle()
}

// mayBegin refuses to sign for a series that has signed nothing as far as this journal
// knows, while this home is in doubt, or when preorders of its names were sent all the
// same.
func (r *Registrar) mayBegin(ctx context.Context, j *job.Job, tip int32) error {
	if err := r.sure(ctx, &j.Request, tip); err != nil {
		return err
	}
	own, err := r.everyPreorder(ctx, tip)
	if err != nil {
		return err
	}
	for _, q := range j.Request.Requests() {
		if q.Kind != job.KindRegister || j.ProgressOf(q.Name).State.Final() {
			continue
		}
		p, err := own.choose(ctx, &q)
		if err == nil && p != nil {
			err = own.outstanding(&q, p)
		}
		var ours *PreorderOurs
		if errors.As(err, &ours) && ours.Job == "" {
			ours.Job, ours.Unsigned = j.ID, true
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// keptBoth is what happens before anything is sent: the copy of the journal is brought
// up to date, where there is one, and then it is noted which journal was sent with.
type keptBoth struct {
	copies ports.Copier
	days   LastDays
}

// Keep does both.
func (k keptBoth) Keep(ctx context.Context) error {
	if k.copies != nil {
		if err := k.copies.Keep(ctx); err != nil {
			return err
		}
	}
	return k.days.Note(ctx)
}
