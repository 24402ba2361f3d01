// Package holdings tells what became of the names that somebody has or had: which ran out and can
// only be renewed, which are lost, and which have gone to somebody else. It decides by the index
// alone; which scripts are whose, and which names to look at, it is told.
package holdings

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/nameop"
)

// Event is what became of a name. The values are what programs see.
type Event string

// The events.
const (
	InGrace Event = "name_in_grace" // its term is over; only a renewal keeps it
	Lost    Event = "name_lost"     // it expired; perhaps somebody else has it by now
	Moved   Event = "name_moved"    // an owner gave it to somebody else
)

// Change is what became of one name.
type Change struct {
	Name   names.Name
	Event  Event
	Height int32          // the block in which it happened
	Txid   chainhash.Hash // the transaction that did it; zero: time did
	Owner  string         // whose address it has now; empty: nobody's
	Until  int32          // InGrace: the last block in which a renewal counts
}

// String says it in words.
func (c Change) String() string {
	switch c.Event {
	case InGrace:
		return fmt.Sprintf("%s ran out at block %d; only a renewal up to block %d keeps it", c.Name, c.Height, c.Until)
	case Moved:
		return fmt.Sprintf("%s was given to %s in block %d, transaction %s", c.Name, c.Owner, c.Height, c.Txid)
	}
	if c.Owner != "" {
		return fmt.Sprintf("%s expired at block %d, and %s has it now", c.Name, c.Height, c.Owner)
	}
	return fmt.Sprintf("%s expired at block %d", c.Name, c.Height)
}

// Names is what is asked of the index.
type Names interface {
	Record(ctx context.Context, n names.Name) (names.Record, error)
	HistoryFrom(ctx context.Context, subject string, q index.HistoryQuery) ([]index.HistoryEntry, error)
	OpStatus(ctx context.Context, txid chainhash.Hash) (index.OpStatus, bool, error)
}

// Touched gives the names that transactions have operated on, in order, once each.
func Touched(ctx context.Context, x Names, txids []chainhash.Hash) ([]names.Name, error) {
	seen := map[names.Name]bool{}
	for _, txid := range txids {
		op, found, err := x.OpStatus(ctx, txid)
		if err != nil {
			return nil, err
		}
		if !found || !op.Accepted {
			continue
		}
		if n, err := names.Parse(op.Subject); err == nil {
			seen[n] = true
		}
	}
	list := make([]names.Name, 0, len(seen))
	for n := range seen {
		list = append(list, n)
	}
	slices.SortFunc(list, func(a, b names.Name) int { return strings.Compare(a.String(), b.String()) })
	return list, nil
}

// Look tells what became of names that ours had, or has in their grace period. Names that are ours
// and in their term are left out, and those that ours never had.
func Look(ctx context.Context, x Names, list []names.Name, ours func(script []byte) bool) ([]Change, error) {
	var changes []Change
	for _, n := range list {
		c, err := look(ctx, x, n, ours)
		if err != nil {
			return nil, err
		}
		if c != nil {
			changes = append(changes, *c)
		}
	}
	return changes, nil
}

func look(ctx context.Context, x Names, n names.Name, ours func(script []byte) bool) (*Change, error) {
	rec, err := x.Record(ctx, n)
	if err != nil {
		return nil, err
	}
	if ours(rec.Owner) {
		switch rec.Status {
		case names.Grace:
			return &Change{Name: n, Event: InGrace, Height: rec.ExpiresAt, Owner: rec.OwnerAddress, Until: rec.GraceEnds}, nil
		case names.Expired:
			return &Change{Name: n, Event: Lost, Height: max(rec.GraceEnds, rec.ExpiresAt)}, nil
		}
		return nil, nil
	}
	// Somebody else has it: what followed the last operation after which it was ours?
	var had bool
	var then *index.HistoryEntry
	for q := (index.HistoryQuery{}); ; {
		page, err := x.HistoryFrom(ctx, n.String(), q)
		if err != nil {
			return nil, err
		}
		for i := range page {
			e := &page[i]
			switch {
			case e.Name == nil: // a preorder
			case ours(e.Name.Owner):
				had, then = true, nil
			case had && then == nil:
				then = e
			}
		}
		if len(page) < index.MaxPage {
			break
		}
		q.After = page[len(page)-1].At
	}
	if !had || then == nil {
		return nil, nil
	}
	c := &Change{Name: n, Event: Moved, Height: then.At.Height, Txid: then.At.Txid, Owner: rec.OwnerAddress}
	if then.Opcode == nameop.OpNameRegistration && then.OpName != (nameop.NameRenewal{}).OpName() || then.Opcode == nameop.OpNameImport {
		c.Event = Lost // it had expired before
	}
	return c, nil
}
