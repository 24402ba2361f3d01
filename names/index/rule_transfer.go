package index

import (
	"blockstack/names"
	"blockstack/names/nameop"
)

// checkTransfer applies protocol 8.5. What the transfer adds to the consensus hash is the consensus hash of the last update since
// the name's creation, and its own only if there was none (protocol 6.6).
func (w *work) checkTransfer(l *nameop.Located, op nameop.NameTransfer) (*NameRow, *Refused) {
	row := w.byHash(op.NameHash)
	switch {
	case row == nil:
		return nil, refuse(ReasonNoMatch, "%s", op.NameHash)
	case w.ready(row.Space()) == nil:
		return nil, refuse(ReasonNamespaceNotReady, "")
	case w.grace(row):
		return nil, refuse(ReasonGrace, "")
	case !w.fresh(op.Consensus):
		return nil, refuse(ReasonStale, "%s", op.Consensus)
	case string(l.Sender) == string(l.Recipient):
		return nil, refuse(ReasonSameOwner, "")
	case string(row.Owner) != string(l.Sender):
		return nil, refuse(ReasonNotOwner, "%s", l.SenderAddress)
	case len(w.namesOf(l.Recipient, w.p.MaxNamesPerOwner)) >= w.p.MaxNamesPerOwner:
		return nil, refuse(ReasonQuota, "%s", l.RecipientAddress)
	case isScriptHash(l.Sender) && !w.epoch.Features.Has(names.FeatureMultisig):
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

// byHash is the registered name with a hash.
func (w *work) byHash(h nameop.Hash128) *NameRow {
	if w.err != nil {
		return nil
	}
	list, err := w.state.NamesByHash(h)
	if err != nil {
		w.err = err
		return nil
	}
	for _, name := range list {
		if row := w.registered(name); row != nil {
			return row
		}
	}
	return nil
}
