package index

import (
	"math"
	"slices"

	"blockstack/names"
	"blockstack/names/nameop"
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
func (s *standing) live(name string) *NameRow {
	row := s.name(name)
	if row == nil || !alive(s.p, row, s.space(row.Space()), s.last) {
		return nil
	}
	return row
}

// registered is the row of a name that is alive at L and not revoked.
func (s *standing) registered(name string) *NameRow {
	row := s.live(name)
	if row == nil || row.Revoked {
		return nil
	}
	return row
}

// grace reports whether a name is in its grace period at this block.
func (s *standing) grace(row *NameRow) bool { return inGrace(s.p, row, s.space(row.Space()), s.height) }

// ready is the row of a namespace that is open at this moment.
func (s *standing) ready(id string) *NamespaceRow {
	if row := s.space(id); row != nil && row.Ready() {
		return row
	}
	return nil
}

// revealed is the row of a namespace that was revealed by L and is not ready now.
func (s *standing) revealed(id string) *NamespaceRow {
	if row := s.space(id); revealedAt(s.p, row, s.last) {
		return row
	}
	return nil
}

// namesOf are names that a script owns: alive at L and not revoked. At most limit are looked for.
func (s *standing) namesOf(owner []byte, limit int) []*NameRow {
	var found []*NameRow
	add := func(name string) {
		row := s.registered(name)
		if row != nil && string(row.Owner) == string(owner) {
			found = append(found, row)
		}
	}
	gained := s.gained[string(owner)]
	for i, name := range gained {
		if !slices.Contains(gained[:i], name) && len(found) < limit {
			add(name)
		}
	}
	if s.src.err != nil || len(found) >= limit {
		return found
	}
	s.src.err = s.src.NamesOf(owner, func(name string) (bool, error) {
		if !slices.Contains(gained, name) {
			add(name)
		}
		return len(found) < limit && s.src.err == nil, s.src.err
	})
	return found
}

// byHash is the registered name with a hash.
func (s *standing) byHash(h nameop.Hash128) *NameRow {
	if s.src.err != nil {
		return nil
	}
	list, err := s.src.NamesByHash(h)
	if err != nil {
		s.src.err = err
		return nil
	}
	for _, name := range list {
		if row := s.registered(name); row != nil {
			return row
		}
	}
	return nil
}
