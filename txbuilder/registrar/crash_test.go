package registrar

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
)

// ours describes the transactions of the best chain that spend coins of the wallet, all that was
// ever paid: what each does, whose outputs it spends and what its outputs hold. Their ids differ
// from chain to chain.
func (v *world) ours() []string {
	v.t.Helper()
	blocks, err := v.w.chainBlocks(v.t.Context())
	if err != nil {
		v.t.Fatal(err)
	}
	maker := map[wire.OutPoint]string{}
	var list []string
	for _, b := range blocks {
		for _, tx := range b.Transactions {
			from, id := "", tx.TxHash()
			for _, in := range tx.TxIn {
				if m, ok := maker[in.PreviousOutPoint]; ok {
					from += " " + m
				}
			}
			name := "coin"
			if from != "" {
				name = fmt.Sprintf("#%d", len(list))
				list = append(list, name+" spends"+from+" and makes"+describe(tx))
			}
			for n, o := range tx.TxOut {
				if v.w.keys[string(o.PkScript)] != nil {
					maker[wire.OutPoint{Hash: id, Index: uint32(n)}] = fmt.Sprintf("%s:%d", name, n)
				}
			}
		}
	}
	return list
}

// describe shows the outputs; of an operation only its opcode.
func describe(tx *wire.MsgTx) string {
	s := ""
	for _, o := range tx.TxOut {
		if txbuilder.KindOf(o.PkScript) == txbuilder.KindData {
			s += fmt.Sprintf(" %c", o.PkScript[4])
			continue
		}
		s += fmt.Sprintf(" %d>%x", o.Value, o.PkScript[:6])
	}
	return s
}

// broadcasts are the distinct transactions that were handed to the node.
func (v *world) broadcasts() map[chainhash.Hash]bool {
	ids := map[chainhash.Hash]bool{}
	for _, tx := range v.btc.Sent() {
		for _, in := range tx.TxIn {
			if prev, err := v.btc.Tx(v.t.Context(), in.PreviousOutPoint.Hash); err == nil &&
				v.w.keys[string(prev.TxOut[in.PreviousOutPoint.Index].PkScript)] != nil {
				ids[tx.TxHash()] = true
			}
		}
	}
	return ids
}

// live does a whole piece of work as a person would: the same command again after every stop, a
// block between two looks.
func (v *world) live(req Request) *Job {
	v.t.Helper()
	for range 200 {
		var j *Job
		err, dead := v.survive(func() error {
			var err error
			if j, err = v.r.Start(v.t.Context(), req); err != nil {
				return err
			}
			j, err = v.r.Advance(v.t.Context(), j.ID)
			return err
		})
		switch {
		case dead || err != nil:
			v.open() // a new process over what is on disk
			continue
		case !j.Open():
			return j
		}
		v.mine(1)
	}
	v.t.Fatal("the work does not end")
	return nil
}

// boundaries counts the boundaries of an undisturbed life.
func boundaries(t *testing.T, prepare func(v *world) Request) (names []string, txids []string) {
	t.Helper()
	v := newWorld(t)
	req := prepare(v)
	v.kill = func(b string) bool {
		names = append(names, b)
		return false
	}
	if j := v.live(req); j.State != Done {
		t.Fatalf("undisturbed: %s: %s", j.State, j.Reason)
	}
	return names, v.ours()
}

func crashCases() map[string]func(v *world) Request {
	return map[string]func(v *world) Request{
		"launch": func(v *world) Request { return v.launchRequest("id", 1) },
		"register": func(v *world) Request {
			v.launch("id", 1)
			return v.register("alice.id")
		},
		"register for tokens": func(v *world) Request {
			v.launch("id", 3)
			return v.register("alice.id")
		},
	}
}

// TestCrashAnywhere stops the program before and after every write and every broadcast, starts it
// again, and expects exactly the same transactions as in a life without a stop.
func TestCrashAnywhere(t *testing.T) {
	for what, prepare := range crashCases() {
		t.Run(what, func(t *testing.T) {
			points, want := boundaries(t, prepare)
			if len(points) < 10 {
				t.Fatalf("only %d boundaries: %v", len(points), points)
			}
			for k, point := range points {
				v := newWorld(t)
				req := prepare(v)
				n := 0
				v.kill = func(string) bool {
					n++
					return n == k+1
				}
				j := v.live(req)
				if j.State != Done {
					t.Fatalf("killed at %d (%s): %s: %s", k, point, j.State, j.Reason)
				}
				if n <= k {
					t.Fatalf("boundary %d was never reached", k)
				}
				if got := v.ours(); !slices.Equal(got, want) {
					t.Errorf("killed at %d (%s): transactions\n %v\nwant\n %v", k, point, got, want)
				}
				if got := len(v.broadcasts()); got != len(want) {
					t.Errorf("killed at %d (%s): %d transactions were broadcast, want %d", k, point, got, len(want))
				}
			}
		})
	}
}

// TestCrashOften stops the program at every single boundary in one life: it only ever gets one
// boundary further.
func TestCrashOften(t *testing.T) {
	for what, prepare := range crashCases() {
		t.Run(what, func(t *testing.T) {
			_, want := boundaries(t, prepare)
			v := newWorld(t)
			req := prepare(v)
			seen := map[string]int{}
			v.kill = func(b string) bool {
				seen[b]++
				return seen[b] == 1
			}
			if j := v.live(req); j.State != Done {
				t.Fatalf("%s: %s", j.State, j.Reason)
			}
			if got := v.ours(); !slices.Equal(got, want) {
				t.Errorf("transactions\n %v\nwant\n %v", got, want)
			}
			if len(seen) < 10 {
				t.Errorf("only %d kinds of boundaries: %v", len(seen), slices.Collect(maps.Keys(seen)))
			}
		})
	}
}

// TestFailAnywhere lets every write, broadcast and publication fail once with an error instead.
func TestFailAnywhere(t *testing.T) {
	prepare := crashCases()["register"]
	points, want := boundaries(t, prepare)
	for k, point := range points {
		v := newWorld(t)
		req := prepare(v)
		n := 0
		v.fail = func(string) error {
			if n++; n == k+1 {
				return errFault
			}
			return nil
		}
		if j := v.live(req); j.State != Done {
			t.Fatalf("failed at %d (%s): %s: %s", k, point, j.State, j.Reason)
		}
		if got := v.ours(); !slices.Equal(got, want) {
			t.Errorf("failed at %d (%s): transactions\n %v\nwant\n %v", k, point, got, want)
		}
	}
}

// TestNothingBeforeDisk looks at every broadcast: its bytes must be in the journal file already.
func TestNothingBeforeDisk(t *testing.T) {
	v := newWorld(t)
	req := crashCases()["register"](v)
	checked := 0
	v.fail = func(b string) error {
		if b != "after broadcast" {
			return nil
		}
		sent := v.btc.Sent()
		var raw bytes.Buffer
		if err := sent[len(sent)-1].Serialize(&raw); err != nil {
			return err
		}
		jobs, err := v.journal.Jobs(t.Context())
		if err != nil {
			return err
		}
		for _, j := range jobs {
			for _, s := range j.Stages {
				for _, ver := range s.Versions {
					if bytes.Equal(ver.Raw, raw.Bytes()) {
						checked++
						return nil
					}
				}
			}
		}
		t.Error("a transaction was sent that is not in the journal")
		return nil
	}
	if j := v.live(req); j.State != Done || checked != 2 {
		t.Fatalf("%s, %d broadcasts checked", j.State, checked)
	}
}
