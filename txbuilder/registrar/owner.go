package registrar

import (
	"fmt"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
)

// explainOwner says what cannot be undone about an owner's operation.
func (e *Estimate) explainOwner(j *job.Job) {
	req, n := &j.Request, j.Request.Name
	if req.To != nil {
		e.Irreversible = append(e.Irreversible, fmt.Sprintf("once it is in a block, %s belongs to the new owner, and only they can give it back", n))
	}
	switch req.Kind {
	case job.KindRenew:
		paid := txbuilder.FormatAmount(e.Burn)
		if e.BurnTokens != nil {
			paid += fmt.Sprintf(" and %s microSTACKS", e.BurnTokens)
			if len(req.ZoneFile) == 0 {
				e.Risks = append(e.Risks, "paid in STACKS, a renewal writes the zone-file hash anew: the one there is now, or zeroes if there is none")
			}
		}
		e.Irreversible = append(e.Irreversible,
			fmt.Sprintf("once the renewal is in a block, the %s it pays is gone, whether or not it counts", paid))
		if w := e.Renewal.Wasted; w > 0 {
			e.Irreversible = append(e.Irreversible, fmt.Sprintf("a renewal restarts the lifetime; the %d blocks that are left are thrown away", w))
		}
	case job.KindTransfer:
		if req.Erase {
			e.Irreversible = append(e.Irreversible, "the zone-file hash is erased")
		}
	case job.KindRevoke:
		e.Irreversible = append(e.Irreversible,
			fmt.Sprintf("%s becomes unusable, for its owner too, and nobody can have it before it has expired", n))
	}
	e.Risks = append(e.Risks, "a reorganisation deeper than the confirmations waited for could make the index refuse it; the job then says so")
}
