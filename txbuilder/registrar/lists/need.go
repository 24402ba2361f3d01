package lists

import (
	"bytes"
	"context"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/terms"
)

// need finds out what a name needs next.
func (r *Run) need(ctx context.Context, w Wallet, l *Line, rec *names.Record) error {
	if rec.Status == names.Available || rec.Status == names.Expired {
		if r.RenewOnly {
			l.Refused = &terms.NotOwner{Name: l.Name, Status: rec.Status}
			return nil
		}
		l.Item = &job.Item{Kind: job.KindRegister, Name: l.Name, Owner: l.To, ZoneFile: l.ZoneFile}
		return nil
	}
	l.Owner = rec.Owner
	ours, err := w.Ours(ctx, rec.Owner)
	if err != nil {
		return err
	}
	gives := l.To != nil && !bytes.Equal(l.To, rec.Owner)
	points := l.ZoneFile != nil && (!rec.HasZoneFile || rec.ZoneFile != names.HashZoneFile(l.ZoneFile))
	renews := l.Renew > 0 && rec.ExpiresAt > 0 && rec.ExpiresAt <= rec.Height+l.Renew && !Young(rec)
	it := &job.Item{Name: l.Name, Owner: rec.Owner}
	switch {
	case !ours && (l.To == nil || gives || points), rec.Status == names.Revoked:
		l.Refused = &terms.NameTaken{Name: l.Name, Status: rec.Status, Owner: rec.OwnerAddress}
		return nil
	case !ours:
		return nil // it is where it was to go
	case renews:
		it.Kind = job.KindRenew
		if gives {
			it.To = l.To
		}
		if points {
			it.ZoneFile = l.ZoneFile
		}
	case points:
		it.Kind, it.ZoneFile = job.KindUpdate, l.ZoneFile
	case gives:
		it.Kind, it.To = job.KindTransfer, l.To
	default:
		return nil
	}
	l.Item = it
	return nil
}

// Young says that less than a tenth of a name's term is over: it is not paid for again, however far
// a list looks ahead.
func Young(rec *names.Record) bool {
	return rec.Status != names.Grace && rec.Height-rec.RenewedAt <= (rec.ExpiresAt-rec.RenewedAt)/10
}

// assign gives the free names without an owner to identities that have room.
func (r *Run) assign(ctx context.Context, e Engine, w Wallet, todo []*Line) error {
	// What the list brings to owners that it names counts, too.
	coming := make(map[string]int)
	for _, l := range todo {
		if l.To != nil {
			coming[string(l.To)]++
		}
	}
	next, room, script := uint32(0), 0, []byte(nil)
	for _, l := range todo {
		if l.Item.Owner != nil {
			l.Owner = l.Item.Owner
			continue
		}
		for room == 0 {
			if next > r.MaxIdentity {
				l.Refused = &NoRoom{}
				return nil
			}
			var err error
			if script, err = w.OwnerScript(ctx, next); err != nil {
				return err
			}
			if room, err = e.Room(ctx, script); err != nil {
				return err
			}
			room = max(0, room-coming[string(script)])
			next++
		}
		room--
		l.Item.Owner, l.Owner = script, script
	}
	return nil
}
