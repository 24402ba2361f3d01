package job

import (
	"fmt"

	"blockstack/names"
	"blockstack/names/zonefile"
	"blockstack/txbuilder"
)

// checkImport refuses contradictions in the request for an import.
func (r *Request) checkImport(p *names.Params) error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ErrBadRequest}, args...)...)
	}
	s := r.Import
	switch {
	case s == nil || !r.Name.IsZero() || r.Namespace != nil || r.To != nil || r.Erase || len(r.ZoneFile) > 0:
		return bad("an import needs its list and nothing else")
	case len(s.Names) == 0 || len(s.Names) > MaxImports:
		return bad("an import of %d names; one job takes 1 to %d", len(s.Names), MaxImports)
	case len(s.Ring) == 0 && len(s.Names) > 1:
		return bad("an import of several names needs keys of the ring")
	}
	if _, err := names.ParseNamespaceID(s.Namespace.String()); err != nil {
		return err
	}
	for _, script := range append([][]byte{r.Owner}, s.Ring...) {
		if txbuilder.KindOf(script) != txbuilder.KindP2PKH {
			return &txbuilder.ForbiddenScript{Where: "import key", Kind: txbuilder.KindOf(script), Script: script, Reason: "an import key must be P2PKH, so that its public key shows"}
		}
	}
	seen := make(map[names.Name]bool)
	for _, n := range s.Names {
		switch {
		case n.Name.IsZero() || n.Name.Namespace() != s.Namespace:
			return bad("%s is not in namespace %s", n.Name, s.Namespace)
		case seen[n.Name]:
			return bad("%s is in the list twice", n.Name)
		}
		seen[n.Name] = true
		if _, err := p.ScriptAddress(n.Owner); err != nil {
			return &txbuilder.ForbiddenScript{Where: "owner of " + n.Name.String(), Kind: txbuilder.KindOf(n.Owner), Script: n.Owner, Reason: ownerReason}
		}
		if len(n.ZoneFile) == 0 {
			continue
		}
		if _, err := zonefile.Parse(n.ZoneFile); err != nil {
			return fmt.Errorf("%s: zone file: %w", n.Name, err)
		}
		if names.HashZoneFile(n.ZoneFile) != n.Hash {
			return bad("the zone file of %s has another hash", n.Name)
		}
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

// checkBatch refuses contradictions in the request of a split or a series.
func (r *Request) checkBatch(p *names.Params) error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ErrBadRequest}, args...)...)
	}
	if !r.Name.IsZero() || r.Namespace != nil || r.To != nil || r.Erase || len(r.ZoneFile) > 0 || r.External {
		return bad("a job of a batch is about several names")
	}
	if r.Kind == KindSplit {
		if r.Split == nil || r.Series != nil || len(r.Split.Outputs) == 0 || len(r.Split.Outputs) > MaxSplitSeries {
			return bad("a split makes 1 to %d coins", MaxSplitSeries)
		}
		return nil
	}
	if r.Series == nil || r.Split != nil || len(r.Series.Items) == 0 || len(r.Series.Items) > MaxSeries {
		return bad("a series has 1 to %d names", MaxSeries)
	}
	seen := make(map[names.Name]bool)
	for i := range r.Series.Items {
		q := r.Series.Items[i].Request(r)
		if !q.Kind.HasName() || q.Kind == KindRevoke || seen[q.Name] {
			return bad("%s of %s cannot be part of a series, or stands there twice", q.Kind, q.Name)
		}
		seen[q.Name] = true
		if _, err := q.Normal(p, r.Confirmations); err != nil {
			return fmt.Errorf("%s: %w", q.Name, err)
		}
	}
	return nil
}
