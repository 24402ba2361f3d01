package rules

import (
	"blockstack/names"
	"blockstack/names/state"
)

// moment is the height of the block that is applied, and what holds there.
type moment struct {
	p      *names.Params
	height int32 // b, the block that is applied
	last   int32 // L, the height before it
	epoch  *names.Epoch
	atLast *names.Epoch // epoch of L
}

func momentOf(p *names.Params, height int32) moment {
	m := moment{p: p, height: height, last: height - 1}
	_, m.epoch = p.Epoch(m.height)
	_, m.atLast = p.Epoch(m.last)
	return m
}

// standing is how names, namespaces and preorders stand while a block is applied.
type standing struct {
	moment
	src       *source
	names     table[string, state.NameRow]
	spaces    table[string, state.NamespaceRow]
	preorders table[names.PreorderHash, state.PreorderSet]
	gained    map[string][]string // owner script → names that this block gave it
}

func newStanding(m moment, src *source) *standing {
	return &standing{
		moment: m, src: src,
		names:     newTable(src, src.Name),
		spaces:    newTable(src, src.Namespace),
		preorders: newTable(src, src.Preorders),
		gained:    make(map[string][]string),
	}
}

// name is the current row of a name.
func (s *standing) name(name string) *state.NameRow { return s.names.now(name) }

// putName sets a name's row.
func (s *standing) putName(row *state.NameRow) {
	var before *names.PreorderHash
	now := s.name(row.Name)
	if now == nil || string(now.Owner) != string(row.Owner) {
		key := string(row.Owner)
		s.gained[key] = append(s.gained[key], row.Name)
	}
	if now != nil {
		before = &now.PreorderHash
	}
	s.moveCarrier(row.Name, before, &row.PreorderHash)
	s.names.put(row.Name, row)
}

// space is the current row of a namespace.
func (s *standing) space(id string) *state.NamespaceRow { return s.spaces.now(id) }

// putSpace sets a namespace's row.
func (s *standing) putSpace(row *state.NamespaceRow) {
	var before *names.PreorderHash
	if now := s.space(row.ID); now != nil {
		before = &now.PreorderHash
	}
	s.moveCarrier(row.ID, before, &row.PreorderHash)
	s.spaces.put(row.ID, row)
}
