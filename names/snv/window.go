package snv

import (
	"fmt"
	"slices"

	"blockstack/names"
	"blockstack/names/state"
)

// span is a range of heights, both ends included.
type span struct{ from, to int32 }

// outside gives the heights below from whose consensus hashes enter those of from to to, as
// ascending spans that neither overlap nor touch, and how many heights that are. For each step s =
// 1, 3, 7, ... of the skip list these are the heights k-s of all k in the range, as far as they are
// below from and not below the registry's first block.
func outside(first, from, to int32) (spans []span, count int64) {
	for step := int64(1); int64(to)-step >= int64(first); step = 2*step + 1 {
		s := span{
			from: int32(max(int64(first), int64(from)-step)),
			to:   int32(min(int64(from)-1, int64(to)-step)),
		}
		if s.from <= s.to {
			spans = append(spans, s)
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return int(int64(a.from) - int64(b.from)) })
	merged := spans[:0]
	for _, s := range spans {
		if n := len(merged); n > 0 && int64(s.from) <= int64(merged[n-1].to)+1 {
			merged[n-1].to = max(merged[n-1].to, s.to)
			continue
		}
		merged = append(merged, s)
	}
	for _, s := range merged {
		count += int64(s.to) - int64(s.from) + 1
	}
	return merged, count
}

// window is the consensus hashes that are established: all follow from the last one, once that is
// trusted.
type window struct {
	first  int32 // of the registry
	spans  []span
	lists  [][]names.ConsensusHash // for each span
	from   int32                   // of the blocks that the proof holds
	hashes []names.ConsensusHash   // of from and the heights above
	extra  map[int32]names.ConsensusHash
	buf    []names.ConsensusHash
}

// newWindow reads the hashes below from that the formula reaches.
func newWindow(r *reader, first, from, to int32) *window {
	w := &window{first: first, from: from, extra: map[int32]names.ConsensusHash{}}
	spans, count := outside(first, from, to)
	if count > int64(len(r.b)/len(names.ConsensusHash{})) {
		r.fail("it ends within the earlier consensus hashes")
		return w
	}
	w.spans = spans
	for _, s := range spans {
		list := make([]names.ConsensusHash, 0, s.to-s.from+1)
		for h := int64(s.from); h <= int64(s.to); h++ {
			list = append(list, r.consensus())
		}
		w.lists = append(w.lists, list)
	}
	return w
}

// at is the consensus hash of a height, if it is established.
func (w *window) at(height int32) (names.ConsensusHash, bool) {
	if i := int64(height) - int64(w.from); i >= 0 {
		if i < int64(len(w.hashes)) {
			return w.hashes[i], true
		}
		return names.ConsensusHash{}, false
	}
	for i, s := range w.spans {
		if height >= s.from && height <= s.to {
			return w.lists[i][height-s.from], true
		}
	}
	h, ok := w.extra[height]
	return h, ok
}

// lowest is the lowest established height that is not below a given one.
func (w *window) lowest(height int32) int32 {
	for _, s := range w.spans {
		if s.to >= height {
			return max(s.from, height)
		}
	}
	return w.from
}

// mix computes the consensus hash of a height from its ops hash. Every hash that goes in must be
// established.
func (w *window) mix(height int32, ops state.OpsHash) (names.ConsensusHash, error) {
	w.buf = w.buf[:0]
	for _, earlier := range state.EarlierHeights(w.first, height) {
		h, ok := w.at(earlier)
		if !ok {
			return names.ConsensusHash{}, fmt.Errorf("%w: consensus hash of height %d is missing", ErrMalformed, earlier)
		}
		w.buf = append(w.buf, h)
	}
	return state.HashConsensus(ops, w.buf), nil
}

// push establishes the consensus hash of the next height of the range.
func (w *window) push(ops state.OpsHash) error {
	h, err := w.mix(w.from+int32(len(w.hashes)), ops)
	if err == nil {
		w.hashes = append(w.hashes, h)
	}
	return err
}

// learn reads those of the hashes below height that are not established, and checks all of them
// against the one of height.
func (w *window) learn(r *reader, height int32, ops state.OpsHash) error {
	want, ok := w.at(height)
	if !ok {
		return fmt.Errorf("%w: consensus hash of height %d is missing", ErrMalformed, height)
	}
	for _, earlier := range state.EarlierHeights(w.first, height) {
		if _, ok := w.at(earlier); !ok {
			w.extra[earlier] = r.consensus()
		}
	}
	have, err := w.mix(height, ops)
	switch {
	case r.err != nil:
		return r.err
	case err != nil:
		return err
	case have != want:
		return fmt.Errorf("%w: operations and earlier hashes of block %d do not make its consensus hash", ErrRefused, height)
	}
	return nil
}
