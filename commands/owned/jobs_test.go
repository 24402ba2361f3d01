package owned

import (
	"os"
	"slices"
	"testing"

	"blockstack/commands/verbtest"
	"blockstack/home/config"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
)

// TestOpenJobs: the ids and the subjects of open jobs are offered, what is over is not; the journal
// is read once, and one that is damaged or not there offers nothing and is not made.
func TestOpenJobs(t *testing.T) {
	job := func(id registrar.ID, name string, state registrar.State) *registrar.Job {
		n, err := names.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		return &registrar.Job{ID: id, State: state, Request: registrar.Request{Kind: registrar.KindRegister, Name: n, Owner: []byte{0x51}}}
	}
	h := verbtest.Empty(t)
	cfg := &config.Config{Home: h.Dir, Network: "regtest"}
	none := &Things{Ctx: t.Context(), Cfg: cfg}
	if got := append(none.Jobs(), none.Subjects()...); len(got) > 0 {
		t.Errorf("%v", got)
	}
	if left, err := os.ReadDir(h.Dir); err != nil || len(left) > 0 {
		t.Errorf("looking made %v, %v", left, err)
	}
	h.WithJobs(t, job("0000000001", "alice.id", registrar.Planned), job("0000000002", "bob.id", registrar.Cancelled), job("0000000003", "carol.id", registrar.Planned))
	some := &Things{Ctx: t.Context(), Cfg: cfg}
	for range 2 { // the second time without the file
		if got, want := some.Jobs(), []Candidate{{"0000000001", "alice.id: planned"}, {"0000000003", "carol.id: planned"}}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		if got, want := some.Subjects(), []Candidate{{"alice.id", "planned"}, {"carol.id", "planned"}}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		if err := os.WriteFile(cfg.JournalFile(), []byte("damage"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	damaged := &Things{Ctx: t.Context(), Cfg: cfg}
	if got := append(damaged.Jobs(), damaged.Subjects()...); len(got) > 0 {
		t.Errorf("out of damage: %v", got)
	}
}
