package index

import (
	"slices"

	"blockstack/names"
)

// openPreorder is the preorder of a name that a registration with this hash would use, and that forbids another one with the same
// hash: the oldest outstanding one, unless a name that is alive at L carries the hash (protocol 8.1).
func (s *standing) openPreorder(h names.PreorderHash) *PreorderRow {
	set := s.preorders.now(h)
	if set == nil {
		return nil
	}
	row := set.first(false)
	if row == nil || int64(row.At.Height) >= int64(s.last)+int64(s.p.NamePreorderLifetime) {
		return nil
	}
	for _, id := range set.Carriers {
		if isName(id) && s.live(id) != nil {
			return nil
		}
	}
	return row
}

// openNamespacePreorder is the same for namespaces. A namespace that carries the hash counts even when its reveal has expired.
func (s *standing) openNamespacePreorder(h names.PreorderHash) *PreorderRow {
	set := s.preorders.now(h)
	if set == nil {
		return nil
	}
	row := set.first(true)
	if row == nil || int64(row.At.Height) >= int64(s.last)+int64(s.p.NamespacePreorderLifetime) {
		return nil
	}
	for _, id := range set.Carriers {
		space := s.space(id)
		if isName(id) || space == nil {
			continue
		}
		if space.Ready() || int64(space.RevealedAt) < int64(s.last)+int64(s.p.NamespaceRevealLifetime) {
			return nil
		}
	}
	return row
}

// first is the oldest outstanding preorder of a kind.
func (s *PreorderSet) first(namespace bool) *PreorderRow {
	for i := range s.Open {
		if s.Open[i].Namespace == namespace {
			return &s.Open[i]
		}
	}
	return nil
}

// isName tells names from namespace ids.
func isName(id string) bool { return slices.Contains([]byte(id), '.') }

// addPreorder stores an accepted preorder.
func (s *standing) addPreorder(row *PreorderRow) {
	s.editPreorders(row.Hash, func(set *PreorderSet) {
		at, _ := slices.BinarySearchFunc(set.Open, row, func(a PreorderRow, b *PreorderRow) int {
			if a.At.Height != b.At.Height {
				return int(a.At.Height) - int(b.At.Height)
			}
			return compareText(a.At.Txid.String(), b.At.Txid.String())
		})
		set.Open = slices.Insert(set.Open, at, *row)
	})
}

// dropPreorders removes every outstanding preorder with a hash: a registration or reveal has used it.
func (s *standing) dropPreorders(h names.PreorderHash) {
	s.editPreorders(h, func(set *PreorderSet) { set.Open = nil })
}

// moveCarrier notes that the row of a name or namespace now carries a hash, and no longer the one it had before.
func (s *standing) moveCarrier(id string, before, now *names.PreorderHash) {
	if before != nil && *before == *now {
		return
	}
	if before != nil {
		s.editPreorders(*before, func(set *PreorderSet) {
			set.Carriers = slices.DeleteFunc(set.Carriers, func(c string) bool { return c == id })
		})
	}
	s.editPreorders(*now, func(set *PreorderSet) {
		at, found := slices.BinarySearch(set.Carriers, id)
		if !found {
			set.Carriers = slices.Insert(set.Carriers, at, id)
		}
	})
}

// editPreorders changes what is stored under a preorder hash.
func (s *standing) editPreorders(h names.PreorderHash, edit func(*PreorderSet)) {
	set := &PreorderSet{Hash: h}
	if now := s.preorders.now(h); now != nil {
		set.Open = append(set.Open, now.Open...)
		set.Carriers = append(set.Carriers, now.Carriers...)
	}
	edit(set)
	if set.empty() {
		set = nil
	}
	s.preorders.put(h, set)
}
