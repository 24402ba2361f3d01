package index

import (
	"slices"

	"blockstack/names"
)

// openPreorder is the preorder of a name that a registration with this hash would use, and that forbids another one with the same
// hash: the oldest outstanding one, unless a name that is alive at L carries the hash (protocol 8.1).
func (w *work) openPreorder(h names.PreorderHash) *PreorderRow {
	set := w.preorderChange(h).now
	if set == nil {
		return nil
	}
	row := set.first(false)
	if row == nil || int64(row.At.Height) >= int64(w.last)+int64(w.p.NamePreorderLifetime) {
		return nil
	}
	for _, id := range set.Carriers {
		if isName(id) && w.live(id) != nil {
			return nil
		}
	}
	return row
}

// openNamespacePreorder is the same for namespaces. A namespace that carries the hash counts even when its reveal has expired.
func (w *work) openNamespacePreorder(h names.PreorderHash) *PreorderRow {
	set := w.preorderChange(h).now
	if set == nil {
		return nil
	}
	row := set.first(true)
	if row == nil || int64(row.At.Height) >= int64(w.last)+int64(w.p.NamespacePreorderLifetime) {
		return nil
	}
	for _, id := range set.Carriers {
		space := w.space(id)
		if isName(id) || space == nil {
			continue
		}
		if space.Ready() || int64(space.RevealedAt) < int64(w.last)+int64(w.p.NamespaceRevealLifetime) {
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
func (w *work) addPreorder(row *PreorderRow) {
	w.editPreorders(row.Hash, func(s *PreorderSet) {
		at, _ := slices.BinarySearchFunc(s.Open, row, func(a PreorderRow, b *PreorderRow) int {
			if a.At.Height != b.At.Height {
				return int(a.At.Height) - int(b.At.Height)
			}
			return compareText(a.At.Txid.String(), b.At.Txid.String())
		})
		s.Open = slices.Insert(s.Open, at, *row)
	})
}

// dropPreorders removes every outstanding preorder with a hash: a registration or reveal has used it.
func (w *work) dropPreorders(h names.PreorderHash) {
	w.editPreorders(h, func(s *PreorderSet) { s.Open = nil })
}

// moveCarrier notes that the row of a name or namespace now carries a hash, and no longer the one it had before.
func (w *work) moveCarrier(id string, before, now *names.PreorderHash) {
	if before != nil && *before == *now {
		return
	}
	if before != nil {
		w.editPreorders(*before, func(s *PreorderSet) {
			s.Carriers = slices.DeleteFunc(s.Carriers, func(c string) bool { return c == id })
		})
	}
	w.editPreorders(*now, func(s *PreorderSet) {
		at, found := slices.BinarySearch(s.Carriers, id)
		if !found {
			s.Carriers = slices.Insert(s.Carriers, at, id)
		}
	})
}
