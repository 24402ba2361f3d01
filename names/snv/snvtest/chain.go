// Package snvtest makes small chains of name operations for tests of proofs: real blocks with the
// work of a test network, and the index that follows them. Tests alone import it.
package snvtest

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/nameop"
)

// Chain is a chain from the registry's first block on. It is a source of blocks for the index and
// for proofs.
type Chain struct {
	Params *names.Params
	Index  *index.Index
	Quote  names.ConsensusHash // of the last block that the index has read

	tb     testing.TB
	blocks []*block
	known  map[chainhash.Hash]*block
	salt   uint64
}

type block struct {
	hash  chainhash.Hash
	raw   []byte
	spent [][]*wire.TxOut // of each transaction
}

// Person sends and owns; P2PKH.
type Person struct {
	Key     *btcec.PrivateKey
	PubKey  []byte
	Script  []byte
	Address string
}

// Tx is a transaction with the outputs that it spends.
type Tx struct {
	*wire.MsgTx
	spent []*wire.TxOut
}

// bits is the difficulty of a test network.
const bits = 0x207fffff

// New makes a chain without blocks, by mainnet's rules of epoch 3 from its first block on.
func New(tb testing.TB) *Chain {
	tb.Helper()
	p := names.Mainnet()
	initial := p.InitialConsensus[p.FirstBlock-1]
	p.GenesisUnknown = false
	p.FirstBlock = 10
	p.InitialConsensus = map[int32]names.ConsensusHash{9: initial}
	for i, end := range []int32{1, 2, 1 << 28, 1 << 29, -1} {
		p.Epochs[i].EndBlock = end
	}
	x, err := index.Open(filepath.Join(tb.TempDir(), "index.db"), p, index.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := x.Close(); err != nil {
			tb.Error(err)
		}
	})
	return &Chain{Params: p, Index: x, Quote: initial, tb: tb, known: map[chainhash.Hash]*block{}}
}

// Person makes somebody; the same number gives the same one.
func (c *Chain) Person(n uint64) *Person {
	var secret [32]byte
	binary.BigEndian.PutUint64(secret[24:], n+1)
	key, pub := btcec.PrivKeyFromBytes(secret[:])
	p := &Person{Key: key, PubKey: pub.SerializeCompressed()}
	p.Script = names.PubKeyHashScript([20]byte(address.Hash160(p.PubKey)))
	var err error
	if p.Address, err = c.Params.ScriptAddress(p.Script); err != nil {
		c.tb.Fatal(err)
	}
	return p
}

// Pay is an output to somebody.
func (c *Chain) Pay(to *Person, value int64) *wire.TxOut { return wire.NewTxOut(value, to.Script) }

// Burn is an output to nobody.
func (c *Chain) Burn(value int64) *wire.TxOut {
	script, err := c.Params.AddressScript(c.Params.BurnAddress)
	if err != nil {
		c.tb.Fatal(err)
	}
	return wire.NewTxOut(value, script)
}

// Tx makes a transaction of somebody with an operation.
func (c *Chain) Tx(from *Person, op nameop.Op, outs ...*wire.TxOut) Tx {
	script, err := nameop.Script(c.Params.Magic, op)
	if err != nil {
		c.tb.Fatal(err)
	}
	c.salt++
	tx := wire.NewMsgTx(1)
	var prev chainhash.Hash
	binary.LittleEndian.PutUint64(prev[:], c.salt)
	unlock := append([]byte{1, 0x30, byte(len(from.PubKey))}, from.PubKey...)
	tx.AddTxIn(wire.NewTxIn(wire.NewOutPoint(&prev, 0), unlock, nil))
	tx.AddTxOut(wire.NewTxOut(0, script))
	for _, out := range outs {
		tx.AddTxOut(out)
	}
	return Tx{tx, []*wire.TxOut{wire.NewTxOut(1e10, from.Script)}}
}

// Register gives the preorder and the registration of a name; they may stand in one block.
func (c *Chain) Register(name string, payer, owner *Person, zoneFile names.ZoneFileHash) []Tx {
	h, err := nameop.HashPreorder(name, payer.Script, owner.Address)
	if err != nil {
		c.tb.Fatal(err)
	}
	return []Tx{
		c.Tx(payer, nameop.NamePreorder{Hash: h, Consensus: c.Quote}, c.Pay(payer, 1), c.Burn(100_000)),
		c.Tx(payer, nameop.NameRegistration{Name: name, HasZoneFile: true, ZoneFile: zoneFile}, c.Pay(owner, 1), c.Pay(payer, 1)),
	}
}

// Launch opens a namespace in three blocks.
func (c *Chain) Launch(id string, by *Person, lifetime uint32) {
	h, err := nameop.HashPreorder(id, by.Script, by.Address)
	if err != nil {
		c.tb.Fatal(err)
	}
	c.Mine(c.Tx(by, nameop.NamespacePreorder{Hash: h, Consensus: c.Quote}, c.Pay(by, 1), c.Burn(1e9)))
	c.Mine(c.Tx(by, nameop.NamespaceReveal{
		ID: id, Version: 1, Lifetime: lifetime, Coeff: 1, Base: 1, NonAlphaDiscount: 1, NoVowelDiscount: 1,
	}, c.Pay(by, 1), c.Pay(by, 1)))
	c.Mine(c.Tx(by, nameop.NamespaceReady{ID: id}))
}

// Mine appends a block. The index reads it with the next Follow.
func (c *Chain) Mine(txs ...Tx) {
	c.tb.Helper()
	c.salt++
	coinbase := wire.NewMsgTx(1)
	script := binary.LittleEndian.AppendUint64([]byte{8}, c.salt)
	coinbase.AddTxIn(wire.NewTxIn(&wire.OutPoint{Index: wire.MaxPrevOutIndex}, script, nil))
	coinbase.AddTxOut(wire.NewTxOut(0, []byte{0x51}))
	b := &block{spent: [][]*wire.TxOut{nil}}
	list := []*btcutil.Tx{btcutil.NewTx(coinbase)}
	for _, tx := range txs {
		list = append(list, btcutil.NewTx(tx.MsgTx))
		b.spent = append(b.spent, tx.spent)
	}
	msg := wire.MsgBlock{Header: wire.BlockHeader{
		Version: 4, MerkleRoot: blockchain.CalcMerkleRoot(list, false), Bits: bits, Timestamp: time.Unix(1_500_000_000+600*int64(len(c.blocks)), 0),
	}}
	if n := len(c.blocks); n > 0 {
		msg.Header.PrevBlock = c.blocks[n-1].hash
	}
	for _, tx := range list {
		msg.Transactions = append(msg.Transactions, tx.MsgTx())
	}
	for target := blockchain.CompactToBig(bits); ; msg.Header.Nonce++ {
		if b.hash = msg.Header.BlockHash(); blockchain.HashToBig(&b.hash).Cmp(target) <= 0 {
			break
		}
	}
	var raw bytes.Buffer
	if err := msg.Serialize(&raw); err != nil {
		c.tb.Fatal(err)
	}
	b.raw = raw.Bytes()
	c.blocks = append(c.blocks, b)
	c.known[b.hash] = b
}

// Follow lets the index read what was mined. Every operation up to now must have been accepted,
// else the test fails; refused ones are no part of proofs.
func (c *Chain) Follow() {
	c.tb.Helper()
	before, err := c.Index.Tip(c.tb.Context())
	if err != nil {
		c.tb.Fatal(err)
	}
	if err := c.Index.Follow(c.tb.Context(), c, nil); err != nil {
		c.tb.Fatal(err)
	}
	for h := before.Height + 1; h <= c.Height(); h++ {
		_, ops, err := c.Index.Block(c.tb.Context(), h)
		if err != nil {
			c.tb.Fatal(err)
		}
		for i := range ops {
			if err := ops[i].Err(); err != nil {
				c.tb.Fatalf("block %d: %s of %s: %v", h, ops[i].OpName, ops[i].Subject, err)
			}
		}
	}
	if c.Quote, err = c.Index.ConsensusHash(c.tb.Context(), c.Height()); err != nil {
		c.tb.Fatal(err)
	}
}

// MineAndFollow does both.
func (c *Chain) MineAndFollow(txs ...Tx) {
	c.tb.Helper()
	c.Mine(txs...)
	c.Follow()
}

// Height is that of the last block.
func (c *Chain) Height() int32 { return c.Params.FirstBlock + int32(len(c.blocks)) - 1 }

// Tip implements index.Blocks.
func (c *Chain) Tip(ctx context.Context) (int32, chainhash.Hash, error) {
	h, err := c.HashAt(ctx, c.Height())
	return c.Height(), h, err
}

// HashAt implements index.Blocks.
func (c *Chain) HashAt(_ context.Context, height int32) (chainhash.Hash, error) {
	i := int(height - c.Params.FirstBlock)
	if i < 0 || i >= len(c.blocks) {
		return chainhash.Hash{}, fmt.Errorf("no block at height %d", height)
	}
	return c.blocks[i].hash, nil
}

func (c *Chain) find(hash chainhash.Hash) (*block, error) {
	if b := c.known[hash]; b != nil {
		return b, nil
	}
	return nil, fmt.Errorf("no block %s", hash)
}

// RawBlock implements index.Blocks.
func (c *Chain) RawBlock(_ context.Context, hash chainhash.Hash) ([]byte, error) {
	b, err := c.find(hash)
	if err != nil {
		return nil, err
	}
	return b.raw, nil
}

// Header gives a block's header.
func (c *Chain) Header(_ context.Context, hash chainhash.Hash) (*wire.BlockHeader, error) {
	b, err := c.find(hash)
	if err != nil {
		return nil, err
	}
	h := &wire.BlockHeader{}
	return h, h.Deserialize(bytes.NewReader(b.raw))
}

// PrevOut implements index.Blocks; SpentBy knows better.
func (c *Chain) PrevOut(_ context.Context, op wire.OutPoint) (*wire.TxOut, error) {
	return nil, fmt.Errorf("no output %s", op)
}

// SpentBy implements index.SpentOutputs.
func (c *Chain) SpentBy(_ context.Context, hash chainhash.Hash, tx int) ([]*wire.TxOut, error) {
	b, err := c.find(hash)
	if err != nil {
		return nil, err
	}
	return b.spent[tx], nil
}
