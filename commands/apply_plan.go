package commands

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/line"
	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
)

// applyLine is one name of a run.
type applyLine struct {
	wish
	to       []byte // wanted owner, nil: any of ours
	zoneFile []byte // wanted zone file, nil: any

	action  registrar.Kind // what is done, or was done last; empty: nothing
	job     registrar.ID
	owner   []byte // who has it, or will
	cost    *registrar.ItemCost
	item    *registrar.Item    // to be started
	found   *registrar.Request // was preordered already, and is gone on with
	alone   *registrar.Request // is renewed by a job of its own, at the estimate
	refused error
	printed bool

	estimate *registrar.Estimate
}

// plan finds out what each name still needs, and plans it; nil: nothing is to be started.
func (a *applyRun) plan(ctx context.Context, rate txbuilder.FeeRate) (b *registrar.Batch, err error) {
	err = a.env.withKeys(ctx, func() error {
		return a.env.withJobs(ctx, nil, func(r *registrar.Registrar) error {
			b, err = a.planWith(ctx, r, rate)
			return err
		})
	})
	return b, err
}

func (a *applyRun) planWith(ctx context.Context, r *registrar.Registrar, rate txbuilder.FeeRate) (*registrar.Batch, error) {
	jobs, err := r.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	flying := map[names.Name]*registrar.Job{}
	for _, j := range jobs {
		if !j.Open() {
			continue
		}
		for _, q := range j.Request.Requests() {
			flying[q.Name] = j
		}
	}
	splits := map[registrar.ID]bool{}
	var todo []*applyLine
	for _, l := range a.lines {
		l.item, l.found, l.alone = nil, nil, nil
		if l.refused != nil {
			continue
		}
		if j := flying[l.Name]; j != nil {
			if q, busy := inFlight(j, l); busy {
				alone, err := a.stands(ctx, r, j, l)
				if c := new(registrar.Conflict); errors.As(err, &c) {
					l.refused = c
					continue
				}
				if err == nil && alone {
					if err = a.renewAlone(ctx, r, l, rate); err == nil {
						continue
					}
				}
				if err != nil {
					return nil, err
				}
				if l.refused = l.clash(j, &q); l.refused == nil {
					l.owner = q.Owner
					a.adopt(j)
					if j.Request.Kind == registrar.KindSeries {
						splits[j.Request.Series.Split] = true
					}
				}
				continue
			}
		}
		if a.jobs[l.job] != nil && a.jobs[l.job].ProgressOf(l.Name).State != registrar.Done {
			continue // it ended badly in this run, which is told as it is
		}
		rec, err := r.Record(ctx, l.Name)
		if err != nil {
			return nil, err
		}
		if err := a.need(ctx, l, &rec); err != nil {
			return nil, err
		}
		if l.item != nil {
			todo = append(todo, l)
		}
	}
	for _, j := range jobs {
		if splits[j.ID] {
			a.adopt(j)
		}
	}
	ceiling, err := a.remaining(ctx, r)
	if err != nil {
		return nil, err
	}
	if ceiling, err = a.reserveAlone(ceiling); err != nil || len(todo) == 0 {
		return nil, err
	}
	if err := a.assign(ctx, r, todo); err != nil {
		return nil, err
	}
	todo = slices.DeleteFunc(todo, func(l *applyLine) bool { return l.refused != nil })
	if len(todo) == 0 {
		return nil, nil
	}
	req := registrar.BatchRequest{Rate: rate, MaxTotal: ceiling, List: a.list, Scripts: a.env.batchScripts}
	for _, l := range todo {
		req.Items = append(req.Items, *l.item)
	}
	b, err := r.PlanBatch(ctx, req)
	if err != nil {
		return nil, err
	}
	for i, l := range todo {
		l.refused = a.env.nameOwner(ctx, b.Refused[i])
		if e := new(registrar.RenewalOurs); errors.As(l.refused, &e) && e.Job == "" { // it was sent, and no job follows it
			l.refused = nil
			if err := a.renewAlone(ctx, r, l, rate); err != nil {
				return nil, err
			}
			continue
		}
		if l.goOn(rate); l.refused == nil && l.found == nil {
			l.cost = &b.Costs[i]
		}
	}
	return b, nil
}

// clash is why a job that is under way is not what a line wants; nil when it leads there.
func (l *applyLine) clash(j *registrar.Job, q *registrar.Request) error {
	owner := q.Owner
	if q.To != nil {
		owner = q.To
	}
	switch {
	case q.Kind == registrar.KindRevoke:
		return &registrar.Conflict{ID: j.ID, What: "purpose"}
	case q.Kind == registrar.KindRegister && l.to != nil && !bytes.Equal(owner, l.to), q.To != nil && !bytes.Equal(owner, l.to):
		return &registrar.Conflict{ID: j.ID, What: "owner"}
	case l.zoneFile != nil && len(q.ZoneFile) > 0 && !bytes.Equal(q.ZoneFile, l.zoneFile):
		return &registrar.Conflict{ID: j.ID, What: "zone file"}
	}
	return nil
}

// need finds out what a name needs next.
func (a *applyRun) need(ctx context.Context, l *applyLine, rec *names.Record) error {
	if rec.Status == names.Available || rec.Status == names.Expired {
		if a.schema == "name.renew" {
			l.refused = &registrar.NotOwner{Name: l.Name, Status: rec.Status}
			return nil
		}
		l.item = &registrar.Item{Kind: registrar.KindRegister, Name: l.Name, Owner: l.to, ZoneFile: l.zoneFile}
		return nil
	}
	l.owner = rec.Owner
	w, err := a.env.Wallet(ctx)
	if err != nil {
		return err
	}
	_, ours, err := w.ScriptAddress(ctx, rec.Owner)
	if err != nil {
		return err
	}
	gives := l.to != nil && !bytes.Equal(l.to, rec.Owner)
	points := l.zoneFile != nil && (!rec.HasZoneFile || rec.ZoneFile != names.HashZoneFile(l.zoneFile))
	// A term of which less than a tenth is over is not paid for again, however far the list looks ahead.
	young := rec.Status != names.Grace && rec.Height-rec.RenewedAt <= (rec.ExpiresAt-rec.RenewedAt)/10
	renews := l.Renew > 0 && rec.ExpiresAt > 0 && rec.ExpiresAt <= rec.Height+l.Renew && !young
	it := &registrar.Item{Name: l.Name, Owner: rec.Owner}
	switch {
	case !ours && (l.to == nil || gives || points), rec.Status == names.Revoked:
		l.refused = &registrar.NameTaken{Name: l.Name, Status: rec.Status, Owner: rec.OwnerAddress}
		return nil
	case !ours:
		return nil // it is where it was to go
	case renews:
		it.Kind = registrar.KindRenew
		if gives {
			it.To = l.to
		}
		if points {
			it.ZoneFile = l.zoneFile
		}
	case points:
		it.Kind, it.ZoneFile = registrar.KindUpdate, l.zoneFile
	case gives:
		it.Kind, it.To = registrar.KindTransfer, l.to
	default:
		return nil
	}
	l.item = it
	return nil
}

// assign gives the free names without an owner to identities that have room.
func (a *applyRun) assign(ctx context.Context, r *registrar.Registrar, todo []*applyLine) error {
	w, err := a.env.Wallet(ctx)
	if err != nil {
		return err
	}
	// What the list brings to owners that it names counts, too.
	coming := map[string]int{}
	for _, l := range todo {
		if l.to != nil {
			coming[string(l.to)]++
		}
	}
	next, room, script := uint32(0), 0, []byte(nil)
	for _, l := range todo {
		if l.item.Owner != nil {
			l.owner = l.item.Owner
			continue
		}
		for room == 0 {
			if next > line.MaxIdentity {
				l.refused = fault.New("quota", "no identity has room for another name")
				return nil
			}
			if script, err = w.OwnerScript(ctx, next); err != nil {
				return err
			}
			if room, err = r.Room(ctx, script); err != nil {
				return err
			}
			room = max(0, room-coming[string(script)])
			next++
		}
		room--
		l.item.Owner, l.owner = script, script
	}
	return nil
}

// refusals ends a run in which the rules refuse a name, before anything is signed, unless the others are to go on.
func (a *applyRun) refusals() error {
	var refused []*applyLine
	for _, l := range a.lines {
		if l.refused != nil {
			refused = append(refused, l)
		}
	}
	if len(refused) == 0 || a.partial {
		return nil
	}
	if err := a.emit(true); err != nil {
		return err
	}
	return a.common(refused, fmt.Sprintf("%d of %d names cannot be brought to what is wanted; nothing was signed", len(refused), len(a.lines))).
		Hint("take them out of the list, or go on with the others: --partial")
}

// common is the fault of lines that failed: with the code that they share, else one for all.
func (a *applyRun) common(failed []*applyLine, text string) *fault.Fault {
	code := ""
	for _, l := range failed {
		c := "job_rejected"
		if l.refused != nil {
			c = faults.Of(context.Background(), l.refused).Code
		}
		if code == "" {
			code = c
		}
		if c != code {
			code = "not_all_done"
		}
	}
	f := fault.New(code, "%s", text).Keep()
	if l := failed[0]; l.refused != nil {
		f.Message += fmt.Sprintf(": %v", l.refused)
		f.Because(errors.Join(l.refused))
		if c := new(registrar.Conflict); errors.As(l.refused, &c) && c.Listed { // nothing goes on by itself
			f.Hints = append(f.Hints, faults.Of(context.Background(), l.refused).Hints...)
		}
	}
	return f
}
