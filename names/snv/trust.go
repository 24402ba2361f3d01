package snv

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
)

// Anchor is a height and its consensus hash.
type Anchor struct {
	Height    int32
	Consensus names.ConsensusHash
}

// String gives the form that ParseTrust reads.
func (a Anchor) String() string { return fmt.Sprintf("%s@%d", a.Consensus, a.Height) }

// Trust is what a verifier knows from elsewhere. When both kinds are there, both must fit.
type Trust struct {
	Anchors []Anchor         // at most one for each height; the one of the proof's height counts
	Blocks  []chainhash.Hash // one of them must be the block of the proof's height
}

// Empty reports whether nothing is trusted.
func (t Trust) Empty() bool { return len(t.Anchors) == 0 && len(t.Blocks) == 0 }

// ParseTrust reads what is trusted. Errors wrap ErrBadTrust.
//
//	trust     = consensus "@" height / block
//	consensus = 32 hex digits
//	height    = decimal, without sign or leading zeros
//	block     = 64 hex digits, as explorers show a block hash
func ParseTrust(texts ...string) (Trust, error) {
	var t Trust
	for _, text := range texts {
		if err := t.add(text); err != nil {
			return Trust{}, err
		}
	}
	return t, nil
}

func (t *Trust) add(text string) error {
	bad := func(why string) error {
		if len(text) > 100 {
			text = text[:100] + "…"
		}
		return fmt.Errorf("%w: %q %s", ErrBadTrust, text, why)
	}
	hash, at, isAnchor := strings.Cut(text, "@")
	if !isAnchor {
		block, err := chainhash.NewHashFromStr(text)
		if len(text) != 2*chainhash.HashSize || err != nil {
			return bad("is neither CONSENSUS_HASH@HEIGHT nor the 64 hex digits of a block hash")
		}
		t.Blocks = append(t.Blocks, *block)
		return nil
	}
	consensus, err := names.ParseConsensusHash(hash)
	if err != nil {
		return bad("has no consensus hash of 32 hex digits before the @")
	}
	height, err := strconv.ParseUint(at, 10, 31)
	if err != nil || strconv.FormatUint(height, 10) != at {
		return bad("has no block height after the @")
	}
	a := Anchor{Height: int32(height), Consensus: consensus}
	for _, have := range t.Anchors {
		if have.Height != a.Height {
			continue
		}
		if have.Consensus != a.Consensus {
			return bad("contradicts another hash that is trusted for that height")
		}
		return nil
	}
	t.Anchors = append(t.Anchors, a)
	return nil
}

// check measures what a proof leads to. The hashes are the verifier's own results.
func (t Trust) check(height int32, consensus names.ConsensusHash, block chainhash.Hash) (ownership, inclusion bool, err error) {
	if t.Empty() {
		return false, false, ErrNoTrust
	}
	if err := t.checkHeight(height); err != nil {
		return false, false, err
	}
	if want, ok := t.at(height); ok {
		if want != consensus {
			return false, false, &UntrustedError{Height: height, Have: consensus, Want: want}
		}
		ownership = true
	}
	if err := t.checkBlock(height, block); err != nil {
		return false, false, err
	}
	return ownership, len(t.Blocks) > 0, nil
}

// checkHeight refuses a height that no trusted consensus hash is of, when there are any.
func (t Trust) checkHeight(height int32) error {
	if _, ok := t.at(height); !ok && len(t.Anchors) > 0 {
		return &OtherHeightError{Proof: height, Trusted: t.nearest(height)}
	}
	return nil
}

// checkBlock refuses a block that is none of the trusted ones, when there are any.
func (t Trust) checkBlock(height int32, block chainhash.Hash) error {
	if len(t.Blocks) > 0 && !slices.Contains(t.Blocks, block) {
		return &UntrustedBlockError{Height: height, Have: block}
	}
	return nil
}

func (t Trust) at(height int32) (names.ConsensusHash, bool) {
	for _, a := range t.Anchors {
		if a.Height == height {
			return a.Consensus, true
		}
	}
	return names.ConsensusHash{}, false
}

func (t Trust) nearest(height int32) int32 {
	best, distance := int32(0), int64(math.MaxInt64)
	for _, a := range t.Anchors {
		d := int64(a.Height) - int64(height)
		if d = max(d, -d); d < distance {
			best, distance = a.Height, d
		}
	}
	return best
}
