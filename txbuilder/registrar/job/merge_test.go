package job

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names/nameop"
)

// TestMerge adds what another journal knows: versions, the dearer of two that may have been sent,
// and ways through a list; neither side is changed.
func TestMerge(t *testing.T) {
	low, high := version(t, 1000, coin(1)), version(t, 2000, coin(1))
	reg := version(t, 500, change(low))
	reg.Parent = low.Txid
	at := func(current int, st *Stage) *Stage { st.Current = current; return st }
	unused := func(st *Stage) *Stage { st.Used = false; return st }
	for what, c := range map[string]struct {
		ours, theirs *Job
		what         ImportOutcome
		versions     int
		current      int
		stages       int
	}{
		"nothing here":               {nil, registration(t, "a", PreorderSigned, stage(RolePreorder, low)), ImportNew, 1, 0, 1},
		"planned here":               {registration(t, "a", Planned), registration(t, "a", PreorderSigned, stage(RolePreorder, low)), ImportMerged, 1, 0, 1},
		"the same":                   {registration(t, "a", PreorderSigned, stage(RolePreorder, low)), registration(t, "a", PreorderSigned, stage(RolePreorder, low)), ImportKnown, 1, 0, 1},
		"planned there":              {registration(t, "a", PreorderSigned, stage(RolePreorder, low)), registration(t, "a", Planned), ImportKnown, 1, 0, 1},
		"a dearer one was sent":      {registration(t, "a", PreorderSigned, stage(RolePreorder, low)), registration(t, "a", PreorderSigned, at(1, stage(RolePreorder, low, high))), ImportMerged, 2, 1, 1},
		"a dearer one was signed":    {registration(t, "a", PreorderSigned, stage(RolePreorder, low)), registration(t, "a", PreorderSigned, unused(at(1, stage(RolePreorder, low, high)))), ImportMerged, 2, 0, 1},
		"a cheaper one was sent":     {registration(t, "a", PreorderSigned, stage(RolePreorder, high)), registration(t, "a", PreorderSigned, stage(RolePreorder, low)), ImportMerged, 2, 1, 1},
		"sent there alone":           {registration(t, "a", PreorderSigned, unused(stage(RolePreorder, low, high))), registration(t, "a", PreorderSigned, stage(RolePreorder, low, high)), ImportMerged, 2, 0, 1},
		"the registration is signed": {registration(t, "a", PreorderSigned, stage(RolePreorder, low)), registration(t, "a", RegisterSigned, stage(RolePreorder, low), stage(RoleRegister, reg)), ImportMerged, 1, 0, 2},
	} {
		before := stored(t, c.ours)
		got, outcome, err := Merge(c.ours, c.theirs)
		if err != nil || outcome != c.what || len(got.Stages) != c.stages || len(got.Stages[0].Versions) != c.versions || got.Stages[0].Current != c.current {
			t.Errorf("%s: %s, %+v, %v", what, outcome, got, err)
			continue
		}
		if stored(t, c.ours) != before {
			t.Errorf("%s: the job itself was changed", what)
		}
		if what == "planned here" && got.State != c.theirs.State {
			t.Errorf("%s: %s", what, got.State)
		}
		if outcome != ImportNew && outcome != ImportKnown && what != "planned here" && got.State != c.ours.State {
			t.Errorf("%s: %s", what, got.State) // the chain and the index decide how far it is
		}
	}
	planned, theirs := registration(t, "a", Planned), registration(t, "a", PreorderSigned, stage(RolePreorder, low))
	planned.Mark = []byte{7}
	if got, _, err := Merge(planned, theirs); err != nil || len(got.Mark) != 1 {
		t.Errorf("what was agreed to here: %x, %v", got.Mark, err)
	}
}

func stored(t *testing.T, j *Job) string {
	t.Helper()
	raw, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestTogether makes one job of its copies, in the state of the latest, and keeps two apart that
// want different things under one id.
func TestTogether(t *testing.T) {
	low, high := version(t, 1000, coin(1)), version(t, 2000, coin(1))
	old, late := registration(t, "a", PreorderSigned, stage(RolePreorder, low)), registration(t, "a", PreorderConfirmed, stage(RolePreorder, high))
	old.Updated, late.Updated = time.Unix(1, 0).UTC(), time.Unix(2, 0).UTC()
	for _, list := range [][]*Job{{old, late}, {late, old}} {
		got, err := Together(list)
		if err != nil || len(got) != 1 || got[0].State != PreorderConfirmed || len(got[0].Stages[0].Versions) != 2 {
			t.Errorf("%+v, %v", got, err)
		}
	}
	other := registration(t, "a", PreorderSigned, stage(RolePreorder, low))
	other.Request.Owner = script(9)
	if got, err := Together([]*Job{old, other}); err != nil || len(got) != 2 {
		t.Errorf("for two owners: %d jobs, %v", len(got), err)
	}
}

// TestCheck holds a stored job to what its state takes for granted, whoever wrote it.
func TestCheck(t *testing.T) {
	pre, reg := version(t, 1000, coin(1)), version(t, 500, coin(2))
	alice := name(t, "alice.id")
	ofOwner := func(state State, stages ...*Stage) *Job {
		return &Job{ID: "a", State: state, Request: Request{Kind: KindUpdate, Name: alice, Owner: script(1)}, Stages: stages}
	}
	list := func(alter func(*Job)) *Job {
		st := stage(RolePreorder, pre)
		st.Name = alice
		j := &Job{ID: "a", State: Running, Request: Request{Kind: KindSeries, Owner: script(1), Series: &Series{Split: "s", Items: []Item{{Kind: KindRegister, Name: alice, Owner: script(1)}}}},
			Listed: Listed{Items: []Progress{{State: PreorderSigned}}, Paths: []Path{{Links: []chainhash.Hash{pre.Txid}}}}, Stages: []*Stage{st}}
		alter(j)
		return j
	}
	for what, c := range map[string]struct {
		j  *Job
		ok bool
	}{
		"planned":                           {registration(t, "a", Planned), true},
		"a preorder":                        {registration(t, "a", PreorderSigned, stage(RolePreorder, pre)), true},
		"a preorder without it":             {registration(t, "a", PreorderSigned), false},
		"a registration":                    {registration(t, "a", RegisterSigned, stage(RolePreorder, pre), stage(RoleRegister, reg)), true},
		"a registration without it":         {registration(t, "a", RegisterSigned, stage(RolePreorder, pre)), false},
		"done":                              {registration(t, "a", Done, stage(RolePreorder, pre), stage(RoleRegister, reg)), true},
		"done without its registration":     {registration(t, "a", Done, stage(RolePreorder, pre)), false},
		"cancelling":                        {registration(t, "a", Cancelling, stage(RolePreorder, pre), stage(RoleReturn, reg)), true},
		"cancelling without what returns":   {registration(t, "a", Cancelling, stage(RolePreorder, pre)), false},
		"a move":                            {registration(t, "a", MoveSigned, stage(RoleMove, pre)), true},
		"a move without it":                 {registration(t, "a", MoveSigned), false},
		"in no state":                       {registration(t, "a", 15), false},
		"of no name":                        {&Job{State: Planned, Request: Request{Kind: KindRegister}}, false},
		"of no kind":                        {&Job{State: Planned, Request: Request{Kind: "dance", Name: alice}}, false},
		"a launch without rules":            {&Job{State: Planned, Request: Request{Kind: KindLaunch}}, false},
		"a launch":                          {&Job{State: Planned, Request: Request{Kind: KindLaunch, Namespace: &nameop.NamespaceReveal{}}}, true},
		"an update":                         {ofOwner(UpdateSigned, stage(RoleUpdate, pre)), true},
		"an update without it":              {ofOwner(UpdateSigned), false},
		"an update that is done without it": {ofOwner(Done), false},
		"an update that preorders":          {ofOwner(PreorderSigned, stage(RoleUpdate, pre)), false},
		"an import without names":           {&Job{State: Planned, Request: Request{Kind: KindImport, Import: &ImportSet{}}}, false},
		"a split that runs without it":      {&Job{State: Running, Request: Request{Kind: KindSplit, Split: &Split{}}}, false},
		"a price without an amount":         {&Job{State: Planned, Request: registration(t, "a", Planned).Request, Single: Single{Price: &Price{}}}, false},
		"a list":                            {list(func(*Job) {}), true},
		"a list with a name too few":        {list(func(j *Job) { j.Items = nil }), false},
		"a list with a name in no state":    {list(func(j *Job) { j.Items[0].State = 15 }), false},
		"a list over what it does not have": {list(func(j *Job) { j.Paths[0].Links[0][3]++ }), false},
		"a list on no path":                 {list(func(j *Job) { j.Path = 1 }), false},
		"a list on a path below none":       {list(func(j *Job) { j.Path = -1 }), false},
		"a list from an output below none":  {list(func(j *Job) { j.Request.Series.Output = -1 }), false},
	} {
		if err := c.j.Check(); (err == nil) != c.ok {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestDecode refuses a stored job whose bytes contradict one another.
func TestDecode(t *testing.T) {
	good := stored(t, registration(t, "a", PreorderSigned, stage(RolePreorder, version(t, 1000, coin(1)))))
	if j, err := Decode([]byte(good)); err != nil || stored(t, j) != good {
		t.Fatalf("%v", err)
	}
	txid := version(t, 1000, coin(1)).Txid.String()
	for what, bad := range map[string]string{
		"no JSON":                  good[1:],
		"a current version beyond": strings.Replace(good, `"current":0`, `"current":1`, 1),
		"one below":                strings.Replace(good, `"current":0`, `"current":-1`, 1),
		"an unknown state":         strings.Replace(good, `"state":2`, `"state":19`, 1),
		"an empty stage":           strings.Replace(good, `"stages":[`, `"stages":[null,`, 1),
		"an empty version":         strings.Replace(good, `"versions":[`, `"versions":[null,`, 1),
		"another txid":             strings.Replace(good, txid, strings.Repeat("ab", 32), 1),
		"an empty draft":           strings.Replace(good, `"stages":[`, `"drafts":[null],"stages":[`, 1),
	} {
		if bad == good {
			t.Fatalf("%s is the job itself", what)
		}
		if _, err := Decode([]byte(bad)); !errors.Is(err, ErrBadJournal) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestSuperseded takes the place of the drafts for the same transaction and of those that would
// spend it, and of no others.
func TestSuperseded(t *testing.T) {
	id := func(n byte) chainhash.Hash { return chainhash.Hash{n} }
	draft := func(n byte, role Role, parent byte) *Draft {
		d := &Draft{Role: role, Unsigned: id(n), Packet: []byte{1}, Version: Version{Txid: id(n + 100)}}
		if parent > 0 {
			d.Version.Parent = id(parent + 100)
		}
		return d
	}
	signed := draft(5, RolePreorder, 0)
	signed.Status = DraftSigned
	same := draft(6, RoleUpdate, 0)
	j := &Job{External: External{Drafted: []*Draft{{Unsigned: id(6)}}}}
	old := []*Draft{draft(1, RolePreorder, 0), draft(2, RoleRegister, 1), draft(3, RoleRegister, 9), signed, same}
	kept := j.Superseded(old, &Draft{Role: RolePreorder})
	want := map[chainhash.Hash]DraftStatus{id(1): DraftReplaced, id(2): DraftReplaced, id(3): DraftWaiting, id(5): DraftSigned}
	if len(kept) != len(want) {
		t.Fatalf("%d are kept", len(kept))
	}
	for _, d := range kept {
		if d.Status != want[d.Unsigned] || (d.Packet == nil) != (d.Status == DraftReplaced) {
			t.Errorf("draft %s is %q", d.Unsigned, d.Status)
		}
	}
}
