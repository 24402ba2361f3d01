package jobs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/session"
	"blockstack/commands/verbtest"
	"blockstack/names"
	"blockstack/testdata"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/advance"
	"blockstack/txbuilder/registrar/job"
)

// aJob is one for a name in a state.
func aJob(t *testing.T, id registrar.ID, name string, state registrar.State) *registrar.Job {
	t.Helper()
	n, err := names.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	owner := append(append([]byte{0x76, 0xa9, 0x14}, make([]byte, 20)...), 0x88, 0xac)
	return &registrar.Job{ID: id, State: state, Request: registrar.Request{Kind: registrar.KindRegister, Name: n, Owner: owner, Rate: 5000, HighRate: 15000, Confirmations: 6}, Created: at, Updated: at}
}

// stateOf is the state of a job in a home.
func stateOf(t *testing.T, h verbtest.Home, id string) any {
	t.Helper()
	o := h.Run(t, jobShowCommand(), id, "--json")
	if o.Fault != nil {
		t.Fatal(o.Fault)
	}
	return o.Doc["state"]
}

// TestRefusedWords: what each verb refuses before it opens anything.
func TestRefusedWords(t *testing.T) {
	for _, c := range []struct {
		command *cli.Command
		says    map[string]string
	}{
		{jobListCommand(), map[string]string{"alice.id": "takes no arguments, got 1", "--open": "unknown flag"}},
		{jobShowCommand(), map[string]string{"": "missing JOB|NAME", "a b": "takes 1 argument, got 2", "a --psbt": "--psbt needs a value"}},
		{jobResumeCommand(), map[string]string{"a b": "got 2", "--wait soon": "--wait is", "--timeout -1s": "--timeout is negative", "--fee-rate 5": "unknown flag"}},
		{jobCancelCommand(), map[string]string{"": "missing JOB|NAME", "a --wait soon": "--wait is", "a --timeout -1s": "--timeout is negative"}},
		{jobImportCommand(), map[string]string{"--wait soon": "--wait is", "": "no folder with copies is named"}},
		{jobRescueCommand(), map[string]string{
			"--profile-url https://a.example/p":                       "a zone file belongs to one name",
			"alice.id bob.id --zonefile z":                            "a zone file belongs to one name",
			"alice.id --zonefile z --names-file n":                    "a zone file belongs to one name",
			"alice.id --zonefile z --profile-url https://a.example/p": "a zone file belongs to one name",
			"alice.id --fee-rate 5 --target 6":                        "--fee-rate and --target",
			"--target 0":                                              "--target 0 is not in",
			"--wait soon":                                             "--wait is",
		}},
		{WatchCommand(), map[string]string{"alice.id": "takes no arguments", "--timeout -1s": "--timeout is negative", "--wait done": "unknown flag"}},
	} {
		verbtest.Refused(t, c.command, c.says)
	}
}

// TestListed: open jobs are listed, all of them with --all; in words and for programs.
func TestListed(t *testing.T) {
	h := verbtest.Empty(t)
	for _, words := range [][]string{nil, {"--all"}} {
		o := h.Run(t, jobListCommand(), append(words, "--json")...)
		if list, is := o.Doc["jobs"].([]any); o.Fault != nil || !is || len(list) > 0 {
			t.Errorf("of nothing: %v %v", o.Doc, o.Fault)
		}
	}
	h.WithJobs(t, aJob(t, "0000000001", "alice.id", registrar.Planned), aJob(t, "0000000002", "bob.id", registrar.Cancelled), aJob(t, "0000000003", "carol.id", registrar.Rejected))
	for _, c := range []struct {
		words []string
		want  string
	}{
		{nil, "0000000001 register alice.id planned"},
		{[]string{"--all"}, "0000000001 register alice.id planned, 0000000002 register bob.id cancelled, 0000000003 register carol.id rejected"},
	} {
		o := h.Run(t, jobListCommand(), append(c.words, "--json")...)
		if o.Fault != nil || o.Doc["schema"] != "blockstack/job.list/v1" {
			t.Errorf("%v %v", o.Doc, o.Fault)
		}
		var got []string
		for _, v := range o.Doc["jobs"].([]any) {
			j := v.(map[string]any)
			got = append(got, fmt.Sprintf("%s %s %s %s", j["job_id"], j["kind"], j["name"], j["state"]))
		}
		slices.Sort(got)
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%q: %q", c.words, got)
		}
		text := h.Run(t, jobListCommand(), c.words...).Out
		if strings.Count(text, "2026-01-02T03:04:05Z") != len(got) || strings.Contains(text, "bob.id") != (len(got) == 3) || !strings.Contains(text, "alice.id") {
			t.Errorf("%q:\n%s", c.words, text)
		}
	}
}

// TestShown: a job by its id and by its name; one that is not there is told of, with a next
// command.
func TestShown(t *testing.T) {
	h := verbtest.Empty(t).WithJobs(t, aJob(t, "0000000001", "alice.id", registrar.Planned))
	for _, what := range []string{"0000000001", "alice.id", "ALICE.id"} {
		if o := h.Run(t, jobShowCommand(), what, "--json"); o.Fault != nil || o.Doc["schema"] != "blockstack/job.show/v1" || o.Doc["job_id"] != "0000000001" || o.Doc["state"] != "planned" {
			t.Errorf("%s: %v %v", what, o.Doc, o.Fault)
		}
	}
	o := h.Run(t, jobShowCommand(), "bob.id")
	if o.Exit() != fault.ExitNotFound || o.Fault.Message != "no job bob.id" || !slices.Equal(o.Fault.Hints, []string{"list the jobs: blockstack job list --all"}) || o.Out != "" {
		t.Errorf("%v %q", o.Fault, o.Out)
	}
	file := filepath.Join(h.Dir, "new.psbt")
	o = h.Run(t, jobShowCommand(), "alice.id", "--psbt", file)
	if _, err := os.Lstat(file); !errors.Is(err, os.ErrNotExist) || o.Fault == nil || o.Fault.Code != "pending" || !strings.Contains(o.Out, "0000000001") {
		t.Errorf("a job that waits for no signature: %v %q, file %v", o.Fault, o.Out, err)
	}
}

// TestCancelQuestions: nothing is cancelled without a yes, nothing that is over, and a job that is
// cancelled already is shown again.
func TestCancelQuestions(t *testing.T) {
	h := verbtest.Empty(t).WithJobs(t, aJob(t, "0000000001", "alice.id", registrar.Planned), aJob(t, "0000000002", "bob.id", registrar.Cancelled), aJob(t, "0000000003", "carol.id", registrar.Rejected))
	if o := h.Run(t, jobCancelCommand(), "alice.id"); o.Fault == nil || o.Fault.Code != "needs_input" || !strings.Contains(o.Fault.Message, "Cancel the job for alice.id") {
		t.Errorf("nobody to ask: %v", o.Fault)
	}
	for answer, code := range map[string]string{"no": "declined", "": "declined"} {
		p := &verbtest.Person{Answers: []string{answer}}
		o := h.Inside(t, p, func(e *session.Session) error { return runJobCancel(t.Context(), e, resumeOptions{What: "alice.id"}) })
		if o.Fault == nil || o.Fault.Code != code || len(p.Asked) != 1 || p.Asked[0].Text != "Cancel the job for alice.id" || o.Out != "" {
			t.Errorf("%q: %v, asked %v", answer, o.Fault, p.Asked)
		}
	}
	if s := stateOf(t, h, "alice.id"); s != "planned" {
		t.Errorf("it is %v", s)
	}
	if o := h.Run(t, jobCancelCommand(), "alice.id", "--yes"); o.Exit() != fault.ExitNotFound || !strings.Contains(o.Fault.Message, "no wallet at ") {
		t.Errorf("without a wallet: %v", o.Fault)
	}
	if o := h.Run(t, jobCancelCommand(), "bob.id", "--json"); o.Fault != nil || o.Doc["state"] != "cancelled" || o.Doc["schema"] != "blockstack/job.cancel/v1" {
		t.Errorf("again: %v %v", o.Doc, o.Fault)
	}
	o := h.Run(t, jobCancelCommand(), "carol.id", "--yes")
	if o.Fault == nil || o.Fault.Code != "conflict" || o.Fault.Message != "job 0000000003 for carol.id is rejected; there is nothing to cancel" || !slices.Equal(o.Fault.Hints, []string{"what is under way: blockstack job list"}) {
		t.Errorf("%v", o.Fault)
	}
	if o := h.Run(t, jobCancelCommand(), "dave.id"); o.Exit() != fault.ExitNotFound {
		t.Errorf("%v", o.Fault)
	}
}

// TestResumed: with --wait none each open job is listed as it stands; none is no failure.
func TestResumed(t *testing.T) {
	h := verbtest.Empty(t)
	if o := h.Run(t, jobResumeCommand(), "--json"); o.Fault != nil || len(o.Doc["jobs"].([]any)) != 0 {
		t.Errorf("%v %v", o.Doc, o.Fault)
	}
	h.WithJobs(t, aJob(t, "0000000001", "alice.id", registrar.Planned), aJob(t, "0000000002", "bob.id", registrar.Cancelled))
	o := h.Run(t, jobResumeCommand(), "--wait", "none", "--json")
	list, _ := o.Doc["jobs"].([]any)
	if o.Fault == nil || o.Fault.Code != "pending" || len(list) != 1 || list[0].(map[string]any)["name"] != "alice.id" {
		t.Errorf("%v %v", o.Doc, o.Fault)
	}
	if o := h.Run(t, jobResumeCommand(), "carol.id"); o.Exit() != fault.ExitNotFound || o.Fault.Message != "no job carol.id" {
		t.Errorf("%v", o.Fault)
	}
	if o := h.Run(t, jobResumeCommand(), "alice.id", "--psbt", h.File(t, "bad.psbt", "no psbt")); o.Fault == nil || o.Out != "" || o.Fault.Code == "internal" {
		t.Errorf("%v %q", o.Fault, o.Out)
	}
}

// TestReadNames: names one a line; what cannot be one is counted, blank lines and the mark of an
// editor are not.
func TestReadNames(t *testing.T) {
	h := verbtest.Empty(t)
	for _, c := range []struct {
		text    string
		want    string
		skipped int
	}{
		{"", "", 0}, {"alice.id", "alice.id", 0}, {"alice.id\r\n\n  bob.id \n", "alice.id bob.id", 0}, {"\ufeffalice.id\nno name\nAlice.id\nbob.id", "alice.id bob.id", 2},
	} {
		list, skipped, err := ReadNames("-", strings.NewReader(c.text))
		again, _, err2 := ReadNames(h.File(t, "names", c.text), nil)
		var got []string
		for _, n := range list {
			got = append(got, n.String())
		}
		if err != nil || err2 != nil || strings.Join(got, " ") != c.want || skipped != c.skipped || !slices.Equal(list, again) {
			t.Errorf("%q: %q %d %v %v", c.text, got, skipped, err, err2)
		}
	}
	if _, _, err := ReadNames(filepath.Join(h.Dir, "none"), nil); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "names: ") {
		t.Errorf("%v", err)
	}
	if _, _, err := ReadNames("-", strings.NewReader(strings.Repeat("x", 70<<10))); err == nil {
		t.Error("a line without an end is read")
	}
}

// TestPendingView: what is said of each sort of preorder that no job follows.
func TestPendingView(t *testing.T) {
	alice := aJob(t, "0000000001", "alice.id", registrar.Planned)
	h := verbtest.Recorded(t, testdata.Vectors(t, "chain/d01-lifecycle.json"))
	h.Inside(t, nil, func(e *session.Session) error {
		for _, c := range []struct {
			what   string
			alter  func(p *registrar.Pending)
			given  bool
			job    registrar.ID
			reason string
		}{
			{"unknown", func(*registrar.Pending) {}, false, "", "no job follows it; it does not show its name"},
			{"none fits", func(*registrar.Pending) {}, true, "", "none of the names that were given"},
			{"owned", func(p *registrar.Pending) { p.Owned, p.Lapsed = alice, true }, true, "0000000001", "a job of this home has it"},
			{"failed", func(p *registrar.Pending) { p.Err, p.Lapsed = errors.New("taken"), true }, true, "", "taken"},
			{"lapsed", func(p *registrar.Pending) { p.Lapsed, p.Job = true, alice }, true, "", "too old to be registered; what it burnt is lost"},
			{"fits", func(p *registrar.Pending) { p.Job = alice }, true, "0000000001", ""},
		} {
			p := &registrar.Pending{}
			p.Txid, p.Sender = chainhash.Hash{1}, alice.Request.Owner
			c.alter(p)
			v, err := viewPending(t.Context(), e, p, c.given)
			if err != nil || v.JobID != c.job || v.Reason != c.reason || v.Sender != "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8" || v.Height != nil || v.Until != nil {
				t.Errorf("%s: %+v %v", c.what, v, err)
			}
			p.Height, p.Until = 700, 844
			if v, err = viewPending(t.Context(), e, p, c.given); err != nil || v.Height == nil || *v.Height != 700 || v.Until == nil || *v.Until != 844 {
				t.Errorf("%s in a block: %+v %v", c.what, v, err)
			}
		}
		return nil
	})
}

// TestMoveAside: a damaged file keeps its bytes under a name that no other has, and a link its
// place.
func TestMoveAside(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	path, link := filepath.Join(dir, "journal.db"), filepath.Join(dir, "link.db")
	for n, via := range []string{path, path, link} {
		if err := os.WriteFile(path, []byte{byte(n)}, 0o600); err != nil {
			t.Fatal(err)
		}
		if via == link {
			if err := os.Symlink(path, link); err != nil {
				t.Skip(err)
			}
		}
		aside, err := moveAside(via)
		b, rerr := os.ReadFile(aside)
		if err != nil || rerr != nil || aside != fmt.Sprintf("%s.damaged-%d", path, n+1) || !slices.Equal(b, []byte{byte(n)}) {
			t.Errorf("%s: %s %v %v %v", via, aside, b, err, rerr)
		}
	}
	if _, err := os.Lstat(link); err != nil {
		t.Errorf("the link is gone: %v", err)
	}
	if _, err := moveAside(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// TestDamagedJournal: a damaged journal is moved aside only with a yes, and never by a dry run.
func TestDamagedJournal(t *testing.T) {
	for _, c := range []struct {
		what    string
		answers []string
		dry     bool
		code    string
		aside   bool
	}{
		{"no", []string{"no"}, false, "declined", false},
		{"nobody", nil, false, "needs_input", false},
		{"dry run", []string{"yes"}, true, "damaged", false},
		{"yes", []string{"yes"}, false, "", true},
	} {
		h := verbtest.Empty(t).WithJobs(t, aJob(t, "0000000001", "alice.id", registrar.Planned))
		var path string
		p := &verbtest.Person{Answers: c.answers}
		o := h.Inside(t, p, func(e *session.Session) error {
			path = e.Config.JournalFile()
			if err := os.WriteFile(path, []byte(strings.Repeat("damage", 4000)), 0o600); err != nil {
				return err
			}
			_, err := regainJournal(t.Context(), e, c.dry)
			return err
		})
		_, err := os.Lstat(path + ".damaged-1")
		if (o.Fault == nil) != (c.code == "") || (err == nil) != c.aside || c.dry && len(p.Asked) > 0 {
			t.Errorf("%s: %v, aside %v, asked %v", c.what, o.Fault, err, p.Asked)
		}
		if o.Fault != nil && !c.dry && o.Fault.Code != c.code {
			t.Errorf("%s: %s", c.what, o.Fault.Code)
		}
	}
}

// TestWatched: what a watch says of jobs that stand still, once each time that it changes, and of
// what they do.
func TestWatched(t *testing.T) {
	alice := aJob(t, "0000000001", "alice.id", registrar.PreorderSigned)
	w := &watcher{jobs: map[registrar.ID]*registrar.Job{alice.ID: alice}, last: map[registrar.ID]string{}}
	said := func() (list []string) {
		for _, e := range w.pending {
			left := ""
			if e.Blocks != nil {
				left = fmt.Sprint(*e.Blocks)
			}
			list = append(list, strings.Join([]string{e.Event, string(e.JobID), e.Kind, e.Subject, e.State, e.Message, left, e.Txid}, "|"))
		}
		w.pending = nil
		return list
	}
	for _, c := range []struct {
		what string
		wait *job.Wait
		err  error
		want string
	}{
		{"waits", &job.Wait{For: "block 7"}, nil, "waiting|0000000001|register|alice.id|preorder_signed|block 7||"},
		{"still", &job.Wait{For: "block 7"}, nil, ""},
		{"for another", &job.Wait{For: "block 8"}, nil, "waiting|0000000001|register|alice.id|preorder_signed|block 8||"},
		{"fails", nil, errors.New("no coin"), "error|0000000001|register|alice.id|preorder_signed|no coin||"},
		{"goes on", nil, nil, ""},
		{"waits again", &job.Wait{For: "block 8"}, nil, "waiting|0000000001|register|alice.id|preorder_signed|block 8||"},
		{"needs a key", nil, registrar.ErrNeedsKey, "needs_key|0000000001|register|alice.id|preorder_signed|" + registrar.ErrNeedsKey.Error() + "||"},
		{"by a block", nil, fmt.Errorf("alice.id: %w", &advance.NeedsKey{Deadline: 720, Blocks: 8}),
			"needs_key|0000000001|register|alice.id|preorder_signed|alice.id: " + (&advance.NeedsKey{Deadline: 720, Blocks: 8}).Error() + "|8|"},
	} {
		alice.Wait = c.wait
		w.stands(alice, c.err)
		if got := strings.Join(said(), ", "); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
	w.notice(registrar.Event{Job: alice.ID, What: registrar.EventWaiting, State: registrar.PreorderSigned})
	w.notice(registrar.Event{Job: alice.ID, What: registrar.EventBroadcast, State: registrar.PreorderSigned, Text: "preorder", Txid: "ab"})
	w.notice(registrar.Event{Job: "0000000009", What: registrar.EventState, State: registrar.Done})
	if got := strings.Join(said(), ", "); got != "broadcast|0000000001|register|alice.id|preorder_signed|preorder||ab, state|0000000009|||done|||" {
		t.Errorf("%q", got)
	}
}

// TestWatchLines: an event as people and as programs see it.
func TestWatchLines(t *testing.T) {
	height, open := int32(712), 2
	for _, c := range []struct {
		e    watchEvent
		want string
		keys string
	}{
		{watchEvent{Event: "block", Height: &height, Open: &open}, "block 712, 2 jobs open", "event height open_jobs schema time"},
		{watchEvent{Event: "waiting", JobID: "1", Kind: "register", Subject: "alice.id", State: "planned", Message: "block 7"}, "waiting register alice.id (planned): block 7",
			"event job_id kind message schema state subject time"},
		{watchEvent{Event: "state", Kind: "register", Subject: "alice.id", State: "done"}, "state register alice.id (done)", "event kind schema state subject time"},
		{watchEvent{Event: "broadcast", Kind: "register", Subject: "alice.id", State: "planned", Message: "preorder", Txid: "ab"}, "broadcast register alice.id: preorder ab",
			"event kind message schema state subject time txid"},
		{watchEvent{Event: "name_moved", Name: "alice.id", Height: &height, Txid: "ab", Owner: "1J", Message: "alice.id moved"}, "name_moved: alice.id moved",
			"event height message name owner_address schema time txid"},
		{watchEvent{Event: "reachable"}, "reachable", "event schema time"},
	} {
		say := func(words ...string) verbtest.Outcome {
			return verbtest.Empty(t).Inside(t, nil, func(e *session.Session) error { return (&watcher{env: e}).say(c.e) }, words...)
		}
		at, text, _ := strings.Cut(strings.TrimSuffix(say().Out, "\n"), " ")
		if _, err := time.Parse(time.RFC3339, at); err != nil || text != c.want {
			t.Errorf("%q at %q, want %q", text, at, c.want)
		}
		var keys []string
		for key := range say("--json").Doc {
			keys = append(keys, key)
		}
		if slices.Sort(keys); strings.Join(keys, " ") != c.keys {
			t.Errorf("%s: %q, want %q", c.e.Event, keys, c.keys)
		}
	}
}

// TestWatchAbsent: that the node is away is said once.
func TestWatchAbsent(t *testing.T) {
	o := verbtest.Empty(t).Inside(t, nil, func(e *session.Session) error {
		w := &watcher{env: e}
		return errors.Join(w.absent(errors.New("the file is damaged")), w.absent(errors.New("the file is damaged")))
	})
	if strings.Count(o.Out, " error: ") != 1 || strings.Count(o.Out, "\n") != 1 {
		t.Errorf("%q", o.Out)
	}
	if o := verbtest.Empty(t).Run(t, WatchCommand(), "--json"); o.Exit() != fault.ExitNotFound || o.Out != "" {
		t.Errorf("without a wallet: %v %q", o.Fault, o.Out)
	}
}
