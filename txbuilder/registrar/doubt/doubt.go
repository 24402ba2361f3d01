package doubt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/txbuilder/lastdays"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/ports"
)

// Doubts says whether a home that does not know what it sent of late starts a preorder.
type Doubts struct {
	// LastDays says whether it knows. Nil: it does.
	LastDays LastDays
	// Blocks is how many it waits.
	Blocks int32
	Net    *chaincfg.Params
	Chain  ports.Chain
	Search *own.Search
}

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

// InDoubt says that no preorder is started yet, because this home may have sent one that it does
// not know of.
type InDoubt struct {
	What string
	Why  lastdays.Why
	// Since is the block since which that is known; From is the first block after which a preorder
	// may be started, and Blocks how many are still to come.
	Since, From, Blocks int32
	// Unread says that copies of jobs may tell, and cannot be read now; blocks do not help then.
	// nil: there are none.
	Unread *own.UnreadCopies
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

// InDoubt says why no preorder of what a request is about is started at a tip; nil: one may be, or
// the user has agreed to it.
func (r *Doubts) InDoubt(ctx context.Context, req *job.Request, tip int32) (*InDoubt, error) {
	if r.LastDays == nil || !paysForNames(req) {
		return nil, nil
	}
	d, err := r.LastDays.Doubt(ctx, tip)
	if err != nil || d == nil || req.Assured == d.Since {
		return nil, err
	}
	e := &InDoubt{What: req.Subject(), Why: d.Why, Since: d.Since, From: d.Since + r.Blocks}
	if _, err := r.Search.Copied.Read(ctx); err != nil {
		return nil, err
	}
	if e.Unread = r.Search.Copied.Unread; e.Unread != nil && tip >= e.From {
		return e, nil
	}
	if tip >= e.From {
		// A node that was still reading old blocks when the doubt began has shown none of what came
		// after.
		late, err := r.cameAfter(ctx, e.From, d.At)
		if err != nil || late {
			return nil, err
		}
		if d, err = r.LastDays.Again(tip); err != nil {
			return nil, err
		}
		e.Since, e.From = d.Since, d.Since+r.Blocks
	}
	e.Blocks = e.From - tip
	return e, nil
}

// cameAfter says whether a block was made after a time, as far as its own time tells. The blocks of
// a test chain are made by its user.
func (r *Doubts) cameAfter(ctx context.Context, height int32, at time.Time) (bool, error) {
	if r.Net.GenerateSupported {
		return true, nil
	}
	block, err := r.Chain.BlockAt(ctx, height)
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

// Sure refuses to start a preorder while this home is in doubt.
func (r *Doubts) Sure(ctx context.Context, req *job.Request, tip int32) error {
	e, err := r.InDoubt(ctx, req, tip)
	if err == nil && e != nil {
		err = e
	}
	return err
}

// MayBegin refuses to sign for a series that has signed nothing as far as this journal knows, while
// this home is in doubt, or when preorders of its names were sent all the same.
func (r *Doubts) MayBegin(ctx context.Context, j *job.Job, tip int32) error {
	if err := r.Sure(ctx, &j.Request, tip); err != nil {
		return err
	}
	sent, err := r.Search.EveryPreorder(ctx, tip)
	if err != nil {
		return err
	}
	for _, q := range j.Request.Requests() {
		if q.Kind != job.KindRegister || j.ProgressOf(q.Name).State.Final() {
			continue
		}
		p, err := sent.Choose(ctx, &q)
		if err == nil && p != nil {
			err = sent.Outstanding(&q, p)
		}
		var ours *own.PreorderOurs
		if errors.As(err, &ours) && ours.Job == "" {
			ours.Job, ours.Unsigned = j.ID, true
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// KeptBoth is what happens before anything is sent: the copy of the journal is brought up to date,
// where there is one, and then it is noted which journal was sent with.
type KeptBoth struct {
	Copies ports.Copier
	Days   LastDays
}

// Keep does both.
func (k KeptBoth) Keep(ctx context.Context) error {
	if k.Copies != nil {
		if err := k.Copies.Keep(ctx); err != nil {
			return err
		}
	}
	return k.Days.Note(ctx)
}
