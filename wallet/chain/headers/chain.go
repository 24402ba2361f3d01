package headers

import (
	"errors"
	"fmt"
	"math/big"
	"sync"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Size is the length of a header.
const Size = wire.MaxBlockHeaderPayload

var (
	// ErrBroken means that headers do not follow the network's rules.
	ErrBroken = errors.New("header breaks the network's rules")
	// ErrUnknown means that a height is above the last header.
	ErrUnknown = errors.New("no header at this height")
)

// LessWork means that a chain was offered that has less work than the one that is known.
type LessWork struct {
	Fork  int32 // the last block that both have
	Tip   int32 // where the offered chain ends
	Known int32 // where the known chain ends
}

// Error says where the chains part.
func (e *LessWork) Error() string {
	if e.Fork == e.Tip {
		return fmt.Sprintf("it ends at block %d, and block %d is known", e.Tip, e.Known)
	}
	return fmt.Sprintf("it leaves the known chain after block %d and ends at block %d, with less work than the known one has at block %d", e.Fork, e.Tip, e.Known)
}

// Chain is the chain of headers with the most work that was seen. It may be used by several
// goroutines.
type Chain struct {
	net *chaincfg.Params

	mu     sync.Mutex
	file   store
	tip    int32
	hash   chainhash.Hash // of the tip
	linked int32          // everything from this height to the tip was checked
	below  chainhash.Hash // what the header at linked says that the one before it is
}

// Tip is height and hash of the last block.
func (c *Chain) Tip() (int32, chainhash.Hash) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tip, c.hash
}

// HashAt is the hash of the block at a height; above the tip the error is ErrUnknown.
func (c *Chain) HashAt(height int32) (chainhash.Hash, error) {
	h, err := c.HeaderAt(height)
	if err != nil {
		return chainhash.Hash{}, err
	}
	return h.BlockHash(), nil
}

// HeaderAt is the header of the block at a height; above the tip the error is ErrUnknown.
func (c *Chain) HeaderAt(height int32) (*wire.BlockHeader, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if height < 0 || height > c.tip {
		return nil, fmt.Errorf("block %d: %w", height, ErrUnknown)
	}
	if err := c.link(height); err != nil {
		return nil, err
	}
	raw, err := c.file.read(height)
	if err != nil {
		return nil, err
	}
	h, err := parse(raw)
	return &h, err
}

// Connect takes headers, each of Size bytes, that follow the block at a height. They replace what
// is known above it when they have at least as much work: of two chains with equal work a node
// keeps the one it saw first, and which that was, it knows. It returns ErrBroken when they break a
// rule, a *LessWork when they have less; nothing has changed then.
func (c *Chain) Connect(fork int32, raw []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if fork < 0 || fork > c.tip {
		return fmt.Errorf("block %d: %w", fork, ErrUnknown)
	}
	if err := c.link(max(0, fork-window)); err != nil {
		return err
	}
	b := branch{net: c.net, base: c.file, fork: fork}
	hash, err := b.check(raw)
	if err != nil {
		return err
	}
	if tip := b.tip(); fork < c.tip {
		if last := lastCheckpoint(c.net, c.tip); fork < last {
			return fmt.Errorf("%w: block %d: another chain below the checkpoint at block %d", ErrBroken, fork+1, last)
		}
		known, err := c.work(fork)
		if err != nil {
			return err
		}
		if b.work.Cmp(known) < 0 && !c.anew(fork) {
			return &LessWork{Fork: fork, Tip: tip, Known: c.tip}
		}
	}
	if len(raw) == 0 {
		return nil
	}
	if err := c.file.write(fork+1, raw); err != nil {
		return err
	}
	c.tip, c.hash = b.tip(), hash
	return nil
}

// anew says that a chain with nothing in common but the first block is another test chain and no
// attack: where anybody makes blocks at no cost, work says nothing about who is right.
func (c *Chain) anew(fork int32) bool { return fork == 0 && c.net.PoWNoRetargeting }

// work is that of the known chain above a height.
func (c *Chain) work(above int32) (*big.Int, error) {
	sum := new(big.Int)
	for h := above + 1; h <= c.tip; h++ {
		raw, err := c.file.read(h)
		if err != nil {
			return nil, err
		}
		sum.Add(sum, blockchain.CalcWork(bitsOf(raw)))
	}
	return sum, nil
}

// link sees to it that everything from a height on was checked: a header that the next one names is
// the right one, whatever the file was like before.
func (c *Chain) link(height int32) error {
	for c.linked > height {
		raw, err := c.file.read(c.linked - 1)
		if err != nil {
			return err
		}
		if chainhash.DoubleHashH(raw) != c.below {
			return fmt.Errorf("header of block %d: %w: it is not the one that the next block follows", c.linked-1, ErrBroken)
		}
		c.linked--
		c.below = chainhash.Hash(raw[4:])
	}
	return nil
}

// lastCheckpoint is the height of the last checkpoint that is not above a height.
func lastCheckpoint(net *chaincfg.Params, height int32) int32 {
	last := int32(0)
	for _, p := range net.Checkpoints {
		if p.Height <= height {
			last = max(last, p.Height)
		}
	}
	return last
}
