package step

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names/nameop"
	"blockstack/txbuilder/registrar/job"
)

func allStates() []job.State {
	return []job.State{job.Planned, job.PreorderSigned, job.PreorderConfirmed, job.RegisterSigned, job.RegisterConfirmed, job.UpdateSigned, job.UpdateConfirmed, job.Done, job.Cancelling, job.MoveSigned, job.Expired, job.Rejected, job.Cancelled}
}

// TestStateNumbers fixes the stored numbers and names.
func TestStateNumbers(t *testing.T) {
	want := map[job.State]string{1: "planned", 2: "preorder_signed", 3: "preorder_confirmed", 4: "register_signed", 5: "register_confirmed",
		6: "update_signed", 7: "update_confirmed", 8: "done", 9: "cancelling", 10: "move_signed", 11: "running", 20: "expired", 21: "rejected", 22: "cancelled"}
	if len(want) != len(allStates())+1 { // and Running, which only the jobs of a batch know
		t.Fatal("a state without a number here")
	}
	for n, name := range want {
		var s job.State
		if err := json.Unmarshal(fmt.Appendf(nil, "%d", uint8(n)), &s); err != nil || s.String() != name {
			t.Errorf("%d: %s, %v, want %s", n, s, err, name)
		}
	}
	var s job.State
	if err := json.Unmarshal([]byte("12"), &s); err == nil {
		t.Error("a state without a meaning was read")
	}
}

// drawn reads the drawing into arrows.
func drawn(t *testing.T) map[string]bool {
	t.Helper()
	byName := map[string]job.State{}
	for _, s := range allStates() {
		byName[strings.ReplaceAll(s.String(), "_", "")] = s
	}
	find := func(word string) job.State {
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

// TestDrawing walks through every combination of what a job and the chain can show, and compares
// the arrows that Step returns with the drawing.
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
				if a.To == job.Expired || a.To == job.Rejected || a.To == job.Cancelled {
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

// shapes are jobs of a state: of every kind, with and without an update, with and without what was
// signed ahead.
func shapes(state job.State) []*job.Job {
	jobs := slices.Concat(ownerShapes(state), movedShapes(state))
	if state == job.MoveSigned {
		return jobs
	}
	jobs = append(jobs, importShapes(state)...)
	for _, kind := range []job.Kind{job.KindRegister, job.KindLaunch} {
		for _, update := range []bool{false, true} {
			for _, ahead := range []bool{false, true} {
				j := &job.Job{ID: "x", State: state, Request: job.Request{Kind: kind, Confirmations: 2, ZoneFile: []byte("zf")}, Single: job.Single{NeedsUpdate: update && kind == job.KindRegister}}
				if kind == job.KindLaunch {
					j.Request.Namespace, j.Request.ZoneFile = &nameop.NamespaceReveal{ID: "id"}, nil
				}
				fl := j.Flow()
				if fl.Update == "" && (state == job.UpdateSigned || state == job.UpdateConfirmed) {
					continue // such a job has nothing to update
				}
				add := func(role job.Role, used bool, window int32, parents ...*job.Version) {
					if !used && !ahead || role == "" {
						return
					}
					st := &job.Stage{Role: role, Since: 95}
					for i, p := range parents {
						v := &job.Version{Txid: chainhash.HashH(fmt.Appendf(nil, "%s%d", role, i)), Window: window}
						if p != nil {
							v.Parent = p.Txid
						}
						st.Versions = append(st.Versions, v)
					}
					j.Stages = append(j.Stages, st)
				}
				version := func(role job.Role) *job.Version {
					if st := j.Stage(role); st != nil {
						return st.Versions[0]
					}
					return nil
				}
				if state != job.Planned {
					add(fl.Preorder, true, 110, nil, nil)
					p := version(fl.Preorder)
					add(fl.Register, state >= job.RegisterSigned && state <= job.Done, 0, p, p)
					if r := version(fl.Register); r != nil {
						add(fl.Update, state >= job.UpdateSigned && state <= job.Done, 0, r, r)
					}
				}
				if state == job.Cancelling || state == job.Cancelled {
					add(job.RoleReturn, true, 0, nil)
				}
				jobs = append(jobs, j)
			}
		}
	}
	return jobs
}

// movedShapes are the jobs that moved coins first, with the move in the chain or not.
func movedShapes(state job.State) []*job.Job {
	var jobs []*job.Job
	for _, kind := range []job.Kind{job.KindRegister, job.KindUpdate} {
		j := &job.Job{ID: "x", State: state, Request: job.Request{Kind: kind, Confirmations: 2, ZoneFile: []byte("zf")}, Single: job.Single{Deadline: 200}}
		if state != job.Planned && state != job.MoveSigned && state != (&stepper{j: j}).started() {
			continue
		}
		move := &job.Version{Txid: chainhash.HashH([]byte("move"))}
		other := &job.Version{Txid: chainhash.HashH([]byte("move2"))}
		j.Stages = []*job.Stage{{Role: job.RoleMove, Since: 95, Versions: []*job.Version{move, other}}}
		for _, ahead := range []bool{false, true} {
			k := *j
			if ahead || state == (&stepper{j: j}).started() {
				k.Stages = append(k.Stages[:1:1], &job.Stage{Role: j.Flow().First(), Since: 95, Versions: []*job.Version{
					{Txid: chainhash.HashH([]byte("first")), Window: 110, Parent: move.Txid}, {Txid: chainhash.HashH([]byte("first2")), Window: 110, Parent: other.Txid}}})
			}
			jobs = append(jobs, &k)
		}
	}
	return jobs
}

// importShapes are the jobs of imports, of one name and of two, that can be in a state.
func importShapes(state job.State) []*job.Job {
	var jobs []*job.Job
	for n := 1; n <= 2; n++ {
		j := &job.Job{ID: "x", State: state, Request: job.Request{Kind: job.KindImport, Confirmations: 2, Import: &job.ImportSet{Namespace: "id",
			Names: make([]job.Import, n), Ring: [][]byte{{1}}}}}
		j.Request.Import.Names[0].ZoneFile = []byte("zf")
		if n == 1 && (state == job.UpdateSigned || state == job.UpdateConfirmed) {
			continue
		}
		if state != job.Planned {
			for _, role := range j.Roles() {
				st := &job.Stage{Role: role, Since: 95, Used: true}
				for i := range 2 {
					v := &job.Version{Txid: chainhash.HashH(fmt.Appendf(nil, "%s%d", role, i))}
					if role != job.RoleFund {
						v.Parent = j.Stages[0].Versions[0].Txid
					}
					st.Versions = append(st.Versions, v)
				}
				j.Stages = append(j.Stages, st)
			}
		}
		if state == job.Cancelling || state == job.Cancelled {
			j.Stages = append(j.Stages[:1], &job.Stage{Role: job.RoleReturn, Since: 95, Versions: []*job.Version{{Txid: chainhash.HashH([]byte("return"))}}})
		}
		jobs = append(jobs, j)
	}
	return jobs
}

// ownerShapes are the jobs of an owner's operations that can be in a state.
func ownerShapes(state job.State) []*job.Job {
	var jobs []*job.Job
	if state == job.MoveSigned || state == job.PreorderSigned || state == job.PreorderConfirmed || state == job.RegisterSigned || state == job.RegisterConfirmed {
		return nil
	}
	for _, kind := range []job.Kind{job.KindRenew, job.KindUpdate, job.KindTransfer, job.KindRevoke} {
		j := &job.Job{ID: "x", State: state, Request: job.Request{Kind: kind, Confirmations: 2, ZoneFile: []byte("zf")}, Single: job.Single{Deadline: 200}}
		window := int32(0)
		if kind == job.KindUpdate || kind == job.KindTransfer {
			window = 110
		}
		add := func(role job.Role) {
			j.Stages = append(j.Stages, &job.Stage{Role: role, Since: 95, Versions: []*job.Version{
				{Txid: chainhash.HashH([]byte(role)), Window: window}, {Txid: chainhash.HashH([]byte(role + "2")), Window: window}}})
		}
		if state != job.Planned {
			add(j.Flow().Update)
		}
		if state == job.Cancelling || state == job.Cancelled {
			add(job.RoleReturn)
		}
		jobs = append(jobs, j)
	}
	return jobs
}

// situations are the facts that matter to a job, in every combination: each stage absent, waiting,
// unread, refused or accepted, shallow or deep; the name free, taken or held; before and after the
// deadlines; locked and unlocked.
func situations(j *job.Job) []Facts {
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
	var fill func(stages []*job.Stage, txs map[chainhash.Hash]TxFact)
	fill = func(stages []*job.Stage, txs map[chainhash.Hash]TxFact) {
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

// TestDeadIsNoWayOut: of two versions one can never confirm, and the other was refused for a coin
// that is not there now. It is offered again and the refusal told, however long the two could be
// exchanged for one another.
func TestDeadIsNoWayOut(t *testing.T) {
	a, b := &job.Version{Txid: chainhash.Hash{1}, Window: 90}, &job.Version{Txid: chainhash.Hash{2}, Window: 90}
	for current := range 2 {
		j := &job.Job{State: job.PreorderSigned, Request: job.Request{Kind: job.KindRegister, Confirmations: 1},
			Stages: []*job.Stage{{Role: job.RolePreorder, Versions: []*job.Version{a, b}, Current: current, Used: true}}}
		f := Facts{Tip: 50, Synced: true, CanSign: true, Dead: map[chainhash.Hash]bool{a.Txid: true}, Unfit: map[chainhash.Hash]bool{b.Txid: true}}
		got := Step(j, f)
		if got.Do == DoUse {
			j.Stage(job.RolePreorder).Current = got.Version
			got = Step(j, f)
		}
		if got.Do != DoBroadcast || got.Version != 1 {
			t.Errorf("from version %d: %s version %d", current, got.Do, got.Version)
		}
	}
}
