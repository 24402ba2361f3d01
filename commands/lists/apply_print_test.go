package lists

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/session"
	"blockstack/commands/verbtest"
	"blockstack/commands/voice"
	"blockstack/home/config"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/lists"
)

// newRun is a run over names of which nothing is known yet.
func newRun(t *testing.T, out io.Writer, list ...string) *applyRun {
	t.Helper()
	env := &session.Session{Out: voice.New(out, io.Discard)}
	env.Use(&config.Config{Network: "regtest", Home: t.TempDir()})
	a := &applyRun{env: env, schema: "name.apply", failed: map[registrar.ID]error{}}
	for i, text := range list {
		n, err := names.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		a.add(i+2, &lists.Line{Name: n})
	}
	return a
}

// TestView: a line that needs nothing is unchanged, one that is planned says what it costs, and one
// that is refused says why.
func TestView(t *testing.T) {
	a := newRun(t, io.Discard, "alice.id", "bob.id", "carol.id")
	if v := a.view(a.lines[0]); v.Line != 2 || v.Name.String() != "alice.id" || v.Action != "none" || v.State != "unchanged" || v.Txids == nil || v.Error != nil {
		t.Errorf("%+v", v)
	}
	a.lines[1].Item = &registrar.Item{Kind: registrar.KindRenew, Name: a.lines[1].Name}
	if v := a.view(a.lines[1]); v.Action != "renew" || v.State != "planned" || v.JobID != "" {
		t.Errorf("%+v", v)
	}
	a.lines[2].Refused = fault.New("not_owner", "carol.id is somebody else's")
	v := a.view(a.lines[2])
	if v.State != "refused" || v.Error == nil || v.Error.Code != "not_owner" || v.Error.Message != "carol.id is somebody else's" {
		t.Errorf("%+v", v)
	}
	b, err := json.Marshal(v)
	if err != nil || !strings.Contains(string(b), `"txids":[]`) || strings.Contains(string(b), "job_id") || strings.Contains(string(b), "renewal") {
		t.Errorf("%s %v", b, err)
	}
}

// TestEmit: each line is printed once, in the order of the list.
func TestEmit(t *testing.T) {
	var out bytes.Buffer
	a := newRun(t, &out, "alice.id", "bob.id")
	a.lines[1].Refused = errors.New("no")
	for range 2 {
		if err := a.emit(true); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for line := range strings.Lines(out.String()) {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	if !slices.Equal(got, []string{"alice.id none unchanged", "bob.id none refused no"}) {
		t.Errorf("%q", got)
	}
}

// TestOutcomes: a list without anything to do is done; refused names end it before anything is
// signed, with the code that they share.
func TestOutcomes(t *testing.T) {
	if err := newRun(t, io.Discard, "alice.id").finish(); err != nil {
		t.Error(err)
	}
	one := fault.New("not_owner", "it is somebody else's")
	for _, c := range []struct {
		refused []error
		code    string
		says    string
	}{
		{[]error{one}, "not_owner", "1 of 3 names "}, {[]error{one, one}, "not_owner", "2 of 3 names "},
		{[]error{one, fault.New("in_grace", "late")}, "not_all_done", "2 of 3 names "},
	} {
		for what, end := range map[string]func(*applyRun) error{
			"failed":            (*applyRun).finish,
			"cannot be brought": (*applyRun).refusals,
			"would fail":        func(a *applyRun) error { a.o.DryRun = true; return a.finish() },
		} {
			var out bytes.Buffer
			a := newRun(t, &out, "alice.id", "bob.id", "carol.id")
			for i, err := range c.refused {
				a.lines[i].Refused = err
			}
			f := faults.Of(t.Context(), end(a))
			if f.Code != c.code || !strings.HasPrefix(f.Message, c.says+what) || !strings.HasSuffix(f.Message, "it is somebody else's") || !f.KeepResult || strings.Count(out.String(), "\n") != 3 {
				t.Errorf("%s of %v: %s %q, printed %q", what, c.refused, f.Code, f.Message, &out)
			}
		}
	}
	a := newRun(t, io.Discard, "alice.id")
	a.lines[0].Refused, a.partial = one, true
	if err := a.refusals(); err != nil {
		t.Errorf("the others are to go on: %v", err)
	}
}

// TestNothingToDo: without a batch the plan is empty, and for programs all of its keys are there.
func TestNothingToDo(t *testing.T) {
	var out bytes.Buffer
	if err := newRun(t, &out, "alice.id").printPlan(nil); err != nil || out.Len() > 0 {
		t.Errorf("%v %q", err, &out)
	}
	b, err := json.Marshal(planView{DryRun: true, Irreversible: []string{}, Risks: []string{}})
	for _, key := range []string{"dry_run", "names", "transactions", "series", "fee_sat", "fee_high_sat", "burn_sat", "given_sat", "total_sat", "worst_sat", "locked_sat", "blocks"} {
		if err != nil || !strings.Contains(string(b), `"`+key+`":`) {
			t.Errorf("no %s in %s %v", key, b, err)
		}
	}
}

// TestEveryBadLine: CSV, JSON and lists with tabs, each bad line told with its number, a bounded
// number of them, without what stands in it where that may be a secret.
func TestEveryBadLine(t *testing.T) {
	h := verbtest.Empty(t)
	for what, c := range map[string]struct {
		text string
		want []string
	}{
		"tabs":          {"name\towner\nalice.id\t0\n", []string{"line 1: column 1 is unknown"}},
		"a password":    {"hunter2 hunter2 Hunter2\n", []string{"line 1: column 1 is unknown or there twice"}},
		"long owner":    {"name,owner\na.id," + strings.Repeat("1", 101) + "\nb.id,0\n", []string{"line 2: a.id: the owner is neither a number nor an address"}},
		"long path":     {"name,zonefile\na.id," + strings.Repeat("z", 4097) + "\n", []string{"line 2: a.id: the zone file has no path"}},
		"zero in path":  {"name,zonefile\na.id,\"z\x00\"\n", []string{"line 2: a.id: the zone file has no path"}},
		"JSON":          {`{"schema":"blockstack/names/v1","names":[{"name":"a.id"},{"name":"A.id"},{"name":"a.id"},{"name":"b.id","renew_within":"1y"}]}`, []string{"line 2: ", "line 3: a.id stands in line 1 already", "line 4: b.id: renew_within: "}},
		"cut JSON":      {`{"schema":"blockstack/names/v1","names":[`, []string{"unexpected"}},
		"empty columns": {"name,,owner\na.id,,\n", []string{"line 1: column \"\" is unknown"}},
	} {
		path := h.File(t, "list", c.text)
		o := h.Run(t, ApplyCommand(), "-f", path)
		if o.Exit() != fault.ExitMalformed || o.Out != "" || strings.Contains(o.Fault.Message, "unter2") {
			t.Errorf("%s: exit %d %v", what, o.Exit(), o.Fault)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(o.Fault.Message, want) {
				t.Errorf("%s: no %q in %s", what, want, o.Fault.Message)
			}
		}
	}
	var text strings.Builder
	text.WriteString("name,renew_within\n")
	for i := range 100 {
		fmt.Fprintf(&text, "a%d.id,never\n", i)
	}
	o := h.Run(t, ApplyCommand(), "-f", h.File(t, "list", text.String()), "--json")
	for i := range maxListErrors {
		if !strings.Contains(o.Fault.Message, fmt.Sprintf("line %d: ", i+2)) {
			t.Errorf("line %d is not told", i+2)
		}
	}
	if strings.Contains(o.Fault.Message, fmt.Sprintf("line %d: ", maxListErrors+2)) {
		t.Error("more lines are told than belong into a message")
	}
	if details, _ := o.Fault.Details["lines"].([]lineError); len(details) != maxListErrors || details[0].Line != 2 {
		t.Errorf("%v", o.Fault.Details)
	}
}

// TestZoneFileOfWish: a path is relative to the list; what is no zone file that leads to a profile
// is refused with the path, and nothing wanted is nothing.
func TestZoneFileOfWish(t *testing.T) {
	h := verbtest.Empty(t)
	n, err := names.Parse("alice.id")
	if err != nil {
		t.Fatal(err)
	}
	made, err := (&wish{Name: n, URL: "https://a.example/profile.json"}).zoneFile("")
	if err != nil || !bytes.Contains(made, []byte("https://a.example/profile.json")) {
		t.Fatalf("%s %v", made, err)
	}
	h.File(t, "a.txt", "\xef\xbb\xbf"+string(made))
	if got, err := (&wish{Name: n, File: "a.txt"}).zoneFile(h.Dir); err != nil || !bytes.Equal(got, made) {
		t.Errorf("%q %v", got, err)
	}
	h.File(t, "bad.txt", "$ORIGIN\nhello")
	for _, file := range []string{"bad.txt", "none.txt"} {
		if got, err := (&wish{Name: n, File: file}).zoneFile(h.Dir); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %q %v", file, got, err)
		}
	}
	if got, err := (&wish{Name: n}).zoneFile(h.Dir); err != nil || got != nil {
		t.Errorf("%q %v", got, err)
	}
}
