package snv

import (
	"context"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/state"
)

// Index is what a proof is made from; *index.Index is one. It must not follow the chain meanwhile.
type Index interface {
	Params() *names.Params
	Tip(ctx context.Context) (index.Tip, error)
	Block(ctx context.Context, height int32) (state.BlockRow, []state.OpRow, error)
	ConsensusHash(ctx context.Context, height int32) (names.ConsensusHash, error)
	HistoryFrom(ctx context.Context, subject string, q index.HistoryQuery) ([]index.HistoryEntry, error)
}

// Chain gives blocks and headers by hash. Header may be called by several goroutines at once.
type Chain interface {
	Header(ctx context.Context, hash chainhash.Hash) (*wire.BlockHeader, error)
	RawBlock(ctx context.Context, hash chainhash.Hash) ([]byte, error)
}

// Options say what is proven.
type Options struct {
	Height   int32                            // anchor; 0: the index's tip
	LastOnly bool                             // of the operations on the name, only the transaction of the last one
	Progress func(done, total int, of string) // may be nil
}

// Proven is a proof, with what its receivers have to trust.
type Proven struct {
	Raw       []byte
	Statement *Statement
}

// Prove makes a proof of a name's state, and verifies it. A name that nobody ever owned gives
// names.ErrNotFound, what cannot be proven ErrNotProvable.
func Prove(ctx context.Context, x Index, c Chain, n names.Name, o Options) (*Proven, error) {
	m := &prover{ctx: ctx, x: x, c: c, p: x.Params(), name: n, o: o, codec: newCodec(x.Params())}
	if err := m.run(); err != nil {
		return nil, fmt.Errorf("proof of %s at block %d: %w", n, m.o.Height, err)
	}
	trust := Trust{Anchors: []Anchor{m.trust}, Blocks: []chainhash.Hash{m.block}}
	s, err := Verify(ctx, m.p, m.b, trust)
	if err != nil {
		return nil, fmt.Errorf("proof of %s at block %d: does not verify: %w", n, m.o.Height, err)
	}
	return &Proven{Raw: m.b, Statement: s}, nil
}

// prover writes a proof from front to back.
type prover struct {
	ctx   context.Context
	x     Index
	c     Chain
	p     *names.Params
	name  names.Name
	o     Options
	codec *codec
	b     []byte

	trust  Anchor
	block  chainhash.Hash // of the anchor
	list   []index.HistoryEntry
	last   state.Place
	space  state.Place // of the last operation on the namespace
	window *window
}

func (m *prover) run() error {
	if err := m.find(); err != nil {
		return err
	}
	rules := Rules(m.p)
	m.b = append(m.b, rules[:]...)
	m.b = appendBytes(m.b, []byte(m.name.String()))
	m.b = appendNumber(appendNumber(m.b, m.o.Height), m.last.Height)
	for _, step := range []func() error{m.writeIncluded, m.writeHeaders, m.writeEarlier, m.writeBlocks, m.writeSpace} {
		if err := step(); err != nil {
			return err
		}
	}
	if len(m.b) > MaxSize {
		return fmt.Errorf("%w: %d bytes, at most %d are read", ErrNotProvable, len(m.b), MaxSize)
	}
	return nil
}

// find looks up what the proof is about.
func (m *prover) find() error {
	tip, err := m.x.Tip(m.ctx)
	if err != nil {
		return err
	}
	switch {
	case tip.Empty:
		return fmt.Errorf("no block was read yet: %w", names.ErrNotFound)
	case m.o.Height == 0:
		m.o.Height = tip.Height
	case m.o.Height > tip.Height:
		return fmt.Errorf("%w: the index knows blocks up to %d", index.ErrOutOfRange, tip.Height)
	}
	m.trust.Height = m.o.Height
	if m.trust.Consensus, err = m.x.ConsensusHash(m.ctx, m.o.Height); err != nil {
		return err
	}
	row, _, err := m.x.Block(m.ctx, m.o.Height)
	if err != nil {
		return err
	}
	m.block = row.Hash
	list, err := m.history(m.name.String())
	if err != nil {
		return err
	}
	from := -1
	for i, e := range list {
		switch {
		case e.Name == nil:
			continue
		case from < 0:
			from = i
		case e.Name.Act == state.ActRegister:
			from = i
		}
		m.last = e.At
	}
	if from < 0 {
		return fmt.Errorf("nobody has it: %w", names.ErrNotFound)
	}
	m.list = life(list, from)
	if m.o.LastOnly {
		m.list = m.list[len(m.list)-1:]
	}
	spaces, err := m.history(string(m.name.Namespace()))
	for _, e := range spaces {
		if e.Space != nil {
			m.space = e.At
		}
	}
	return err
}

// life is the operations of the current life of a name, which begins at one of the list: with its
// preorder, without preorders that nothing came of.
func life(list []index.HistoryEntry, from int) []index.HistoryEntry {
	var out []index.HistoryEntry
	for i := from - 1; i >= 0 && list[from].Name.Act == state.ActRegister; i-- {
		if p := list[i].Preorder; p != nil && p.Hash == list[from].Name.PreorderHash {
			out = append(out, list[i])
			break
		}
	}
	for _, e := range list[from:] {
		if e.Name != nil {
			out = append(out, e)
		}
	}
	return out
}

// history is all of a history up to the anchor.
func (m *prover) history(subject string) ([]index.HistoryEntry, error) {
	var list []index.HistoryEntry
	q := index.HistoryQuery{}
	for {
		page, err := m.x.HistoryFrom(m.ctx, subject, q)
		if err != nil {
			return nil, err
		}
		for _, e := range page {
			if e.At.Height > m.o.Height {
				return list, nil
			}
			list = append(list, e)
		}
		if len(page) < index.MaxPage {
			return list, nil
		}
		q.After = page[len(page)-1].At
	}
}

// writeEarlier writes the hashes below the blocks that theirs are made of.
func (m *prover) writeEarlier() error {
	spans, _ := outside(m.p.FirstBlock, m.last.Height, m.o.Height)
	m.window = &window{first: m.p.FirstBlock, spans: spans, from: m.last.Height, extra: map[int32]names.ConsensusHash{}}
	for _, s := range spans {
		var list []names.ConsensusHash
		for h := s.from; h <= s.to; h++ {
			hash, err := m.x.ConsensusHash(m.ctx, h)
			if err != nil {
				return err
			}
			list = append(list, hash)
			m.b = append(m.b, hash[:]...)
		}
		m.window.lists = append(m.window.lists, list)
	}
	return nil
}

// writeBlocks writes the operations of every block from the last one on the name to the anchor.
func (m *prover) writeBlocks() error {
	total := int(m.o.Height-m.last.Height) + 1
	for h := m.last.Height; h <= m.o.Height; h++ {
		hash, err := m.writeBlock(h)
		if err != nil {
			return err
		}
		if err := m.window.push(hash); err != nil {
			return err
		}
		m.progress(int(h-m.last.Height)+1, total, "operations")
	}
	return nil
}

func (m *prover) writeBlock(height int32) (state.OpsHash, error) {
	row, ops, err := m.x.Block(m.ctx, height)
	if err != nil {
		return state.OpsHash{}, err
	}
	var texts [][]byte
	for i := range ops {
		if text := ops[i].Serialize(m.p); text != nil {
			texts = append(texts, text)
		}
	}
	m.b = appendNumber(m.b, len(texts))
	for _, text := range texts {
		if m.b, err = m.codec.append(m.b, text); err != nil {
			return state.OpsHash{}, fmt.Errorf("block %d: %w", height, err)
		}
	}
	return row.OpsHash, nil
}

// writeSpace writes the way to the last operation on the namespace.
func (m *prover) writeSpace() error {
	target := m.space.Height
	if target >= m.last.Height {
		m.b = appendNumber(m.b, 0)
		return nil
	}
	m.b = appendNumber(m.b, target)
	for at := m.window.lowest(target); ; {
		if at == target {
			if _, err := m.writeBlock(at); err != nil {
				return err
			}
			return m.writeUnknown(at)
		}
		row, _, err := m.x.Block(m.ctx, at)
		if err != nil {
			return err
		}
		m.b = append(m.b, row.OpsHash[:]...)
		if err := m.writeUnknown(at); err != nil {
			return err
		}
		for _, earlier := range state.EarlierHeights(m.p.FirstBlock, at) {
			if earlier >= target {
				at = earlier
			}
		}
	}
}

// writeUnknown writes the hashes that the one of a height is made of, as far as they are not
// established.
func (m *prover) writeUnknown(height int32) error {
	for _, earlier := range state.EarlierHeights(m.p.FirstBlock, height) {
		if _, ok := m.window.at(earlier); ok {
			continue
		}
		hash, err := m.x.ConsensusHash(m.ctx, earlier)
		if err != nil {
			return err
		}
		m.window.extra[earlier] = hash
		m.b = append(m.b, hash[:]...)
	}
	return nil
}

func (m *prover) progress(done, total int, of string) {
	if m.o.Progress != nil {
		m.o.Progress(done, total, of)
	}
}

// errNoTransaction is about a block that does not hold what the index read in it.
var errNoTransaction = errors.New("block does not hold the transaction")
