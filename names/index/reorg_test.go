package index

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	bolt "go.etcd.io/bbolt"

	"blockstack/names"
	"blockstack/names/state"
)

// dump is every key and value of an index but its undo data.
func dump(t testing.TB, x *Index) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := x.read(func(tx *bolt.Tx) error {
		return tx.ForEach(func(bucket []byte, rows *bolt.Bucket) error {
			if string(bucket) == "undo" {
				return nil
			}
			return rows.ForEach(func(k, v []byte) error {
				all[string(bucket)+"/"+string(k)] = string(v)
				return nil
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func compareDumps(t testing.TB, got, want map[string]string) {
	t.Helper()
	for k, v := range want {
		if g, ok := got[k]; !ok {
			t.Errorf("row %q is missing", k)
		} else if g != v {
			t.Errorf("row %q is\n%x, want\n%x", k, g, v)
		}
	}
	for k := range got {
		if _, ok := want[k]; !ok {
			t.Errorf("row %q is too much", k)
		}
	}
}

// openFast opens an index that does not wait for the disk.
func openFast(t testing.TB, p *names.Params, o Options) *Index {
	t.Helper()
	x := openTemp(t, p, o)
	x.db.Bolt().NoSync = true
	x.db.Bolt().NoFreelistSync = true
	return x
}

// histories is how many random histories are tried: a few hundred, or as many as the variable says.
func histories(t *testing.T, n int) int {
	if text := os.Getenv("INDEX_HISTORIES"); text != "" {
		v, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if testing.Short() {
		return n / 10
	}
	return n
}

// TestRandomHistories connects and disconnects blocks of random operations, to any depth, and
// compares the index with a fresh one of the final chain; then it computes the fresh one's state
// again from its operations.
func TestRandomHistories(t *testing.T) {
	accepted := make(map[string]int)
	for seed := range histories(t, 200) {
		oneHistory(t, seed, accepted)
	}
	t.Log(accepted)
	for _, op := range []string{"NAME_REGISTRATION", "NAME_RENEWAL", "NAME_UPDATE", "NAME_TRANSFER", "NAME_REVOKE", "NAME_IMPORT",
		"NAMESPACE_READY", "TOKEN_TRANSFER", "ANNOUNCE"} {
		if accepted[op] == 0 && !testing.Short() {
			t.Errorf("no %s was ever accepted: the histories show nothing about it", op)
		}
	}
}

func oneHistory(t *testing.T, seed int, accepted map[string]int) {
	t.Run(strconv.Itoa(seed), func(t *testing.T) {
		rng := rand.New(rand.NewPCG(uint64(seed), 7))
		p := randomParams(t, func(p *names.Params) { p.Genesis = grants(newGenerator(t, rng, p)) })
		g := newGenerator(t, rng, p)
		o := Options{BatchBytes: []int{1, 5000, 0}[rng.IntN(3)], Workers: 1 + rng.IntN(3)}
		x := openFast(t, p, o)
		g.x = x
		c := newTestChain(p.FirstBlock)
		if rng.IntN(4) > 0 {
			g.launchAll(t, c)
		}
		for range 4 + rng.IntN(8) {
			if n := len(c.blocks); n > 0 && rng.IntN(3) > 0 {
				depth := 1 + rng.IntN(n)
				if rng.IntN(4) > 0 {
					depth = 1 + rng.IntN(min(n, 4))
				}
				c.cut(depth)
				if rng.IntN(3) == 0 { // a chain that is shorter for a while
					follow(t, x, c)
				}
			}
			for range 1 + rng.IntN(12) {
				c.mine(t, g.block(t, c.height()+1)...)
				if rng.IntN(3) > 0 {
					follow(t, x, c)
				}
			}
			follow(t, x, c)
		}
		fresh := openFast(t, p, Options{})
		follow(t, fresh, c)
		compareDumps(t, dump(t, x), dump(t, fresh))
		if _, err := fresh.Verify(t.Context(), nil); err != nil {
			t.Error(err)
		}
		countAccepted(t, fresh, accepted)
	})
}

func follow(t testing.TB, x *Index, b Blocks) {
	t.Helper()
	if err := x.Follow(t.Context(), b, nil); err != nil {
		t.Fatal(err)
	}
}

func countAccepted(t *testing.T, x *Index, counts map[string]int) {
	t.Helper()
	tip, err := x.Tip(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for h := x.p.FirstBlock; h <= tip.Height; h++ {
		_, ops, err := x.Block(t.Context(), h)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range ops {
			if row.Status == state.Accepted {
				counts[row.OpName]++
			} else {
				counts[fmt.Sprintf("%s %s", row.OpName, row.Reason)]++
			}
		}
	}
}

// TestUndoRestoresEverything checks that taking one block back leaves every key and value as before
// it.
func TestUndoRestoresEverything(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	p := randomParams(t, func(p *names.Params) { p.Genesis = grants(newGenerator(t, rng, p)) })
	g := newGenerator(t, rng, p)
	g.x = openFast(t, p, Options{})
	c := newTestChain(p.FirstBlock)
	g.launchAll(t, c)
	for range 60 {
		follow(t, g.x, c)
		before := dump(t, g.x)
		c.mine(t, g.block(t, c.height()+1)...)
		follow(t, g.x, c)
		if undone, err := g.x.undo(c.height() - 1); err != nil || !undone {
			t.Fatalf("undo: %t, %v", undone, err)
		}
		compareDumps(t, dump(t, g.x), before)
		err := g.x.read(func(tx *bolt.Tx) error {
			if tx.Bucket([]byte("undo")).Get(binary.BigEndian.AppendUint32(nil, uint32(c.height()))) != nil {
				t.Error("undo data of a block that is gone")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
