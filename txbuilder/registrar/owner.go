package registrar

import (
	"fmt"

	"blockstack/names"
	"blockstack/txbuilder"
)

// An operation of a name's owner (renew, update, transfer, revoke) is one
// transaction, whose input 0 is a coin of the owner. Such a job takes the states
// Planned, UpdateSigned, UpdateConfirmed and Done.

// ofOwner says whether the kind is an operation of a name's owner.
func (k Kind) ofOwner() bool {
	return k == KindRenew || k == KindUpdate || k == KindTransfer || k == KindRevoke
}

// hasName says whether the kind is about a name.
func (k Kind) hasName() bool { return k == KindRegister || k.ofOwner() }

// role is the transaction of an owner's operation.
func (k Kind) role() Role {
	switch k {
	case KindRenew:
		return RoleRenew
	case KindTransfer:
		return RoleTransfer
	case KindRevoke:
		return RoleRevoke
	}
	return RoleUpdate
}

// recipient is who gets or keeps the name by the request; nil when its owner
// stays.
func (r *Request) recipient() []byte {
	switch r.Kind {
	case KindRegister:
		return r.Owner
	case KindRenew, KindTransfer:
		return r.To
	}
	return nil
}

// checkOwnerOp refuses contradictions in the request for an owner's operation.
func (r *Request) checkOwnerOp(p *names.Params) error {
	bad := func(text string) error { return fmt.Errorf("%w: %s", ErrBadRequest, text) }
	switch {
	case r.Name.IsZero() || r.Namespace != nil:
		return bad("it needs a name and no namespace rules")
	case r.Kind == KindUpdate && (len(r.ZoneFile) == 0 || r.To != nil):
		return bad("an update needs a zone file and no new owner")
	case r.Kind == KindTransfer && (r.To == nil || len(r.ZoneFile) > 0):
		return bad("a transfer needs a new owner and no zone file")
	case r.Kind == KindRevoke && (r.To != nil || len(r.ZoneFile) > 0):
		return bad("to revoke a name needs neither zone file nor new owner")
	case r.Erase && r.Kind != KindTransfer:
		return bad("only a transfer erases the zone-file hash")
	case r.To == nil:
		return nil
	}
	if _, err := p.ScriptAddress(r.To); err != nil {
		return &txbuilder.ForbiddenScript{Where: "new owner", Kind: txbuilder.KindOf(r.To), Script: r.To, Reason: ownerReason}
	}
	return nil
}

// ownerReason says what a name can belong to.
const ownerReason = "names can only belong to P2PKH and P2SH addresses, which begin with 1 or 3 (m, n or 2 on test networks)"

// explainOwner says what cannot be undone about an owner's operation.
func (e *Estimate) explainOwner(j *Job) {
	req, n := &j.Request, j.Request.Name
	if req.To != nil {
		e.Irreversible = append(e.Irreversible, fmt.Sprintf("once it is in a block, %s belongs to the new owner, and only they can give it back", n))
	}
	switch req.Kind {
	case KindRenew:
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
	case KindTransfer:
		if req.Erase {
			e.Irreversible = append(e.Irreversible, "the zone-file hash is erased")
		}
	case KindRevoke:
		e.Irreversible = append(e.Irreversible,
			fmt.Sprintf("%s becomes unusable, for its owner too, and nobody can have it before it has expired", n))
	}
	e.Risks = append(e.Risks, "a reorganisation deeper than the confirmations waited for could make the index refuse it; the job then says so")
}
