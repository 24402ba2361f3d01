package job

import (
	"bytes"

	"blockstack/names"
)

// Live says whether somebody has a name of this status.
func Live(s names.Status) bool {
	return s == names.Registered || s == names.Grace || s == names.Revoked
}

// Met says whether a record shows what a request wants.
func Met(req *Request, rec *names.Record) bool {
	switch req.Kind {
	case KindRevoke:
		return rec.Status == names.Revoked && bytes.Equal(rec.Owner, req.Owner)
	case KindTransfer:
		return Live(rec.Status) && bytes.Equal(rec.Owner, req.To)
	case KindUpdate:
		return Live(rec.Status) && bytes.Equal(rec.Owner, req.Owner) && rec.HasZoneFile && rec.ZoneFile == names.HashZoneFile(req.ZoneFile)
	}
	owner := req.Owner
	if req.To != nil {
		owner = req.To
	}
	// A renewal stands for a tenth of the term that it paid for, or as long as a reorg may undo it,
	// but not beyond half of a short term. Then the same command means another one.
	term := rec.ExpiresAt - rec.RenewedAt
	young := !PastTerm(rec) && rec.Height-rec.RenewedAt <= min(max(reorgDepth, term/10), term/2)
	return Live(rec.Status) && bytes.Equal(rec.Owner, owner) && young &&
		(len(req.ZoneFile) == 0 || rec.ZoneFile == names.HashZoneFile(req.ZoneFile))
}

// PastTerm says whether a name's term is over by the next block, so that it can only be renewed.
func PastTerm(rec *names.Record) bool { return rec.ExpiresAt > 0 && rec.Height+1 >= rec.ExpiresAt }

// Lifetime is how long the preorder of a job of some kind can be used, by the rules of the block
// after a tip. Namespace preorders never lapse (protocol 16.3). Before preorders expire by their
// own rule they lapse with the lifetime of a name.
func (k Kind) Lifetime(p *names.Params, tip int32) int32 {
	if k != KindRegister {
		return 0
	}
	if _, e := p.Epoch(tip + 1); e.Features.Has(names.FeaturePreorderExpire) {
		return p.NamePreorderLifetime
	}
	return 0
}
