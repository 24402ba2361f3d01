package rules

import (
	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// checkUpdate applies protocol 8.4. The name is found by trying the sender's names with the recent
// consensus hashes.
func checkUpdate(s *standing, recent *quotes, l *nameop.Located, op nameop.NameUpdate) (*state.NameRow, *state.Refused) {
	owned := s.namesOf(l.Sender, s.p.MaxNamesPerOwner+1)
	if len(owned) > s.p.MaxNamesPerOwner {
		return nil, state.Refuse(state.ReasonQuota, "%s", l.SenderAddress)
	}
	row, quoted := matchUpdate(recent, owned, op.NameConsensus)
	switch {
	case row == nil:
		return nil, state.Refuse(state.ReasonNoMatch, "%s with %d names of %s", op.NameConsensus, len(owned), l.SenderAddress)
	case s.ready(row.Space()) == nil:
		return nil, state.Refuse(state.ReasonNamespaceNotReady, "")
	case s.space(row.Space()).Lifetime != names.InfiniteLifetime && s.grace(row):
		return nil, state.Refuse(state.ReasonGrace, "")
	}
	next := *row
	next.Value, next.HasValue = op.ZoneFile, true
	next.Consensus, next.HasConsensus = quoted, true
	next.Updated, next.HasUpdated = quoted, true
	next.Act, next.At = state.ActUpdate, state.PlaceOf(l)
	return &next, nil
}

// matchUpdate finds the name and the consensus hash that an update's hash was made of.
func matchUpdate(recent *quotes, owned []*state.NameRow, want nameop.Hash128) (*state.NameRow, names.ConsensusHash) {
	for _, row := range owned {
		for _, h := range recent.recent() {
			if nameop.UpdateHash(row.Name, h) == want {
				return row, h
			}
		}
	}
	return nil, names.ConsensusHash{}
}
