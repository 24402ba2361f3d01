package registrar

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names/nameop"
)

func allStates() []State {
	return []State{Planned, PreorderSigned, PreorderConfirmed, RegisterSigned, RegisterConfirmed, UpdateSigned, UpdateConfirmed, Done, Cancelling, MoveSigned, Expired, Rejected, Cancelled}
}

// TestStateNumbers fixes the stored numbers and names.
func TestStateNumbers(t *testing.T) {
	want := map[State]string{1: "planned", 2: "preorder_signed", 3: "preorder_confirmed", 4: "register_signed", 5: "register_confirmed",
		6: "update_signed", 7: "update_confirmed", 8: "done", 9: "cancelling", 10: "move_signed", 11: "running", 20: "expired", 21: "rejected", 22: "cancelled"}
	if len(want) != len(allStates())+1 { // and Running, which only the jobs of a batch know
		t.Fatal("a state without a number here")
	}
	for n, name := range want {
		var s State
		if err := json.Unmarshal(fmt.Appendf(nil, "%d", uint8(n)), &s); err != nil || s.String() != name {
			t.Errorf("%d: %s, %v, want %s", n, s, err, name)
		}
	}
	var s State
	if err := json.Unmarshal([]byte("12"), &s); err == nil {
		t.Error("a state without a meaning was read")
	}
}

// drawn reads the drawing into arrows.
func drawn(t *testing.T) map[string]bool {
	t.Helper()
	byName := map[string]State{}
	for _, s := range allStates() {
		byName[strings.ReplaceAll(s.String(), "_", "")] = s
	}
	find := func(word string) State {
		s, ok := byName[strings.ToLower(word)]
		if !ok {
			t.Fatalf("the drawing has an unknown state %q", word)
		}
		return s
	}
	arrows := map[string]bool{}
	for line := range strings.Lines(strings.TrimSpace(drawing)) {
		from, to, ok := strings.Cut(line, ">")
		if !ok {
			t.Fatalf("line %q", line)
		}
		for _, word := range strings.Fields(to) {
			if strings.HasPrefix(word, "!") {
				continue // only the user
			}
			arrows[fmt.Sprintf("%s > %s", find(strings.TrimSpace(from)), find(strings.TrimLeft(word, "~")))] = true
		}
	}
	return arrows
}

// TestDrawing walks through every combination of what a job and the chain can
// show, and compares the arrows that Step returns with the drawing.
func TestDrawing(t *testing.T) {
	want, got := drawn(t), map[string]bool{}
	for _, state := range allStates() {
		for _, j := range shapes(state) {
			for _, f := range situations(j) {
				a := Step(j, f)
				if a.To == 0 {
					t.Fatalf("%s: %s leads nowhere", state, a.Do)
				}
				if a.Do == DoWait && (a.Wait == nil || a.Wait.For == "") {
					t.Fatalf("%s: waits for nothing", state)
				}
				if a.To == Expired || a.To == Rejected || a.To == Cancelled {
					if a.Reason == "" && a.Do != DoNothing {
						t.Fatalf("%s > %s without a reason", state, a.To)
					}
				}
				if a.To != state {
					got[fmt.Sprintf("%s > %s", state, a.To)] = true
				}
			}
		}
	}
	for arrow := range got {
		if !want[arrow] {
			t.Errorf("Step takes %s, which is not drawn", arrow)
		}
	}
	for arrow := range want {
		if !got[arrow] {
			t.Errorf("%s is drawn, but Step never takes it", arrow)
		}
	}
}

// shapes are jobs of a state: of every kind, with and without an update, with and
// without what was signed ahead.
func shapes(state State) []*Job {
	jobs := slices.Concat(ownerShapes(state), movedShapes(state))
	if state == MoveSigned {
		return jobs
	}
	jobs = append(jobs, importShapes(state)...)
	for _, kind := range []Kind{KindRegister, KindLaunch} {
		for _, update := range []bool{false, true} {
			for _, ahead := range []bool{false, true} {
				j := &Job{ID: "x", State: state, Request: Request{Kind: kind, Confirmations: 2, ZoneFile: []byte("zf")}, NeedsUpdate: update && kind == KindRegister}
				if kind == KindLaunch {
					j.Request.Namespace, j.Request.ZoneFile = &nameop.NamespaceReveal{ID: "id"}, nil
				}
				fl := j.flow()
				if fl.update == "" && (state == UpdateSigned || state == UpdateConfirmed) {
					continue // such a job has nothing to update
				}
				add := func(role Role, used bool, window int32, parents ...*Version) {
					if !used && !ahead || role == "" {
						return
					}
					st := &Stage{Role: role, Since: 95}
					for i, p := range parents {
						v := &Version{Txid: chainhash.HashH(fmt.Appendf(nil, "%s%d", role, i)), Window: window}
						if p != nil {
							v.Parent = p.Txid
						}
						st.Versions = append(st.Versions, v)
					}
					j.Stages = append(j.Stages, st)
				}
				version := func(role Role) *Version {
					if st := j.stage(role); st != nil {
						return st.Versions[0]
					}
					return nil
				}
				if state != Planned {
					add(fl.preorder, true, 110, nil, nil)
					p := version(fl.preorder)
					add(fl.register, state >= RegisterSigned && state <= Done, 0, p, p)
					if r := version(fl.register); r != nil {
						add(fl.update, state >= UpdateSigned && state <= Done, 0, r, r)
					}
				}
				if state == Cancelling || state == Cancelled {
					add(RoleReturn, true, 0, nil)
				}
				jobs = append(jobs, j)
			}
		}
	}
	return jobs
}

// movedShapes are the jobs that moved coins first, with the move in the chain or not.
func movedShapes(state State) []*Job {
	var jobs []*Job
	for _, kind := range []Kind{KindRegister, KindUpdate} {
		j := &Job{ID: "x", State: state, Request: Request{Kind: kind, Confirmations: 2, ZoneFile: []byte("zf")}, Deadline: 200}
		if state != Planned && state != MoveSigned && state != (&stepper{j: j}).started() {
			continue
		}
		move := &Version{Txid: chainhash.HashH([]byte("move"))}
		other := &Version{Txid: chainhash.HashH([]byte("move2"))}
		j.Stages = []*Stage{{Role: RoleMove, Since: 95, Versions: []*Version{move, other}}}
		for _, ahead := range []bool{false, true} {
			k := *j
			if ahead || state == (&stepper{j: j}).started() {
				k.Stages = append(k.Stages[:1:1], &Stage{Role: j.flow().first(), Since: 95, Versions: []*Version{
					{Txid: chainhash.HashH([]byte("first")), Window: 110, Parent: move.Txid}, {Txid: chainhash.HashH([]byte("first2")), Window: 110, Parent: other.Txid}}})
			}
			jobs = append(jobs, &k)
		}
	}
	return jobs
}

// importShapes are the jobs of imports, of one name and of two, that can be in a state.
func importShapes(state State) []*Job {
	var jobs []*Job
	for n := 1; n <= 2; n++ {
		j := &Job{ID: "x", State: state, Request: Request{Kind: KindImport, Confirmations: 2, Import: &ImportSet{Namespace: "id",
			Names: make([]Import, n), Ring: [][]byte{{1}}}}}
		j.Request.Import.Names[0].ZoneFile = []byte("zf")
		if n == 1 && (state == UpdateSigned || state == UpdateConfirmed) {
			continue
		}
		if state != Planned {
			for _, role := range j.roles() {
				st := &Stage{Role: role, Since: 95, Used: true}
				for i := range 2 {
					v := &Version{Txid: chainhash.HashH(fmt.Appendf(nil, "%s%d", role, i))}
					if role != RoleFund {
						v.Parent = j.Stages[0].Versions[0].Txid
					}
					st.Versions = append(st.Versions, v)
				}
				j.Stages = append(j.Stages, st)
			}
		}
		if state == Cancelling || state == Cancelled {
			j.Stages = append(j.Stages[:1], &Stage{Role: RoleReturn, Since: 95, Versions: []*Version{{Txid: chainhash.HashH([]byte("return"))}}})
		}
		jobs = append(jobs, j)
	}
	return jobs
}

// ownerShapes are the jobs of an owner's operations that can be in a state.
func ownerShapes(state State) []*Job {
	var jobs []*Job
	if state == MoveSigned || state == PreorderSigned || state == PreorderConfirmed || state == RegisterSigned || state == RegisterConfirmed {
		return nil
	}
	for _, kind := range []Kind{KindRenew, KindUpdate, KindTransfer, KindRevoke} {
		j := &Job{ID: "x", State: state, Request: Request{Kind: kind, Confirmations: 2, ZoneFile: []byte("zf")}, Deadline: 200}
		window := int32(0)
		if kind == KindUpdate || kind == KindTransfer {
			window = 110
		}
		add := func(role Role) {
			j.Stages = append(j.Stages, &Stage{Role: role, Since: 95, Versions: []*Version{
				{Txid: chainhash.HashH([]byte(role)), Window: window}, {Txid: chainhash.HashH([]byte(role + "2")), Window: window}}})
		}
		if state != Planned {
			add(j.flow().update)
		}
		if state == Cancelling || state == Cancelled {
			add(RoleReturn)
		}
		jobs = append(jobs, j)
	}
	return jobs
}

// situations are the facts that matter to a job, in every combination: each stage
// absent, waiting, unread, refused or accepted, shallow or deep; the name free,
// taken or held; before and after the deadlines; locked and unlocked.
func situations(j *Job) []Facts {
	at := []TxFact{
		{},
		{InMempool: true},
		{Height: 100, Confirmations: 1},
		{Height: 100, Confirmations: 1, Known: true, Accepted: true},
		{Height: 99, Confirmations: 2, Known: true, Accepted: true},
		{Height: 100, Confirmations: 1, Known: true, Reason: "no"},
		{Height: 99, Confirmations: 2, Known: true, Reason: "no"},
	}
	var list []Facts
	var fill func(stages []*Stage, txs map[chainhash.Hash]TxFact)
	fill = func(stages []*Stage, txs map[chainhash.Hash]TxFact) {
		if len(stages) > 0 {
			for _, t := range at {
				next := map[chainhash.Hash]TxFact{}
				for k, v := range txs {
					next[k] = v
				}
				next[stages[0].Versions[0].Txid] = t
				fill(stages[1:], next)
			}
			return
		}
		for _, tip := range []int32{100, 107, 300} {
			for _, taken := range []int32{-1, 0, 1, 5} { // held, free, shallow, deep
				for _, ready := range []bool{false, true} {
					f := Facts{Tip: tip, Synced: true, Txs: txs, Taken: taken > 0, TakenFor: taken, Held: taken < 0,
						Sent: map[chainhash.Hash]bool{}, Lifetime: 144, CanPublish: ready, CanSign: ready}
					if taken > 0 {
						f.Barred, f.BarredFor = "it is gone", taken
					}
					list = append(list, f)
					if len(j.Stages) > 0 && taken == 0 {
						f.Stale = map[chainhash.Hash]bool{j.Stages[0].Versions[0].Txid: true}
						list = append(list, f)
						f.Dead = f.Stale
						list = append(list, f)
					}
				}
			}
		}
	}
	fill(j.Stages, map[chainhash.Hash]TxFact{})
	return list
}

// TestStepIsPure asks twice and looks whether the job was touched.
func TestStepIsPure(t *testing.T) {
	for _, state := range allStates() {
		for _, j := range shapes(state) {
			before, err := json.Marshal(j)
			if err != nil {
				t.Fatal(err)
			}
			for i, f := range situations(j) {
				if i%17 == 0 {
					a, b := Step(j, f), Step(j, f)
					if fmt.Sprintf("%+v", a) != fmt.Sprintf("%+v", b) && a.Wait == nil {
						t.Fatalf("%s: %+v, then %+v", state, a, b)
					}
				}
			}
			if after, _ := json.Marshal(j); !slices.Equal(before, after) {
				t.Fatalf("%s: Step changed the job", state)
			}
		}
	}
}

// TestDeadIsNoWayOut: of two versions one can never confirm, and the other was refused for a coin that is not there
// now. It is offered again and the refusal told, however long the two could be exchanged for one another.
func TestDeadIsNoWayOut(t *testing.T) {
	a, b := &Version{Txid: chainhash.Hash{1}, Window: 90}, &Version{Txid: chainhash.Hash{2}, Window: 90}
	for current := range 2 {
		j := &Job{State: PreorderSigned, Request: Request{Kind: KindRegister, Confirmations: 1},
			Stages: []*Stage{{Role: RolePreorder, Versions: []*Version{a, b}, Current: current, Used: true}}}
		f := Facts{Tip: 50, Synced: true, CanSign: true, Dead: map[chainhash.Hash]bool{a.Txid: true}, Unfit: map[chainhash.Hash]bool{b.Txid: true}}
		got := Step(j, f)
		if got.Do == DoUse {
			j.stage(RolePreorder).Current = got.Version
			got = Step(j, f)
		}
		if got.Do != DoBroadcast || got.Version != 1 {
			t.Errorf("from version %d: %s version %d", current, got.Do, got.Version)
		}
	}
}
