package registrar

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"blockstack/storage"
	"blockstack/storage/local"
	"blockstack/txbuilder/registrar/job"
)

// testSeal stands for the sealed box: package keychain has the real one.
func testSeal(plain []byte) ([]byte, error) { return invert(plain), nil }

func testOpen(sealed []byte) ([]byte, error) { return invert(sealed), nil }

func invert(b []byte) []byte {
	out := make([]byte, len(b))
	for i := range b {
		out[i] = ^b[i]
	}
	return out
}

const testNet = "regtest"

// copying lets a world keep copies in a folder from now on.
func (v *world) copying() (dir string) {
	v.t.Helper()
	dir = v.t.TempDir()
	v.copies = dir
	v.open()
	return dir
}

// copyDisk is the folder of copies, whose writes a test may meddle with.
type copyDisk struct {
	*local.Folder
	around func(write func() error) error // nil: nobody does
}

func (d copyDisk) Put(ctx context.Context, name string, body io.ReaderAt, size int64, c storage.Condition) (v storage.Version, err error) {
	write := func() error {
		v, err = d.Folder.Put(ctx, name, body, size, c)
		return err
	}
	if d.around == nil {
		return v, write()
	}
	return v, d.around(write)
}

// readCopies decodes every copy in a folder.
func readCopies(t testing.TB, dir string) (jobs []*Job) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.job"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		j, err := DecodeCopy(b, testNet, testOpen)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		jobs = append(jobs, j)
	}
	return jobs
}

// elsewhere is another machine with the same seed on the same chain.
func (v *world) elsewhere() *world {
	v.t.Helper()
	o := *v
	o.path, o.journal, o.copies, o.events, o.kept, o.days = filepath.Join(v.t.TempDir(), "journal.db"), nil, "", nil, nil, ""
	v.t.Cleanup(func() {
		if o.journal != nil {
			_ = o.journal.Close()
		}
	})
	o.open()
	return &o
}

// TestCopyBeforeBroadcast looks at every broadcast: its bytes must be in the copy.
func TestCopyBeforeBroadcast(t *testing.T) {
	v := newWorld(t)
	dir := v.copying()
	v.launch("id", 1)
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
		for _, j := range readCopies(t, dir) {
			for _, s := range j.Stages {
				for _, ver := range s.Versions {
					if bytes.Equal(ver.Raw, raw.Bytes()) {
						checked++
						return nil
					}
				}
			}
		}
		t.Error("a transaction was sent that is not in the copy")
		return nil
	}
	if j := v.run(v.register("alice.id")); j.State != Done || checked != 2 {
		t.Fatalf("%s, %d broadcasts checked", j.State, checked)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Fatalf("%d files for two jobs: %v", len(files), err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if st, err := f.Info(); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", st.Mode(), err)
		}
		if (len(b)-len("BSKJOB01"))%4096 != 0 || bytes.Contains(b, []byte("alice")) {
			t.Errorf("%s has %d bytes", f.Name(), len(b))
		}
	}
}

// TestCopyFails sends nothing while the copy cannot be written, and goes on when it can.
func TestCopyFails(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	dir := v.copying()
	before := len(v.btc.Sent())
	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	j, err := v.r.Start(t.Context(), v.register("alice.id"))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_, err = v.r.Advance(t.Context(), j.ID)
		var no *NotCopied
		if !errors.As(err, &no) || no.Dir != dir || !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("without the folder: %v", err)
		}
		v.open()
	}
	if n := len(v.btc.Sent()); n != before {
		t.Fatalf("%d transactions were sent", n-before)
	}
	if err := os.Rename(dir+".away", dir); err != nil {
		t.Fatal(err)
	}
	v.writeCopy = func(func() error) error { return syscall.ENOSPC }
	v.open()
	if _, err := v.r.Advance(t.Context(), j.ID); !errors.Is(err, syscall.ENOSPC) || len(v.btc.Sent()) != before {
		t.Fatalf("no space: %v", err)
	}
	v.writeCopy = nil
	v.open()
	if j := v.finish(j.ID); j.State != Done {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
}

// TestCopyOfOldJournal brings an old journal back: what is newer in the folder stays.
func TestCopyOfOldJournal(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	dir := v.copying()
	j, err := v.r.Start(t.Context(), v.register("alice.id"))
	if err != nil {
		t.Fatal(err)
	}
	v.advance(j.ID)
	old, err := os.ReadFile(v.path)
	if err != nil {
		t.Fatal(err)
	}
	newest := v.finish(j.ID)
	if err := v.journal.Close(); err != nil {
		t.Fatal(err)
	}
	v.journal = nil
	if err := os.WriteFile(v.path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	v.open()
	v.finish(v.run(v.register("bob.id")).ID)
	var states []State
	for _, c := range readCopies(t, dir) {
		if c.ID == j.ID {
			states = append(states, c.State)
		}
	}
	if len(states) != 2 || !slices.Contains(states, newest.State) && !slices.Contains(states, RegisterSigned) {
		t.Errorf("copies of the job: %v", states)
	}
}

// TestImport loses a journal at every moment of a registration and finishes the job on another
// machine, from the copy; then the first machine lives again. The name is paid once.
func TestImport(t *testing.T) {
	for mined := range 3 {
		v := newWorld(t)
		v.launch("id", 1)
		dir := v.copying()
		req := v.register("alice.id")
		j, err := v.r.Start(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		v.advance(j.ID)
		for range mined {
			v.mine(1)
			v.advance(j.ID)
		}
		far := v.elsewhere()
		list, err := far.r.Import(t.Context(), readCopies(t, dir))
		if err != nil || len(list) != 2 {
			t.Fatalf("%+v, %v", list, err)
		}
		for _, in := range list {
			if in.What != ImportNew || in.Err != nil {
				t.Errorf("%+v", in)
			}
		}
		again, err := far.r.Import(t.Context(), readCopies(t, dir))
		if err != nil || again[0].What != ImportKnown || again[1].What != ImportKnown {
			t.Errorf("again: %+v, %v", again, err)
		}
		// Both go on, the other one first.
		for range 8 {
			far.advance(j.ID)
			v.advance(j.ID)
			v.mine(1)
		}
		for _, w := range []*world{v, far} {
			if j := w.advance(j.ID); j.State != Done {
				t.Errorf("%d blocks later: %s: %s", mined, j.State, j.Reason)
			}
		}
		if n := v.preorders(); n != 1 {
			t.Errorf("%d preorders of the name are in the chain", n)
		}
	}
}

// preorders counts the name preorders in the chain.
func (v *world) preorders() (n int) {
	v.t.Helper()
	blocks, err := v.w.chainBlocks(v.t.Context())
	if err != nil {
		v.t.Fatal(err)
	}
	for _, b := range blocks {
		for _, tx := range b.Transactions {
			if s := tx.TxOut[0].PkScript; len(s) > 5 && s[0] == 0x6a && s[4] == '?' {
				n++
			}
		}
	}
	return n
}

// TestAdopt lets the other machine replace the preorder, and register, behind the back of the
// first, which then finds its own work on the chain.
func TestAdopt(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	dir := v.copying()
	j, err := v.r.Start(t.Context(), v.register("alice.id"))
	if err != nil {
		t.Fatal(err)
	}
	v.advance(j.ID)
	far := v.elsewhere()
	if _, err := far.r.Import(t.Context(), readCopies(t, dir)); err != nil {
		t.Fatal(err)
	}
	// The preorder waits until its consensus hash is nearly too old.
	for range 30 {
		if _, err := v.btc.MineTxs(); err != nil {
			t.Fatal(err)
		}
		far.follow()
		if o := far.advance(j.ID); len(o.Stage(RolePreorder).Versions) > 1 {
			break
		}
	}
	far.mine(1)
	o := far.advance(j.ID)
	if len(o.Stage(RolePreorder).Versions) < 2 || o.State != RegisterSigned {
		t.Fatalf("the other machine: %s", o.State)
	}
	mine := v.advance(j.ID)
	if mine.State != RegisterSigned || len(mine.Stage(RolePreorder).Versions) != 2 {
		t.Errorf("the preorder was not adopted: %s, %d versions", mine.State, len(mine.Stage(RolePreorder).Versions))
	}
	far.mine(1)
	for _, w := range []*world{far, v} {
		if j := w.advance(j.ID); j.State != Done {
			t.Errorf("%s: %s", j.State, j.Reason)
		}
	}
	if n := v.preorders(); n != 1 {
		t.Errorf("%d preorders of the name are in the chain", n)
	}

	// A third machine has only the first copy, from before everything.
	third := v.elsewhere()
	if _, err := third.r.Import(t.Context(), []*Job{j0(t, mine)}); err != nil {
		t.Fatal(err)
	}
	if j := third.advance(j.ID); j.State != Done || j.Stage(RoleRegister) == nil {
		t.Errorf("third: %s: %s", j.State, j.Reason)
	}
}

// j0 is a job as it was when only its first preorder was known.
func j0(t *testing.T, j *Job) *Job {
	t.Helper()
	c, err := job.Clone(j)
	if err != nil {
		t.Fatal(err)
	}
	var stages []*Stage
	for _, s := range c.Stages {
		if s.Role == RolePreorder {
			s.Versions, s.Current = s.Versions[:1], 0
			stages = append(stages, s)
		}
	}
	c.Stages, c.State = stages, PreorderSigned
	return c
}

// TestImportBarred refuses what would make this journal pay twice, or lose sight of a job.
func TestImportBarred(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	req := v.register("alice.id")
	j, err := v.r.Start(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	far := v.elsewhere()
	other := req
	other.Owner = v.w.payer2
	if _, err := far.r.Start(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	j = v.advance(j.ID)
	list, err := far.r.Import(t.Context(), []*Job{j})
	if err != nil || list[0].What != ImportBarred || !errors.As(list[0].Err, new(*Conflict)) {
		t.Errorf("another job for the name: %+v, %v", list, err)
	}
	// Versions that spend different coins at input 0 could both be paid.
	bad, err := job.Clone(j)
	if err != nil {
		t.Fatal(err)
	}
	alien := *bad.Stage(RoleRegister).Versions[0]
	alien.Parent = bad.Stage(RolePreorder).Versions[0].Parent
	bad.Stage(RolePreorder).Versions = append(bad.Stage(RolePreorder).Versions, &alien)
	third := v.elsewhere()
	if list, err = third.r.Import(t.Context(), []*Job{bad}); err != nil || list[0].What != ImportBarred {
		t.Errorf("two coins: %+v, %v", list, err)
	}
}
