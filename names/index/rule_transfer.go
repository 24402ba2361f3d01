package index

import (
	"blockstack/names"
	"blockstack/names/nameop"
)

// checkTransfer applies protocol 8.5. What the transfer adds to the consensus hash is the consensus hash of the last update since
// the name's creation, and its own only if there was none (protocol 6.6).
func checkTransfer(s *standing, recent *quotes, l *nameop.Located, op nameop.NameTransfer) (*NameRow, *Refused) {
	row := s.byHash(op.NameHash)
	switch {
	case row == nil:
		return nil, refuse(ReasonNoMatch, "%s", op.NameHash)
	case s.ready(row.Space()) == nil:
		return nil, refuse(ReasonNamespaceNotReady, "")
	case s.grace(row):
		return nil, refuse(ReasonGrace, "")
	case !recent.fresh(op.Consensus):
		return nil, refuse(ReasonStale, "%s", op.Consensus)
	case string(l.Sender) == string(l.Recipient):
		return nil, refuse(ReasonSameOwner, "")
	case string(row.Owner) != string(l.Sender):
		return nil, refuse(ReasonNotOwner, "%s", l.SenderAddress)
	case len(s.namesOf(l.Recipient, s.p.MaxNamesPerOwner)) >= s.p.MaxNamesPerOwner:
		return nil, refuse(ReasonQuota, "%s", l.RecipientAddress)
	case isScriptHash(l.Sender) && !s.epoch.Features.Has(names.FeatureMultisig):
		return nil, refuse(ReasonScriptHash, "%s", l.SenderAddress)
	}
	next := *row
	next.Owner, next.PubKey = l.Recipient, nil
	next.Consensus, next.HasConsensus = op.Consensus, true
	if row.HasUpdated {
		next.Consensus = row.Updated
	}
	next.Act = ActTransferKeep
	if !op.Keep {
		next.Act = ActTransferErase
		next.Value, next.HasValue = names.ZoneFileHash{}, false
	}
	next.At = placeOf(l)
	return &next, nil
}
