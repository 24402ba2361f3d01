package index

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/index/scan"
)

// testChain is a chain in memory that can change its mind.
type testChain struct {
	mu     sync.Mutex
	first  int32
	blocks []*testBlock
	known  map[chainhash.Hash]*testBlock // stale ones too
	salt   uint32
}

type testBlock struct {
	hash  chainhash.Hash
	raw   []byte
	spent map[int][]*wire.TxOut
}

// testTx is a transaction with what it spends.
type testTx struct {
	tx    *wire.MsgTx
	spent []*wire.TxOut
}

func newTestChain(first int32) *testChain {
	return &testChain{first: first, known: make(map[chainhash.Hash]*testBlock)}
}

// mine appends a block; a coinbase is put in front.
func (c *testChain) mine(t testing.TB, txs ...testTx) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.salt++
	var previous chainhash.Hash
	if n := len(c.blocks); n > 0 {
		previous = c.blocks[n-1].hash
	}
	header := make([]byte, scan.HeaderLen)
	copy(header[4:], previous[:])
	binary.LittleEndian.PutUint32(header[76:], c.salt)
	raw := bytes.NewBuffer(header)
	if err := wire.WriteVarInt(raw, 0, uint64(len(txs)+1)); err != nil {
		t.Fatal(err)
	}
	coinbase := wire.NewMsgTx(1)
	coinbase.AddTxIn(wire.NewTxIn(wire.NewOutPoint(&chainhash.Hash{}, wire.MaxPrevOutIndex), binary.BigEndian.AppendUint32(nil, c.salt), nil))
	coinbase.AddTxOut(wire.NewTxOut(0, nil))
	b := &testBlock{spent: make(map[int][]*wire.TxOut)}
	if err := coinbase.Serialize(raw); err != nil {
		t.Fatal(err)
	}
	for i, tx := range txs {
		if err := tx.tx.Serialize(raw); err != nil {
			t.Fatal(err)
		}
		b.spent[i+1] = tx.spent
	}
	b.raw = raw.Bytes()
	b.hash = chainhash.DoubleHashH(b.raw[:scan.HeaderLen])
	c.blocks = append(c.blocks, b)
	c.known[b.hash] = b
}

// cut removes the last blocks.
func (c *testChain) cut(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.blocks = c.blocks[:len(c.blocks)-n]
}

func (c *testChain) height() int32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.first + int32(len(c.blocks)) - 1
}

func (c *testChain) Tip(context.Context) (int32, chainhash.Hash, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.blocks) == 0 {
		return c.first - 1, chainhash.Hash{}, nil
	}
	return c.first + int32(len(c.blocks)) - 1, c.blocks[len(c.blocks)-1].hash, nil
}

func (c *testChain) HashAt(_ context.Context, height int32) (chainhash.Hash, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := int(height - c.first)
	if i < 0 || i >= len(c.blocks) {
		return chainhash.Hash{}, fmt.Errorf("no block at height %d", height)
	}
	return c.blocks[i].hash, nil
}

func (c *testChain) block(hash chainhash.Hash) (*testBlock, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.known[hash]
	if b == nil {
		return nil, fmt.Errorf("no block %s", hash)
	}
	return b, nil
}

// Checked: the blocks have no work and no merkle root.
func (c *testChain) Checked() bool { return true }

func (c *testChain) RawBlock(_ context.Context, hash chainhash.Hash) ([]byte, error) {
	b, err := c.block(hash)
	if err != nil {
		return nil, err
	}
	return b.raw, nil
}

func (c *testChain) PrevOut(_ context.Context, op wire.OutPoint) (*wire.TxOut, error) {
	return nil, fmt.Errorf("no output %s", op)
}

func (c *testChain) SpentBy(_ context.Context, hash chainhash.Hash, index int) ([]*wire.TxOut, error) {
	b, err := c.block(hash)
	if err != nil {
		return nil, err
	}
	return b.spent[index], nil
}
