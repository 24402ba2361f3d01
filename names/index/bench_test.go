package index

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/index/scan"
	"blockstack/names/index/store"
	"blockstack/names/nameop"
	"blockstack/names/rules"
	"blockstack/names/state"
)

// load is an index with many names, and blocks of operations on them.
type load struct {
	p     *names.Params
	path  string // of the index before the work
	names []string
	chain *testChain
	from  int32 // height of the index before the work
	ops   int   // in the blocks after it
}

// limited shows a chain up to a height.
type limited struct {
	*testChain
	to int32
}

func (l limited) Tip(ctx context.Context) (int32, chainhash.Hash, error) {
	h, err := l.HashAt(ctx, l.to)
	return l.to, h, err
}

const benchOps = 40_000

var (
	loadsMu sync.Mutex
	loads   = make(map[int]*load)
)

// benchLoad makes the load for a number of names; once per run.
func benchLoad(b *testing.B, count int) *load {
	b.Helper()
	loadsMu.Lock()
	defer loadsMu.Unlock()
	if l := loads[count]; l != nil {
		return l
	}
	dir, err := os.MkdirTemp("", "index-bench-")
	if err != nil {
		b.Fatal(err)
	}
	l := makeLoad(b, count, filepath.Join(dir, "index.db"))
	loads[count] = l
	return l
}

func removeLoads() {
	for _, l := range loads {
		_ = os.RemoveAll(filepath.Dir(l.path))
	}
	clear(loads)
}

// worker makes blocks of operations and follows them in memory for the consensus hashes to quote.
type worker struct {
	b        *testing.B
	g        *generator
	l        *load
	rng      *rand.Rand
	state    *store.Batch
	schedule *rules.Schedule
	quoted   names.ConsensusHash
}

func (w *worker) mine(txs []testTx) {
	w.b.Helper()
	w.l.chain.mine(w.b, txs...)
	block := w.l.chain.blocks[len(w.l.chain.blocks)-1]
	height := w.l.chain.height()
	ops, err := scan.Operations(w.l.p, height, block.raw, spentOutputs(w.b.Context(), w.l.chain, block.hash))
	if err != nil {
		w.b.Fatal(err)
	}
	out, err := rules.Apply(w.l.p, w.state.State(w.l.p), w.schedule, height, ops)
	if err != nil {
		w.b.Fatal(err)
	}
	for _, op := range out.Ops {
		if op.Status != state.Accepted {
			w.b.Fatalf("%s at %d: %v", op.OpName, height, op.Err())
		}
	}
	if err := w.state.Connect(block.hash, out, false); err != nil {
		w.b.Fatal(err)
	}
	w.quoted = out.Consensus
}

func (w *worker) someone(n uint64) *person {
	var hash [20]byte
	binary.LittleEndian.PutUint64(hash[:], n)
	script := names.PubKeyHashScript(hash)
	return &person{script: script, address: state.AddressOf(w.l.p, script)}
}

func makeLoad(b *testing.B, count int, path string) *load {
	p := names.Mainnet()
	p.GenesisUnknown = false
	p.FirstBlock = 10
	initial := p.InitialConsensus[373600]
	p.InitialConsensus = map[int32]names.ConsensusHash{9: initial}
	for i, end := range []int32{1, 2, 1 << 28, 1 << 29, -1} {
		p.Epochs[i].EndBlock = end
	}
	l := &load{p: p, path: path, chain: newTestChain(p.FirstBlock)}
	_, key := btcec.PrivKeyFromBytes(bytes.Repeat([]byte{7}, 32))
	pub := key.SerializeCompressed()
	script := names.PubKeyHashScript([20]byte(address.Hash160(pub)))
	a := &person{script: script, pubKey: pub, address: state.AddressOf(p, script)}
	rng := newRand(uint64(count))
	w := &worker{
		b: b, l: l, rng: rng, state: store.NewBatch(nil), schedule: rules.NewSchedule(p), quoted: initial,
		g: &generator{rng: rng, p: p},
	}
	h, err := nameop.HashPreorder("id", a.script, a.address)
	if err != nil {
		b.Fatal(err)
	}
	g := w.g
	w.mine([]testTx{g.tx(b, a, nameop.NamespacePreorder{Hash: h, Consensus: initial}, pay(a, 1), g.burn(1e9))})
	w.mine([]testTx{g.tx(b, a, nameop.NamespaceReveal{
		ID: "id", Version: 1, Lifetime: 52595, Coeff: 1, Base: 1, NonAlphaDiscount: 1, NoVowelDiscount: 1,
	}, pay(a, 1), pay(a, 1))})
	owners := make([]uint64, count)
	for len(l.names) < count {
		var txs []testTx
		for len(txs) < 2000 && len(l.names) < count {
			name := fmt.Sprintf("%x.id", rng.Uint64()>>12)
			owners[len(l.names)] = rng.Uint64()
			tx := g.tx(b, a, nameop.NameImport{Name: name}, pay(w.someone(owners[len(l.names)]), 1), g.burn(1))
			tx.tx.TxIn[0].SignatureScript = append([]byte{1, 0x30, byte(len(pub))}, pub...)
			txs = append(txs, tx)
			l.names = append(l.names, name)
		}
		w.mine(txs)
	}
	w.mine([]testTx{g.tx(b, a, nameop.NamespaceReady{ID: "id"})})
	l.from = l.chain.height()
	x, err := Open(path, p, Options{})
	if err != nil {
		b.Fatal(err)
	}
	follow(b, x, limited{l.chain, l.from})
	if err := x.Close(); err != nil {
		b.Fatal(err)
	}
	w.work(owners)
	for range store.UndoBlocks { // so that the work is far from the tip, where no undo data is kept
		w.mine(nil)
	}
	return l
}

// work is rounds of preorders, updates and transfers in one block, and the registrations in the
// next one.
func (w *worker) work(owners []uint64) {
	const perRound = 100
	g, l := w.g, w.l
	at := w.rng.Perm(len(owners))
	next := 0
	for l.ops < benchOps {
		var first, second []testTx
		for range perRound {
			name := fmt.Sprintf("n%x.id", w.rng.Uint64()>>12)
			payer, owner := w.someone(w.rng.Uint64()), w.someone(w.rng.Uint64())
			h, err := nameop.HashPreorder(name, payer.script, owner.address)
			if err != nil {
				w.b.Fatal(err)
			}
			first = append(first, g.tx(w.b, payer, nameop.NamePreorder{Hash: h, Consensus: w.quoted}, pay(payer, 1), g.burn(1000)))
			second = append(second, g.tx(w.b, payer, nameop.NameRegistration{Name: name}, pay(owner, 1), pay(payer, 1)))
			i := at[next%len(at)]
			j := at[(next+1)%len(at)]
			next += 2
			owned := l.names[i]
			first = append(first, g.tx(w.b, w.someone(owners[i]), nameop.NameUpdate{
				NameConsensus: nameop.UpdateHash(owned, w.quoted), ZoneFile: names.ZoneFileHash{byte(i)},
			}))
			newOwner := w.rng.Uint64()
			second = append(second, g.tx(w.b, w.someone(owners[j]), nameop.NameTransfer{
				Keep: true, NameHash: nameop.NameHash(l.names[j]), Consensus: w.quoted,
			}, pay(w.someone(newOwner), 1)))
			owners[j] = newOwner
		}
		w.mine(first)
		w.mine(second)
		l.ops += len(first) + len(second)
	}
}

func copyFile(b *testing.B, from, to string) {
	b.Helper()
	in, err := os.Open(from)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		b.Fatal(err)
	}
	if err := out.Sync(); err != nil {
		b.Fatal(err)
	}
	if err := out.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkIndex gives operations per second through the whole machine with the store on disk:
// blocks are scanned, operations judged, rows written. Blocks hold 200 operations.
func BenchmarkIndex(b *testing.B) {
	b.Cleanup(removeLoads)
	for _, count := range []int{10_000, 300_000} {
		b.Run(fmt.Sprintf("catching-up/%d-names", count), func(b *testing.B) {
			l := benchLoad(b, count)
			forgetPeak()
			b.ResetTimer()
			for range b.N {
				b.StopTimer()
				path := filepath.Join(b.TempDir(), "index.db")
				copyFile(b, l.path, path)
				x, err := Open(path, l.p, Options{})
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				follow(b, x, l.chain)
				b.StopTimer()
				if err := x.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(l.ops)*float64(b.N)/b.Elapsed().Seconds(), "ops/s")
			b.ReportMetric(peakMegabytes(), "peak-MB")
		})
		b.Run(fmt.Sprintf("at-tip/%d-names", count), func(b *testing.B) {
			l := benchLoad(b, count)
			const blocks = 50
			b.ResetTimer()
			for range b.N {
				b.StopTimer()
				path := filepath.Join(b.TempDir(), "index.db")
				copyFile(b, l.path, path)
				x, err := Open(path, l.p, Options{})
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				for h := l.from + 1; h <= l.from+blocks; h++ {
					follow(b, x, limited{l.chain, h})
				}
				b.StopTimer()
				if err := x.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(200*blocks*float64(b.N)/b.Elapsed().Seconds(), "ops/s")
			b.ReportMetric(b.Elapsed().Seconds()*1000/blocks/float64(b.N), "ms/block")
		})
		b.Run(fmt.Sprintf("lookup/%d-names", count), func(b *testing.B) {
			l := benchLoad(b, count)
			x, err := Open(l.path, l.p, Options{ReadOnly: true})
			if err != nil {
				b.Fatal(err)
			}
			defer x.Close()
			rng := newRand(3)
			var took []time.Duration
			for b.Loop() {
				n, err := names.Parse(l.names[rng.IntN(len(l.names))])
				if err != nil {
					b.Fatal(err)
				}
				began := time.Now()
				rec, err := x.Record(b.Context(), n)
				took = append(took, time.Since(began))
				if err != nil || rec.Status != names.Registered {
					b.Fatalf("%s: %s, %v", n, rec.Status, err)
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1000, "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1000, "p99-µs")
		})
	}
}

// forgetPeak makes peakMegabytes count from here.
func forgetPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // only Linux has it
}

// peakMegabytes is the most memory that the process had of late, its mapped file included; 0 where
// that cannot be read.
func peakMegabytes() float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(text, []byte("VmHWM:"))
	var kb float64
	if _, err := fmt.Sscanf(string(rest), "%f", &kb); err != nil {
		return 0
	}
	return kb / 1024
}
