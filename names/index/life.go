package index

import (
	"math"

	"blockstack/names"
)

// alive reports whether a name exists at height n (protocol 7.3): it was registered by then, and its namespace is ready and its
// lifetime and grace period are not over, or its namespace is revealed and waits to be made ready. Note the >= of the renewal
// beside the > of the ready block.
func alive(p *names.Params, row *NameRow, space *NamespaceRow, n int32) bool {
	if row == nil || space == nil || row.FirstRegistered > n {
		return false
	}
	if !space.Ready() {
		return revealedAt(p, space, n)
	}
	_, epoch := p.Epoch(n)
	rules := epoch.Rules(names.AnyNamespace)
	life := int64(space.Lifetime)*int64(rules.LifetimeMultiplier) + int64(rules.GracePeriod)
	return int64(space.ReadyAt)+life > int64(n) || int64(row.LastRenewed)+life >= int64(n)
}

// revealedAt reports whether a namespace is revealed and not ready at height n.
func revealedAt(p *names.Params, space *NamespaceRow, n int32) bool {
	return space != nil && space.Act == ActReveal && space.RevealedAt <= n &&
		int64(n) < int64(space.RevealedAt)+int64(p.NamespaceRevealLifetime)
}

// deadlines are the heights at which a name's lifetime and its grace period end, seen from height n. ok is false while its
// namespace is not ready; heights past the last possible one mean never.
func deadlines(p *names.Params, row *NameRow, space *NamespaceRow, n int32) (expires, graceEnds int64, ok bool) {
	if row == nil || space == nil || !space.Ready() {
		return 0, 0, false
	}
	_, epoch := p.Epoch(n)
	rules := epoch.Rules(names.NamespaceID(space.ID))
	expires = int64(max(space.ReadyAt, row.LastRenewed)) + int64(space.Lifetime)*int64(rules.LifetimeMultiplier)
	return expires, expires + int64(rules.GracePeriod), true
}

// inGrace reports whether a name can only be renewed at height n.
func inGrace(p *names.Params, row *NameRow, space *NamespaceRow, n int32) bool {
	if !alive(p, row, space, n) {
		return false
	}
	expires, graceEnds, ok := deadlines(p, row, space, n)
	return ok && expires <= int64(n) && int64(n) < graceEnds
}

// heightOrNever turns a deadline into a height, 0 for never.
func heightOrNever(h int64) int32 {
	if h > math.MaxInt32 {
		return 0
	}
	return int32(h)
}

// live is the row of a name that is alive at L, revoked ones included.
func (w *work) live(name string) *NameRow {
	row := w.name(name)
	if row == nil || !alive(w.p, row, w.space(row.Space()), w.last) {
		return nil
	}
	return row
}

// registered is the row of a name that is alive at L and not revoked.
func (w *work) registered(name string) *NameRow {
	row := w.live(name)
	if row == nil || row.Revoked {
		return nil
	}
	return row
}

// grace reports whether a name is in its grace period at this block.
func (w *work) grace(row *NameRow) bool { return inGrace(w.p, row, w.space(row.Space()), w.height) }

// ready is the row of a namespace that is open at this moment.
func (w *work) ready(id string) *NamespaceRow {
	if s := w.space(id); s != nil && s.Ready() {
		return s
	}
	return nil
}

// revealed is the row of a namespace that was revealed by L and is not ready now.
func (w *work) revealed(id string) *NamespaceRow {
	if s := w.space(id); revealedAt(w.p, s, w.last) {
		return s
	}
	return nil
}

// namesOf are names that a script owns: alive at L and not revoked. At most limit are looked for.
func (w *work) namesOf(owner []byte, limit int) []*NameRow {
	var found []*NameRow
	add := func(name string) {
		row := w.registered(name)
		if row != nil && string(row.Owner) == string(owner) {
			found = append(found, row)
		}
	}
	gained := w.gained[string(owner)]
	for i, name := range gained {
		if !contains(gained[:i], name) && len(found) < limit {
			add(name)
		}
	}
	if w.err != nil || len(found) >= limit {
		return found
	}
	w.err = w.state.NamesOf(owner, func(name string) (bool, error) {
		if !contains(gained, name) {
			add(name)
		}
		return len(found) < limit && w.err == nil, w.err
	})
	return found
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}
