package rules

import (
	"slices"

	"blockstack/names/nameop"
	"blockstack/names/state"
)

// live is the row of a name that is alive at L, revoked ones included.
func (s *standing) live(name string) *state.NameRow {
	row := s.name(name)
	if row == nil || !state.Alive(s.p, row, s.space(row.Space()), s.last) {
		return nil
	}
	return row
}

// registered is the row of a name that is alive at L and not revoked.
func (s *standing) registered(name string) *state.NameRow {
	row := s.live(name)
	if row == nil || row.Revoked {
		return nil
	}
	return row
}

// grace reports whether a name is in its grace period at this block.
func (s *standing) grace(row *state.NameRow) bool {
	return state.InGrace(s.p, row, s.space(row.Space()), s.height)
}

// ready is the row of a namespace that is open at this moment.
func (s *standing) ready(id string) *state.NamespaceRow {
	if row := s.space(id); row != nil && row.Ready() {
		return row
	}
	return nil
}

// revealed is the row of a namespace that was revealed by L and is not ready now.
func (s *standing) revealed(id string) *state.NamespaceRow {
	if row := s.space(id); state.RevealedAt(s.p, row, s.last) {
		return row
	}
	return nil
}

// namesOf are names that a script owns: alive at L and not revoked. At most limit are looked for.
func (s *standing) namesOf(owner []byte, limit int) []*state.NameRow {
	var found []*state.NameRow
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
func (s *standing) byHash(h nameop.Hash128) *state.NameRow {
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
