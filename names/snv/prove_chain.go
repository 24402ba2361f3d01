package snv

import (
	"bytes"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// writeIncluded writes the transactions of the operations on the name.
func (m *prover) writeIncluded() error {
	m.b = appendNumber(m.b, len(m.list))
	for _, e := range m.list {
		row, _, err := m.x.Block(m.ctx, e.At.Height)
		if err != nil {
			return err
		}
		raw, err := m.c.RawBlock(m.ctx, row.Hash)
		if err != nil {
			return err
		}
		in := &included{height: e.At.Height, index: e.At.Index}
		tx, err := in.find(raw, e.At.Txid)
		if err != nil {
			return fmt.Errorf("block %d: %w", e.At.Height, err)
		}
		m.b = in.append(m.b, tx)
	}
	return nil
}

// find takes a transaction out of its block, and fills in its branch.
func (in *included) find(block []byte, txid chainhash.Hash) ([]byte, error) {
	var b wire.MsgBlock
	if err := b.Deserialize(bytes.NewReader(block)); err != nil {
		return nil, err
	}
	if int(in.index) >= len(b.Transactions) || b.Transactions[in.index].TxHash() != txid {
		return nil, fmt.Errorf("%w %s", errNoTransaction, txid)
	}
	row := make([]chainhash.Hash, len(b.Transactions))
	for i, tx := range b.Transactions {
		row[i] = tx.TxHash()
	}
	in.branch = merkleBranch(row, int(in.index))
	var raw bytes.Buffer
	err := b.Transactions[in.index].SerializeNoWitness(&raw)
	return raw.Bytes(), err
}

// merkleBranch gives the siblings on the way from a leaf to the root of Bitcoin's tree, lowest
// first. It overwrites the leaves.
func merkleBranch(row []chainhash.Hash, at int) []chainhash.Hash {
	var branch []chainhash.Hash
	var pair [innerLen]byte
	for ; len(row) > 1; at /= 2 {
		branch = append(branch, row[min(at^1, len(row)-1)])
		next := row[:0]
		for i := 0; i < len(row); i += 2 {
			left, right := row[i], row[min(i+1, len(row)-1)]
			copy(pair[:32], left[:])
			copy(pair[32:], right[:])
			next = append(next, chainhash.DoubleHashH(pair[:]))
		}
		row = next
	}
	return branch
}

// writeHeaders writes the headers from the first included transaction to the anchor. A node is
// asked for several at a time.
func (m *prover) writeHeaders() error {
	first := m.list[0].At.Height
	list := make([]*wire.BlockHeader, int(m.o.Height-first)+1)
	var next, done atomic.Int64
	var failed error
	var mu sync.Mutex
	fetch := func(i int) error {
		row, _, err := m.x.Block(m.ctx, first+int32(i))
		if err == nil {
			list[i], err = m.c.Header(m.ctx, row.Hash)
		}
		return err
	}
	var wg sync.WaitGroup
	for range min(2*runtime.GOMAXPROCS(0), len(list)) {
		wg.Go(func() {
			for i := int(next.Add(1) - 1); i < len(list); i = int(next.Add(1) - 1) {
				err := fetch(i)
				mu.Lock()
				if err != nil && failed == nil {
					failed = fmt.Errorf("header of block %d: %w", first+int32(i), err)
				}
				stop := failed != nil
				m.progress(int(done.Add(1)), len(list), "headers")
				mu.Unlock()
				if stop {
					return
				}
			}
		})
	}
	wg.Wait()
	if failed != nil {
		return failed
	}
	return m.appendHeaders(list)
}

// appendHeaders writes headers without what follows from the one before.
func (m *prover) appendHeaders(list []*wire.BlockHeader) error {
	var b bytes.Buffer
	m.b = append(m.b, list[0].PrevBlock[:]...)
	for i, h := range list {
		if i > 0 && h.PrevBlock != list[i-1].BlockHash() {
			return fmt.Errorf("%w: block %s does not follow the one before it", ErrNotProvable, h.BlockHash())
		}
		b.Reset()
		if err := h.Serialize(&b); err != nil {
			return err
		}
		m.b = append(m.b, b.Bytes()[:4]...)
		m.b = append(m.b, b.Bytes()[36:]...)
	}
	return nil
}
