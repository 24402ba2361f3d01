package index

import (
	"blockstack/names"
	"blockstack/names/nameop"
)

// checkRevoke applies protocol 8.6: unlike the other operations the name must be alive at this block, not only at the last one.
func checkRevoke(s *standing, l *nameop.Located, op nameop.NameRevoke) (*NameRow, *Refused) {
	if _, err := names.Parse(op.Name); err != nil {
		return nil, refuse(ReasonBadName, "%s", err)
	}
	row := s.live(op.Name)
	switch {
	case row == nil:
		return nil, refuse(ReasonNotRegistered, "")
	case s.ready(row.Space()) == nil:
		return nil, refuse(ReasonNamespaceNotReady, "")
	case row.Revoked:
		return nil, refuse(ReasonRevoked, "")
	case !alive(s.p, row, s.space(row.Space()), s.height):
		return nil, refuse(ReasonExpired, "")
	case s.grace(row):
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
