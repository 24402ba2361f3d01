package registrar

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"blockstack/names"
	"blockstack/storage/local"
	"blockstack/txbuilder/registrar/job"
)

// searched reads the copies in a folder that a journal has not written.
type searched struct {
	journal *BoltJournal
	dir     string
}

func (s searched) CopiedJobs(ctx context.Context) (jobs []*Job, err error) {
	dir := local.Mounted(s.dir)
	files, err := s.journal.OtherCopies(ctx, dir)
	for _, file := range files {
		raw, err := os.ReadFile(dir.Path(file))
		if err != nil {
			return nil, err
		}
		j, err := DecodeCopy(raw, testNet, testOpen)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, j)
	}
	return jobs, err
}

// copiedWorld has a copied job whose preorder is in no block, no pool and no wallet, and a home of
// the same seed that searches the copies.
func copiedWorld(t *testing.T, req func(v *world) Request) (v, far *world, j *Job) {
	v = newWorld(t)
	v.launch("id", 1)
	dir := v.copying()
	j, err := v.r.Start(t.Context(), req(v))
	if err != nil {
		t.Fatal(err)
	}
	j = v.advance(j.ID)
	v.btc.Forget()
	far = v.forgetful()
	far.search = dir
	far.open()
	return v, far, j
}

// TestCopiedPreorder finds the preorder in the copy of the journal where nothing else shows it: it
// is planned with, brought in and gone on with, and paid once.
func TestCopiedPreorder(t *testing.T) {
	alice := func(v *world) Request { return v.register("alice.id") }
	v, far, was := copiedWorld(t, alice)
	txid := was.Stages[0].Versions[0].Txid
	e, err := far.r.Plan(t.Context(), alice(far))
	if err != nil || e.Found == nil || e.Found.Txid != txid || e.Found.Height != 0 || e.Found.Job == nil {
		t.Fatalf("%+v, %v", e, err)
	}
	if jobs, err := far.r.Jobs(t.Context()); err != nil || len(jobs) != 0 {
		t.Fatalf("a plan wrote %d jobs, %v", len(jobs), err)
	}
	got, err := far.r.Start(t.Context(), alice(far))
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != was.ID || got.Stages[0].Versions[0].Txid != txid || len(got.Stages) != len(was.Stages) {
		t.Fatalf("brought in: %s with %d stages", got.ID, len(got.Stages))
	}
	if again, err := far.r.Start(t.Context(), alice(far)); err != nil || again.ID != got.ID {
		t.Errorf("again: %v, %v", again, err)
	}
	if done := far.finish(got.ID); done.State != Done || v.preorders() != 1 {
		t.Fatalf("%s: %s, %d preorders", done.State, done.Reason, v.preorders())
	}
}

// TestCopiedForAnother names the preorder of a copied job that was meant for another owner, also
// one that is not of this wallet, and rescues it.
func TestCopiedForAnother(t *testing.T) {
	for who, owner := range map[string]func(v *world) []byte{
		"identity": func(v *world) []byte { return v.w.add(60, false) },
		"stranger": func(v *world) []byte { return newWallet(t).add(99, false) },
	} {
		v, far, was := copiedWorld(t, func(v *world) Request {
			req := v.register("alice.id")
			req.Owner = owner(v)
			return req
		})
		for _, act := range []func() error{
			func() error { _, err := far.r.Plan(t.Context(), far.register("alice.id")); return err },
			func() error { _, err := far.r.Start(t.Context(), far.register("alice.id")); return err },
			func() error {
				b, err := far.r.PlanBatch(t.Context(), far.batch("alice.id", "bob.id"))
				if err == nil {
					err = b.Refused[0]
				}
				return err
			},
		} {
			err := act()
			if e := new(PreorderOurs); !errors.As(err, &e) || e.Txid != was.Stages[0].Versions[0].Txid || !bytes.Equal(e.Owner, was.Request.Owner) {
				t.Fatalf("%s: %v", who, err)
			}
		}
		list, err := far.r.Rescue(t.Context(), far.remember("alice.id"), false)
		if err != nil || len(list) != 1 || list[0].Job == nil {
			t.Fatalf("%s: %+v, %v", who, list, err)
		}
		if done := far.finish(list[0].Job.ID); done.State != Done || v.preorders() != 1 {
			t.Fatalf("%s: %s: %s, %d preorders", who, done.State, done.Reason, v.preorders())
		}
	}
}

// TestCopiedPlanned: a job was put back to its beginning, and the copy knows more of it.
func TestCopiedPlanned(t *testing.T) {
	v, far, was := copiedWorld(t, func(v *world) Request { return v.register("alice.id") })
	dir := far.search
	far.search = ""
	far.open()
	req := far.register("alice.id")
	req.Rate *= 2 // what it would sign by itself is another transaction
	planned, err := far.r.Start(t.Context(), req)
	if err != nil || planned.State != Planned {
		t.Fatalf("%+v, %v", planned, err)
	}
	far.search = dir
	far.open()
	if got := far.advance(planned.ID); got.Stages[0].Versions[0].Txid != was.Stages[0].Versions[0].Txid {
		t.Fatalf("%s: another preorder was signed", got.State)
	}
	if done := far.finish(planned.ID); done.State != Done || v.preorders() != 1 {
		t.Fatalf("%s: %s, %d preorders", done.State, done.Reason, v.preorders())
	}
}

// TestCopiedList brings in a list as a whole: its transactions spend one another's change.
func TestCopiedList(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	dir := v.copying()
	req := v.list("list", 3)
	_, ids := v.begin(req)
	for range 3 {
		for _, id := range ids {
			v.advance(id)
		}
	}
	v.btc.Forget()
	far := v.forgetful()
	far.search = dir
	far.open()
	b, err := far.r.PlanBatch(t.Context(), req)
	if err != nil || len(b.Refused) != 3 {
		t.Fatalf("%v refused, %v", b.Refused, err)
	}
	for i, it := range req.Items {
		if e := new(PreorderOurs); !errors.As(b.Refused[i], &e) || e.Job != "" {
			t.Fatalf("%s: %v", it.Name, b.Refused[i])
		}
		one := far.register(it.Name.String())
		one.Owner, one.ZoneFile = it.Owner, it.ZoneFile
		if j, err := far.r.Start(t.Context(), one); err != nil || j.ID != ids[0] {
			t.Fatalf("%s: %+v, %v", it.Name, j, err)
		}
	}
	for range 12 {
		if _, err := far.r.AdvanceAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		far.mine(1)
	}
	for _, id := range ids {
		if j := far.advance(id); j.State != Done {
			t.Errorf("%s: %s: %s", j.Request.Subject(), j.State, j.Reason)
		}
	}
	if n := v.preorders(); n != 3 {
		t.Errorf("%d preorders", n)
	}
}

// TestCopiedBelieved: of a copy nothing but bytes is believed. One whose preorder is of another
// name than it says, by a script that is not ours, that has come to an end or of which this journal
// knows the end, changes nothing.
func TestCopiedBelieved(t *testing.T) {
	bob, err := names.Parse("bob.id")
	if err != nil {
		t.Fatal(err)
	}
	for what, forge := range map[string]func(far *world, j *Job){
		"another name": func(_ *world, j *Job) { j.Request.Name = bob },
		"it is over":   func(_ *world, j *Job) { j.State, j.Reason = Cancelled, "given up" },
		"over here": func(far *world, j *Job) {
			ended, err := job.Clone(j)
			if err != nil {
				t.Fatal(err)
			}
			ended.State, ended.Reason = Rejected, "what it would have spent is gone"
			if err := far.journal.Save(t.Context(), ended); err != nil {
				t.Fatal(err)
			}
		},
		"a stranger's": func(far *world, j *Job) {
			delete(far.w.keys, string(j.Sender))
			far.pay(far.w.payer2, 1e7)
			far.mine(1)
		},
	} {
		_, far, was := copiedWorld(t, func(v *world) Request { return v.register("alice.id") })
		forge(far, was)
		far.search = ""
		far.open()
		far.r.search.Copied.From = fixedJobs{was}
		req := far.register("alice.id")
		req.Name = was.Request.Name
		if e, err := far.r.Plan(t.Context(), req); err != nil || e.Found != nil {
			t.Errorf("%s: %+v, %v", what, e, err)
		}
	}
}

// TestCopiedGivenBack: what the copied preorder would have spent went back, so that it is of no
// use.
func TestCopiedGivenBack(t *testing.T) {
	v, far, was := copiedWorld(t, func(v *world) Request { return v.register("alice.id") })
	if _, err := v.r.Cancel(t.Context(), was.ID); err != nil {
		t.Fatal(err)
	}
	v.advance(was.ID)
	v.mine(1)
	far.follow()
	if e, err := far.r.Plan(t.Context(), far.register("alice.id")); err != nil || e.Found != nil {
		t.Fatalf("%+v, %v", e, err)
	}
}

// fixedJobs are copied jobs.
type fixedJobs []*Job

func (f fixedJobs) CopiedJobs(context.Context) ([]*Job, error) { return f, nil }

// TestOtherCopies: a journal's own copies are not read again, but for those of a state that it does
// not know any more.
func TestOtherCopies(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	dir := v.copying()
	j, err := v.r.Start(t.Context(), v.register("alice.id"))
	if err != nil {
		t.Fatal(err)
	}
	old := v.journalFile()
	v.advance(j.ID)
	count := func(want int) {
		t.Helper()
		files, err := v.journal.OtherCopies(t.Context(), local.Mounted(dir))
		if err != nil || len(files) != want {
			t.Fatalf("%d other copies, want %d, %v", len(files), want, err)
		}
	}
	count(0)
	signed := v.journalFile()
	if _, err := v.r.Cancel(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	v.advance(j.ID)
	count(0)
	now := v.journalFile()
	v.putJournal(signed) // it knows the job, and not the last that was signed for it
	count(1)
	v.putJournal(now)
	if files, err := v.forgetful().journal.OtherCopies(t.Context(), local.Mounted(dir)); err != nil || len(files) != 2 {
		t.Fatalf("another journal: %d copies, %v", len(files), err)
	}
	v.putJournal(old)
	files, err := v.journal.OtherCopies(t.Context(), local.Mounted(dir))
	if err != nil || len(files) == 0 {
		t.Fatalf("an older journal: %d copies, %v", len(files), err)
	}
	if files, err := v.journal.OtherCopies(t.Context(), local.Mounted(filepath.Join(dir, "none"))); err != nil || len(files) != 0 {
		t.Fatalf("no folder: %d, %v", len(files), err)
	}
}

// journalFile is the journal as it is on disk.
func (v *world) journalFile() []byte {
	v.t.Helper()
	if err := v.journal.Close(); err != nil {
		v.t.Fatal(err)
	}
	v.journal = nil
	raw, err := os.ReadFile(v.path)
	if err != nil {
		v.t.Fatal(err)
	}
	v.open()
	return raw
}

// putJournal brings an older file back.
func (v *world) putJournal(raw []byte) {
	v.t.Helper()
	if err := v.journal.Close(); err != nil {
		v.t.Fatal(err)
	}
	v.journal = nil
	if err := os.WriteFile(v.path, raw, 0o600); err != nil {
		v.t.Fatal(err)
	}
	v.open()
}
