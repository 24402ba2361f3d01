// Package portstest has a chain, an index, a wallet and a journal in memory for the tests of the
// engine's parts. They know what a test puts into them, and nothing follows from anything: a test
// may let them contradict one another. Tests alone import it.
package portstest

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
)

// World is what the parts of the engine read, for a test to fill.
type World struct {
	Chain   *Chain
	Names   *Names
	Wallet  *Wallet
	Journal *Journal
	Params  *names.Params
}

// New is an empty world at a height, by the rules of the sandbox.
func New(height int32) *World {
	w := &World{
		Chain: &Chain{Txs: make(map[chainhash.Hash]ports.TxStatus), Blocks: make(map[int32]*wire.MsgBlock), Refuse: make(map[chainhash.Hash]error)},
		Names: &Names{Records: make(map[names.Name]names.Record), Spaces: make(map[names.NamespaceID]names.Namespace),
			Ops: make(map[chainhash.Hash]ports.OpStatus), Hashes: make(map[int32]names.ConsensusHash), Outstanding: make(map[string][]ports.Outstanding),
			Owned: make(map[string]int), Held: make(map[names.PreorderHash]bool)},
		Wallet: &Wallet{Txs: make(map[chainhash.Hash]*wire.MsgTx)}, Journal: &Journal{}, Params: names.Sandbox("", nil),
	}
	w.At(height)
	return w
}

// At moves node and index to a height.
func (w *World) At(height int32) {
	w.Chain.Height, w.Names.Height = height, height
	w.Chain.Hash = chainhash.Hash{byte(height), byte(height >> 8), 1}
	w.Names.Hash = w.Chain.Hash
}

// Ports are those of the world.
func (w *World) Ports() ports.World {
	return ports.World{Chain: w.Chain, Names: w.Names, Wallet: w.Wallet, Journal: w.Journal, Params: w.Params}
}

// Journal keeps jobs in memory, and can be full.
type Journal struct {
	List  []*job.Job
	Full  error // what a write gives instead
	Saves int
}

// Jobs are those of the list.
func (j *Journal) Jobs(context.Context) ([]*job.Job, error) {
	return append([]*job.Job(nil), j.List...), nil
}

// Job finds one.
func (j *Journal) Job(_ context.Context, id job.ID) (*job.Job, error) {
	for _, o := range j.List {
		if o.ID == id {
			return o, nil
		}
	}
	return nil, job.ErrNoJob
}

// Save keeps one.
func (j *Journal) Save(_ context.Context, one *job.Job) error {
	if j.Full != nil {
		return j.Full
	}
	j.Saves++
	for i, o := range j.List {
		if o.ID == one.ID {
			j.List[i] = one
			return nil
		}
	}
	j.List = append(j.List, one)
	return nil
}

// Name reads a name.
func Name(tb testing.TB, text string) names.Name {
	tb.Helper()
	n, err := names.Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// Script is the n-th script of a single key.
func Script(n byte) []byte { return names.PubKeyHashScript([20]byte{n}) }

// Coin is the n-th coin, which no transaction here has made.
func Coin(n byte) wire.OutPoint { return wire.OutPoint{Hash: chainhash.Hash{0xc0, n}} }

// Tx is a transaction that spends some coins and makes two of an amount for a script.
func Tx(value int64, script []byte, coins ...wire.OutPoint) *wire.MsgTx {
	tx := wire.NewMsgTx(2)
	for i := range coins {
		tx.AddTxIn(wire.NewTxIn(&coins[i], nil, nil))
	}
	tx.AddTxOut(wire.NewTxOut(value, script))
	tx.AddTxOut(wire.NewTxOut(value, script))
	return tx
}

// Version stores a transaction as a version whose next output is the second.
func Version(tb testing.TB, tx *wire.MsgTx) *job.Version {
	tb.Helper()
	var raw bytes.Buffer
	if err := tx.Serialize(&raw); err != nil {
		tb.Fatal(err)
	}
	return &job.Version{Txid: tx.TxHash(), Raw: raw.Bytes(), VSize: 200, Fee: 2000, Rate: 10_000, Next: 1}
}

// Stage is a transaction of a job that may have been sent.
func Stage(role job.Role, versions ...*job.Version) *job.Stage {
	return &job.Stage{Role: role, Versions: versions, Used: true}
}

// Is says whether an error is another one, or of its type where that has no values; nil: that there
// is none.
func Is(err, want error) bool {
	if err == nil || want == nil {
		return err == want
	}
	kind := reflect.TypeOf(want)
	return errors.Is(err, want) || kind != reflect.TypeOf(errors.ErrUnsupported) && errors.As(err, reflect.New(kind).Interface())
}
