package rules

import (
	"slices"

	"blockstack/names"
)

// quotes are the consensus hashes that the operations of a block may quote.
type quotes struct {
	src         *source
	first, next int32 // heights
	hashes      []names.ConsensusHash
	read        bool // hashes is filled
}

func newQuotes(m moment, src *source) *quotes {
	return &quotes{src: src, first: m.height - m.p.ConsensusWindow, next: m.height}
}

// recent are the hashes, oldest first (protocol 6.5).
func (q *quotes) recent() []names.ConsensusHash {
	if !q.read {
		q.read = true
		for h := q.first; h < q.next; h++ {
			if hash, ok := q.src.consensus(h); ok {
				q.hashes = append(q.hashes, hash)
			}
		}
	}
	return q.hashes
}

// fresh reports whether a quoted consensus hash is recent.
func (q *quotes) fresh(h names.ConsensusHash) bool { return slices.Contains(q.recent(), h) }
