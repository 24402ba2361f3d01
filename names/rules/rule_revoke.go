package rules

import (
	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// checkRevoke applies protocol 8.6: unlike the other operations the name must be alive at this
// block, not only at the last one.
func checkRevoke(s *standing, l *nameop.Located, op nameop.NameRevoke) (*state.NameRow, *state.Refused) {
	if _, err := names.Parse(op.Name); err != nil {
		return nil, state.Refuse(state.ReasonBadName, "%s", err)
	}
	row := s.live(op.Name)
	switch {
	case row == nil:
		return nil, state.Refuse(state.ReasonNotRegistered, "")
	case s.ready(row.Space()) == nil:
		return nil, state.Refuse(state.ReasonNamespaceNotReady, "")
	case row.Revoked:
		return nil, state.Refuse(state.ReasonRevoked, "")
	case !state.Alive(s.p, row, s.space(row.Space()), s.height):
		return nil, state.Refuse(state.ReasonExpired, "")
	case s.grace(row):
		return nil, state.Refuse(state.ReasonGrace, "")
	case string(row.Owner) != string(l.Sender):
		return nil, state.Refuse(state.ReasonNotOwner, "%s", l.SenderAddress)
	}
	next := *row
	next.Revoked = true
	next.Value, next.HasValue = names.ZoneFileHash{}, false
	next.Act, next.At = state.ActRevoke, state.PlaceOf(l)
	return &next, nil
}
