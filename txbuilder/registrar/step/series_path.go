package step

import (
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
)

// fitting is a path that does what is needed, -1: there is none. The one that is being taken is
// preferred, then the latest.
func (s *seriesStepper) fitting() int {
	if s.fits(s.j.Path) {
		return s.j.Path
	}
	for k := len(s.j.Paths) - 1; k >= 0; k-- {
		if s.fits(k) {
			return k
		}
	}
	return -1
}

// fits says whether a path goes on from what is in blocks, and has what is needed now and nothing
// else.
func (s *seriesStepper) fits(k int) bool {
	if k >= len(s.j.Paths) {
		return false
	}
	p := &s.j.Paths[k]
	n := len(s.confirmed)
	if p.Root != s.f.Root || len(p.Links) <= n || !slices.Equal(p.Links[:n], s.confirmed) {
		return false
	}
	first, second := s.split(p.Links[n:])
	want := s.first
	if len(want) == 0 && len(s.second) > 0 {
		if len(first) > 0 {
			return false
		}
		first, want = second, s.second
	}
	if len(first) != len(want) {
		return false
	}
	for _, id := range first {
		if l := s.links[id]; !slices.Contains(want, l.Item) || s.isOutdated(l.Version) || s.f.Cheap[id] {
			return false
		}
	}
	if len(want) > 0 {
		return true
	}
	return len(second) == 1 && s.links[second[0]].Item < 0 && !s.f.Cheap[second[0]] // it returns the coin
}

// split parts the waves of a path. A returning transaction counts to the second.
func (s *seriesStepper) split(links []chainhash.Hash) (first, second []chainhash.Hash) {
	for i, id := range links {
		if role := s.links[id].Stage.Role; role == job.RoleRegister || role == job.RoleReturn {
			return links[:i], links[i:]
		}
	}
	return links, nil
}

// wave are the transactions of a path that may be sent now.
func (s *seriesStepper) wave(k int) []chainhash.Hash {
	first, second := s.split(s.j.Paths[k].Links[len(s.confirmed):])
	if len(first) > 0 {
		return first
	}
	return second
}

// sent says whether the node has a transaction.
func (s *seriesStepper) sent(id chainhash.Hash) bool { return s.f.Txs[id].InMempool || s.f.Sent[id] }
