package index

import (
	"blockstack/names"
	"blockstack/names/nameop"
)

// checkRevoke applies protocol 8.6: unlike the other operations the name must be alive at this block, not only at the last one.
func (w *work) checkRevoke(l *nameop.Located, op nameop.NameRevoke) (*NameRow, *Refused) {
	if _, err := names.Parse(op.Name); err != nil {
		return nil, refuse(ReasonBadName, "%s", err)
	}
	row := w.live(op.Name)
	switch {
	case row == nil:
		return nil, refuse(ReasonNotRegistered, "")
	case w.ready(row.Space()) == nil:
		return nil, refuse(ReasonNamespaceNotReady, "")
	case row.Revoked:
		return nil, refuse(ReasonRevoked, "")
	case !alive(w.p, row, w.space(row.Space()), w.height):
		return nil, refuse(ReasonExpired, "")
	case w.grace(row):
		return nil, refuse(ReasonGrace, "")
	case string(row.Owner) != string(l.Sender):
		return nil, refuse(ReasonNotOwner, "%s", l.SenderAddress)
	}
	next := *row
	next.Revoked = true
	next.Value, next.HasValue = names.ZoneFileHash{}, false
	next.Act, next.At = ActRevoke, placeOf(l)
	return &next, nil
}
