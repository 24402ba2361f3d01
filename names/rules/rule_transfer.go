package rules

import (
	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// checkTransfer applies protocol 8.5. What the transfer adds to the consensus hash is the consensus
// hash of the last update since the name's creation, and its own only if there was none (protocol
// 6.6).
func checkTransfer(s *standing, recent *quotes, l *nameop.Located, op nameop.NameTransfer) (*state.NameRow, *state.Refused) {
	row := s.byHash(op.NameHash)
	switch {
	case row == nil:
		return nil, state.Refuse(state.ReasonNoMatch, "%s", op.NameHash)
	case s.ready(row.Space()) == nil:
		return nil, state.Refuse(state.ReasonNamespaceNotReady, "")
	case s.grace(row):
		return nil, state.Refuse(state.ReasonGrace, "")
	case !recent.fresh(op.Consensus):
		return nil, state.Refuse(state.ReasonStale, "%s", op.Consensus)
	case string(l.Sender) == string(l.Recipient):
		return nil, state.Refuse(state.ReasonSameOwner, "")
	case string(row.Owner) != string(l.Sender):
		return nil, state.Refuse(state.ReasonNotOwner, "%s", l.SenderAddress)
	case len(s.namesOf(l.Recipient, s.p.MaxNamesPerOwner)) >= s.p.MaxNamesPerOwner:
		return nil, state.Refuse(state.ReasonQuota, "%s", l.RecipientAddress)
	case isScriptHash(l.Sender) && !s.epoch.Features.Has(names.FeatureMultisig):
		return nil, state.Refuse(state.ReasonScriptHash, "%s", l.SenderAddress)
	}
	next := *row
	next.Owner, next.PubKey = l.Recipient, nil
	next.Consensus, next.HasConsensus = op.Consensus, true
	if row.HasUpdated {
		next.Consensus = row.Updated
	}
	next.Act = state.ActTransferKeep
	if !op.Keep {
		next.Act = state.ActTransferErase
		next.Value, next.HasValue = names.ZoneFileHash{}, false
	}
	next.At = state.PlaceOf(l)
	return &next, nil
}
