package conduct

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
)

// jobOf is a job of a kind for alice.id, or for the namespace id.
func jobOf(kind registrar.Kind, state registrar.State, owner byte) *registrar.Job {
	q := request()
	q.Kind, q.Owner = kind, []byte{owner}
	switch kind {
	case registrar.KindLaunch:
		q.Name, q.Namespace = names.Name{}, &nameop.NamespaceReveal{ID: "id"}
	case registrar.KindImport:
		q.Name, q.Import = names.Name{}, &registrar.ImportSet{Namespace: "id"}
	}
	return &registrar.Job{ID: registrar.ID(fmt.Sprintf("%s-%d", kind, owner)), State: state, Request: q}
}

// TestOwnerOf: the script that has the name speaks, when it is ours; else that of the latest job
// that meant the same and was not given up.
func TestOwnerOf(t *testing.T) {
	update := request()
	update.Kind = registrar.KindUpdate
	given := jobOf(registrar.KindUpdate, registrar.Done, 7)
	given.Request.To = []byte{9}
	jobs := []*registrar.Job{
		jobOf(registrar.KindUpdate, registrar.Done, 2), jobOf(registrar.KindUpdate, registrar.UpdateSigned, 3),
		jobOf(registrar.KindUpdate, registrar.Cancelled, 4), jobOf(registrar.KindRegister, registrar.Done, 5), given,
	}
	rec := names.Record{Status: names.Registered, Owner: []byte{1}, OwnerAddress: "somebody"}
	free := names.Record{Status: names.Available, Owner: []byte{1}}
	for _, c := range []struct {
		name string
		rec  *names.Record
		ours bool
		jobs []*registrar.Job
		want byte
	}{
		{"ours", &rec, true, jobs, 1},
		{"given away", &rec, false, jobs, 3},
		{"free", &free, true, jobs, 3},
		{"done before", &rec, false, jobs[:1], 2},
		{"given up", &rec, false, jobs[2:], 0},
	} {
		owner, err := OwnerOf(&update, c.rec, c.ours, c.jobs)
		var not *registrar.NotOwner
		if c.want == 0 {
			if !errors.As(err, &not) || not.Owner != "somebody" || not.Name != update.Name {
				t.Errorf("%s: %v", c.name, err)
			}
		} else if err != nil || !bytes.Equal(owner, []byte{c.want}) {
			t.Errorf("%s: %x, %v", c.name, owner, err)
		}
	}
}

// TestLaunches: the job that launches a namespace, its key, and what still imports into it.
func TestLaunches(t *testing.T) {
	jobs := []*registrar.Job{
		jobOf(registrar.KindLaunch, registrar.Done, 1), jobOf(registrar.KindLaunch, registrar.Cancelled, 2), jobOf(registrar.KindImport, registrar.Done, 3),
		jobOf(registrar.KindImport, registrar.Running, 4),
	}
	next := func(i uint32) ([]byte, error) {
		if i > 5 {
			return nil, errAway
		}
		return []byte{byte(i)}, nil
	}
	if j := LaunchOf("id", jobs); j != jobs[0] {
		t.Errorf("the launch is %v", j)
	}
	if j := LaunchOf("other", jobs); j != nil {
		t.Errorf("another namespace is launched by %v", j)
	}
	if owner, err := RevealerOf("id", jobs, next); err != nil || owner[0] != 1 {
		t.Errorf("the revealer is %x, %v", owner, err)
	}
	jobs[0].State = registrar.Cancelled
	if owner, err := RevealerOf("id", jobs, func(i uint32) ([]byte, error) { return next(i + 1) }); err != nil || owner[0] != 3 {
		t.Errorf("the next revealer is %x, %v; the keys of launches that were given up are not used again", owner, err)
	}
	if _, err := RevealerOf("id", jobs, func(uint32) ([]byte, error) { return next(6) }); !errors.Is(err, errAway) {
		t.Errorf("no key: %v", err)
	}
	if j := ImportingInto("id", jobs); j != jobs[3] {
		t.Errorf("%v imports", j)
	}
	if j := ImportingInto("other", jobs); j != nil {
		t.Errorf("%v imports into another", j)
	}
}

// TestRegistrationsOf leaves out what was given up, other kinds and other names.
func TestRegistrationsOf(t *testing.T) {
	jobs := []*registrar.Job{jobOf(registrar.KindRegister, registrar.Cancelled, 1), jobOf(registrar.KindRegister, registrar.Done, 2), jobOf(registrar.KindUpdate, registrar.Done, 3)}
	if found := RegistrationsOf([]names.Name{request().Name}, jobs); len(found) != 1 || found[0] != jobs[1] {
		t.Errorf("%v", found)
	}
	if found := RegistrationsOf(nil, jobs); found != nil {
		t.Errorf("none is remembered: %v", found)
	}
	if jobs := Resumable([]*registrar.Pending{{}, {Job: running()}}); len(jobs) != 1 {
		t.Errorf("%d jobs", len(jobs))
	}
}

// TestChecks: what comes before the check that failed was passed, what comes after was not made.
func TestChecks(t *testing.T) {
	const order = "name namespace owner_quota own_preorder competitor coins"
	for _, c := range []struct {
		err  error
		want []Verdict
	}{
		{nil, []Verdict{0, 0, 0, 0, 0, 0}},
		{&registrar.NameTaken{}, []Verdict{Failed, NotMade, NotMade, NotMade, NotMade, NotMade}},
		{&registrar.Conflict{}, []Verdict{Failed, NotMade, NotMade, NotMade, NotMade, NotMade}},
		{&registrar.PayeeChanging{}, []Verdict{0, Failed, NotMade, NotMade, NotMade, NotMade}},
		{fmt.Errorf("alice.id: %w", &registrar.Quota{}), []Verdict{0, 0, Failed, NotMade, NotMade, NotMade}},
		{&registrar.PreorderOurs{}, []Verdict{0, 0, 0, Failed, NotMade, NotMade}},
		{&registrar.Contested{}, []Verdict{0, 0, 0, 0, Failed, NotMade}},
		{&txbuilder.InsufficientFunds{}, []Verdict{0, 0, 0, 0, 0, Failed}},
		{errAway, nil},
	} {
		list, known := Checks(c.err)
		var got []Verdict
		text := ""
		for _, one := range list {
			got, text = append(got, one.Verdict), text+" "+string(one.Check)
		}
		if !slices.Equal(got, c.want) || known == (c.want == nil) || known && text != " "+order {
			t.Errorf("%v: %v, %v,%s", c.err, got, known, text)
		}
	}
}

// TestFailedCheck files every refusal of a registration under the check that it is about.
func TestFailedCheck(t *testing.T) {
	for want, errs := range map[Check][]error{
		CheckName:      {&registrar.NameTaken{}, &registrar.Conflict{}},
		CheckNamespace: {&registrar.NamespaceClosed{}, &registrar.PayeeChanging{}},
		CheckQuota:     {&registrar.Quota{}},
		CheckPreorder:  {&registrar.PreorderOurs{}, &registrar.PreorderOutstanding{}},
		CheckRival:     {&registrar.Contested{}},
		CheckCoins:     {&txbuilder.InsufficientFunds{}, txbuilder.ErrNoFirstInput, &registrar.TokensShort{Need: new(big.Int), Have: new(big.Int)}},
		"":             {errors.New("another"), context.Canceled},
	} {
		for _, err := range errs {
			if got := failedCheck(fmt.Errorf("alice.id: register: %w", err)); got != want {
				t.Errorf("%T is about %q, want %q", err, got, want)
			}
		}
	}
}

// importer brings in what its rounds say.
type importer struct {
	rounds   [][]registrar.Imported
	advanced int
	caughtUp int
}

func (i *importer) Import(context.Context, []*registrar.Job) ([]registrar.Imported, error) {
	if len(i.rounds) == 0 {
		return nil, errAway
	}
	list := i.rounds[0]
	i.rounds = i.rounds[1:]
	return list, nil
}
func (i *importer) AdvanceAll(context.Context) ([]*registrar.Job, error) {
	i.advanced++
	return nil, errAway
}
func (i *importer) CaughtUp(list []registrar.Imported) error { i.caughtUp = len(list); return nil }

// TestBringIn: what another job bars is tried again when that was looked at, and of each job the
// last outcome that changed something is kept.
func TestBringIn(t *testing.T) {
	a, b := &registrar.Job{ID: "a"}, &registrar.Job{ID: "b"}
	newer := &registrar.Job{ID: "a", State: registrar.Done}
	in := func(j *registrar.Job, what registrar.ImportOutcome) registrar.Imported {
		return registrar.Imported{Job: j, What: what}
	}
	i := importer{rounds: [][]registrar.Imported{
		{in(a, registrar.ImportNew), in(newer, registrar.ImportMerged), in(b, registrar.ImportBarred)},
		{in(a, registrar.ImportKnown), in(b, registrar.ImportNew)},
	}}
	list, err := BringIn(t.Context(), &i, nil)
	if err != nil || i.advanced != 1 || i.caughtUp != 5 || len(list) != 2 || list[0] != in(newer, registrar.ImportNew) || list[1] != in(b, registrar.ImportNew) {
		t.Errorf("%+v, %v; %+v", list, err, i)
	}
	i = importer{rounds: [][]registrar.Imported{{in(a, registrar.ImportKnown)}}}
	if list, err := BringIn(t.Context(), &i, nil); err != nil || i.advanced != 0 || len(list) != 1 {
		t.Errorf("%+v, %v; %+v", list, err, i)
	}
	i = importer{}
	if _, err := BringIn(t.Context(), &i, nil); !errors.Is(err, errAway) || i.caughtUp != 0 {
		t.Errorf("%v", err)
	}
}
