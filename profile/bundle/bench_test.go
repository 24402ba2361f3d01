package bundle

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/snv"
	"blockstack/names/snv/snvtest"
)

// benchBlocks is how long ago the old name was last touched, and how many blocks without operations
// come before it: these weigh, since their consensus hashes are mixed into later ones.
const benchBlocks = 50_000

// owned is a name of the load and its owner.
type owned struct {
	name  string
	owner *snvtest.Person
}

// load puts operations into blocks: none to four in each, two on average. A third are new names
// with preorder and registration, the rest updates, transfers and renewals of names that are there.
type load struct {
	*world
	rng   *rand.Rand
	names []owned
	ops   int
}

func (l *load) block() []snvtest.Tx {
	var txs []snvtest.Tx
	used := map[int]bool{}
	for want := l.rng.IntN(5); len(txs) < want; {
		i := 0
		if len(l.names) > 0 {
			i = l.rng.IntN(len(l.names))
		}
		if len(l.names) < 100 || l.rng.IntN(3) == 0 || used[i] {
			name, owner := fmt.Sprintf("%x.id", l.rng.Uint64()>>16), l.Person(l.rng.Uint64()>>1)
			txs = append(txs, l.Register(name, l.Person(l.rng.Uint64()>>1), owner, names.ZoneFileHash{1})...)
			l.names = append(l.names, owned{name, owner})
			used[len(l.names)-1] = true
			continue
		}
		used[i] = true
		n := &l.names[i]
		switch l.rng.IntN(5) {
		case 0:
			to := l.Person(l.rng.Uint64() >> 1)
			txs = append(txs, l.Tx(n.owner, nameop.NameTransfer{Keep: true, NameHash: nameop.NameHash(n.name), Consensus: l.Quote}, l.Pay(to, 1)))
			n.owner = to
		case 1:
			txs = append(txs, l.Tx(n.owner, nameop.NameRenewal{Name: n.name}, l.Pay(n.owner, 1), l.Pay(n.owner, 1), l.Burn(100_000)))
		default:
			hash := names.ZoneFileHash{byte(l.rng.Uint32()), byte(l.rng.Uint32())}
			txs = append(txs, l.Tx(n.owner, nameop.NameUpdate{NameConsensus: nameop.UpdateHash(n.name, l.Quote), ZoneFile: hash}))
		}
	}
	l.ops += len(txs)
	return txs
}

// newLoad makes the chain: 50,000 empty blocks, a name, 50,000 blocks of operations, another name.
func newLoad(b *testing.B) *load {
	b.Helper()
	w := &world{Chain: snvtest.New(b), t: b}
	w.alice = w.Person(1)
	w.Launch("id", w.Person(0), names.InfiniteLifetime)
	for range benchBlocks {
		w.Mine()
	}
	w.Follow()
	w.zoneFile = zoneFileOf(b, "alice.id", "")
	w.token = w.sign(w.alice, "Alice")
	hash := names.HashZoneFile(w.zoneFile)
	w.MineAndFollow(w.Register("alice.id", w.Person(3), w.alice, hash)...)
	l := &load{world: w, rng: rand.New(rand.NewPCG(1, 2))}
	const between = 15 // blocks that may pass before a quoted hash is too old: 24
	for i := range benchBlocks {
		l.Mine(l.block()...)
		if i%between == 0 {
			l.Follow()
		}
	}
	l.Follow()
	l.MineAndFollow(l.Register("fresh.id", l.Person(3), l.alice, hash)...)
	return l
}

// BenchmarkBundle says how large bundles are, and how long it takes to make and to verify them: for
// a name that was registered in the last block, and for one whose last operation is 50,000 blocks
// ago, with two operations in each block since.
func BenchmarkBundle(b *testing.B) {
	l := newLoad(b)
	for _, c := range []struct{ label, name string }{{"fresh", "fresh.id"}, {fmt.Sprintf("%d-blocks-ago", benchBlocks), "alice.id"}} {
		n, err := names.Parse(c.name)
		if err != nil {
			b.Fatal(err)
		}
		raw := l.bundle(c.name, l.token, l.zoneFile)
		b.Run("prove/"+c.label, func(b *testing.B) { // and verify the proof, as always
			defer cpuMetric(b)()
			for b.Loop() {
				if _, err := snv.Prove(b.Context(), l.Index, l.Chain, n, snv.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("verify/"+c.label, func(b *testing.B) {
			v := &Verifier{Params: l.Params, Trust: l.trust()}
			ops := 0
			defer cpuMetric(b)()
			for b.Loop() {
				r, err := v.Verify(b.Context(), raw)
				if err != nil || !r.Valid {
					b.Fatalf("%+v, %v", r, err)
				}
				ops = r.Proof.Operations
			}
			b.ReportMetric(float64(len(raw)), "bytes")
			b.ReportMetric(float64(ops), "ops")
		})
	}
}

// cpuMetric reports processor time too, which a busy machine does not change much.
func cpuMetric(b *testing.B) (done func()) {
	before := cpuSeconds()
	return func() { b.ReportMetric((cpuSeconds()-before)*1e3/float64(b.N), "cpu-ms/op") }
}
