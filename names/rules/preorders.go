package rules

import (
	"slices"
	"strings"

	"blockstack/names"
	"blockstack/names/state"
)

// openPreorder is the preorder of a name that a registration with this hash would use, and that
// forbids another one with the same hash: the oldest outstanding one, unless a name that is alive
// at L carries the hash (protocol 8.1).
func (s *standing) openPreorder(h names.PreorderHash) *state.PreorderRow {
	set := s.preorders.now(h)
	if set == nil {
		return nil
	}
	row := set.First(false)
	if row == nil || int64(row.At.Height) >= int64(s.last)+int64(s.p.NamePreorderLifetime) {
		return nil
	}
	for _, id := range set.Carriers {
		if state.IsName(id) && s.live(id) != nil {
			return nil
		}
	}
	return row
}

// openNamespacePreorder is the same for namespaces. A namespace that carries the hash counts even
// when its reveal has expired.
func (s *standing) openNamespacePreorder(h names.PreorderHash) *state.PreorderRow {
	set := s.preorders.now(h)
	if set == nil {
		return nil
	}
	row := set.First(true)
	if row == nil || int64(row.At.Height) >= int64(s.last)+int64(s.p.NamespacePreorderLifetime) {
		return nil
	}
	for _, id := range set.Carriers {
		space := s.space(id)
		if state.IsName(id) || space == nil {
			continue
		}
		if space.Ready() || int64(space.RevealedAt) < int64(s.last)+int64(s.p.NamespaceRevealLifetime) {
			return nil
		}
	}
	return row
}

// OpenPreorder is the outstanding preorder of a name that a registration with this hash would use
// up in the block at a height; the state is the one before that block.
func OpenPreorder(p *names.Params, s State, height int32, h names.PreorderHash) (*state.PreorderRow, error) {
	src := &source{State: s}
	row := newStanding(momentOf(p, height), src).openPreorder(h)
	return row, src.err
}

// OpenNamespacePreorder is the same for a namespace and a reveal.
func OpenNamespacePreorder(p *names.Params, s State, height int32, h names.PreorderHash) (*state.PreorderRow, error) {
	src := &source{State: s}
	row := newStanding(momentOf(p, height), src).openNamespacePreorder(h)
	return row, src.err
}

// addPreorder stores an accepted preorder.
func (s *standing) addPreorder(row *state.PreorderRow) {
	s.editPreorders(row.Hash, func(set *state.PreorderSet) {
		at, _ := slices.BinarySearchFunc(set.Open, row, func(a state.PreorderRow, b *state.PreorderRow) int {
			if a.At.Height != b.At.Height {
				return int(a.At.Height) - int(b.At.Height)
			}
			return strings.Compare(a.At.Txid.String(), b.At.Txid.String())
		})
		set.Open = slices.Insert(set.Open, at, *row)
	})
}

// dropPreorders removes every outstanding preorder with a hash: a registration or reveal has used
// it.
func (s *standing) dropPreorders(h names.PreorderHash) {
	s.editPreorders(h, func(set *state.PreorderSet) { set.Open = nil })
}

// moveCarrier notes that the row of a name or namespace now carries a hash, and no longer the one
// it had before.
func (s *standing) moveCarrier(id string, before, now *names.PreorderHash) {
	if before != nil && *before == *now {
		return
	}
	if before != nil {
		s.editPreorders(*before, func(set *state.PreorderSet) {
			set.Carriers = slices.DeleteFunc(set.Carriers, func(c string) bool { return c == id })
		})
	}
	s.editPreorders(*now, func(set *state.PreorderSet) {
		at, found := slices.BinarySearch(set.Carriers, id)
		if !found {
			set.Carriers = slices.Insert(set.Carriers, at, id)
		}
	})
}

// editPreorders changes what is stored under a preorder hash.
func (s *standing) editPreorders(h names.PreorderHash, edit func(*state.PreorderSet)) {
	set := &state.PreorderSet{Hash: h}
	if now := s.preorders.now(h); now != nil {
		set.Open = append(set.Open, now.Open...)
		set.Carriers = append(set.Carriers, now.Carriers...)
	}
	edit(set)
	if set.Empty() {
		set = nil
	}
	s.preorders.put(h, set)
}
