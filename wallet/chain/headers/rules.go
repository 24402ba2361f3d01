package headers

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/big"
	"time"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// window is how many headers below a new one its rules look at: to the retarget before the last
// one.
const window = 2 * 2016

// branch are new headers on top of known ones.
type branch struct {
	net  *chaincfg.Params
	base store
	fork int32  // the last header that is taken from base
	raw  []byte // those above it, as far as they were checked
	work *big.Int
	err  error // of reading base, which btcd's interfaces have no room for
}

// tip is the height of the last header.
func (b *branch) tip() int32 { return b.fork + int32(len(b.raw)/Size) }

// at is the header at a height; nil when it cannot be read.
func (b *branch) at(height int32) []byte {
	if n := int(height - b.fork - 1); n >= 0 {
		return b.raw[n*Size:][:Size]
	}
	raw, err := b.base.read(height)
	if err != nil && b.err == nil {
		b.err = err
	}
	return raw
}

// check holds headers to the rules and returns the hash of the last one.
func (b *branch) check(raw []byte) (chainhash.Hash, error) {
	b.work = new(big.Int)
	prev := chainhash.DoubleHashH(b.at(b.fork))
	if b.err != nil {
		return prev, b.err
	}
	if len(raw)%Size != 0 {
		return prev, fmt.Errorf("%w: %d bytes are no whole number of headers", ErrBroken, len(raw))
	}
	b.raw = raw[:0:len(raw)]
	for n := 0; n < len(raw); n += Size {
		height := b.tip() + 1
		h, err := parse(raw[n:][:Size])
		if err != nil {
			return prev, fmt.Errorf("block %d: %w: %w", height, ErrBroken, err)
		}
		if h.PrevBlock != prev {
			return prev, fmt.Errorf("block %d: %w: it does not follow block %d", height, ErrBroken, height-1)
		}
		if err := b.rules(&h, height); err != nil {
			return prev, err
		}
		prev = chainhash.DoubleHashH(raw[n:][:Size])
		for _, p := range b.net.Checkpoints {
			if p.Height == height && *p.Hash != prev {
				return prev, fmt.Errorf("block %d: %w: it is not the one of the checkpoint", height, ErrBroken)
			}
		}
		b.raw = raw[: n+Size : len(raw)]
		b.work.Add(b.work, blockchain.CalcWork(h.Bits))
	}
	return prev, nil
}

// rules are those that a header has to follow on top of the ones before it.
func (b *branch) rules(h *wire.BlockHeader, height int32) error {
	err := blockchain.CheckBlockHeaderSanity(h, b.net.PowLimit, always(h.Timestamp), blockchain.BFNone)
	if err == nil {
		err = blockchain.CheckBlockHeaderContext(h, place{b, height - 1}, blockchain.BFNone, rulesOf{b.net}, true)
	}
	switch {
	case b.err != nil:
		return b.err
	case err != nil:
		return fmt.Errorf("block %d: %w: %w", height, ErrBroken, err)
	}
	return nil
}

// place is a header of a branch as btcd's rules see it.
type place struct {
	b      *branch
	height int32
}

// Height is the header's height.
func (p place) Height() int32 { return p.height }

// Bits is its difficulty.
func (p place) Bits() uint32 {
	if raw := p.b.at(p.height); raw != nil {
		return bitsOf(raw)
	}
	return 0
}

// Timestamp is its time.
func (p place) Timestamp() int64 {
	if raw := p.b.at(p.height); raw != nil {
		return int64(binary.LittleEndian.Uint32(raw[68:]))
	}
	return 0
}

// Parent is the header before it.
func (p place) Parent() blockchain.HeaderCtx { return p.RelativeAncestorCtx(1) }

// RelativeAncestorCtx is a header so many blocks before it.
func (p place) RelativeAncestorCtx(distance int32) blockchain.HeaderCtx {
	if distance > p.height || p.b.err != nil {
		return nil
	}
	return place{p.b, p.height - distance}
}

// rulesOf are the numbers of a network.
type rulesOf struct{ net *chaincfg.Params }

// ChainParams are the network's.
func (r rulesOf) ChainParams() *chaincfg.Params { return r.net }

// BlocksPerRetarget is 2016.
func (r rulesOf) BlocksPerRetarget() int32 {
	return int32(r.net.TargetTimespan / r.net.TargetTimePerBlock)
}

// MinRetargetTimespan is the shortest time that a retarget reckons with.
func (r rulesOf) MinRetargetTimespan() int64 {
	return int64(r.net.TargetTimespan/time.Second) / r.net.RetargetAdjustmentFactor
}

// MaxRetargetTimespan is the longest.
func (r rulesOf) MaxRetargetTimespan() int64 {
	return int64(r.net.TargetTimespan/time.Second) * r.net.RetargetAdjustmentFactor
}

// VerifyCheckpoint leaves checkpoints to the branch.
func (r rulesOf) VerifyCheckpoint(int32, *chainhash.Hash) bool { return true }

// FindPreviousCheckpoint leaves checkpoints to the branch.
func (r rulesOf) FindPreviousCheckpoint() (blockchain.HeaderCtx, error) { return nil, nil }

// always is a clock that no header is ahead of.
type always time.Time

// AdjustedTime is the header's own time.
func (a always) AdjustedTime() time.Time { return time.Time(a) }

// AddTimeSample takes none.
func (a always) AddTimeSample(string, time.Time) {}

// Offset is none.
func (a always) Offset() time.Duration { return 0 }

// parse reads a header.
func parse(raw []byte) (h wire.BlockHeader, err error) {
	err = h.Deserialize(bytes.NewReader(raw))
	return h, err
}

// bitsOf is a header's difficulty.
func bitsOf(raw []byte) uint32 { return binary.LittleEndian.Uint32(raw[72:]) }
