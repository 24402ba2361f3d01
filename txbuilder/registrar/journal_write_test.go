package registrar

import (
	"bytes"
	"compress/gzip"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"blockstack/txbuilder"
)

var writeJournal = flag.String("journal.write", "", "write a journal of today's program under this name in journal/testdata/journals; -journal.describe there says what is in it")

// TestWriteJournal makes a journal for TestOldJournals of package journal, with jobs of every kind
// in many states.
func TestWriteJournal(t *testing.T) {
	if *writeJournal == "" {
		t.Skip("only with -journal.write NAME")
	}
	v, launch := revealed(t)
	ctx := t.Context()
	v.run(v.importing(2))
	half, err := v.r.Start(ctx, func() Request { r := v.importing(3); r.Import.Names[0].Owner = v.w.payer; return r }())
	if err != nil {
		t.Fatal(err)
	}
	v.advance(half.ID)
	v.mine(1)
	v.advance(half.ID)
	v.finish(half.ID)
	if _, err := v.r.Release(ctx, launch.ID); err != nil {
		t.Fatal(err)
	}
	v.finish(launch.ID)
	begin := func(req Request, blocks int) *Job {
		t.Helper()
		j, err := v.r.Start(ctx, req)
		if err != nil {
			t.Fatal(err)
		}
		j = v.advance(j.ID)
		for range blocks {
			v.mine(1)
			j = v.advance(j.ID)
		}
		return j
	}
	alice := v.register("alice.id")
	begin(alice, 3)
	zf := append(bytes.Clone(alice.ZoneFile), "; two\n"...)
	begin(Request{Kind: KindUpdate, Name: alice.Name, Owner: v.w.owner, ZoneFile: zf, Rate: alice.Rate}, 2)
	begin(Request{Kind: KindRenew, Name: alice.Name, Owner: v.w.owner, Rate: alice.Rate, MaxTotal: 1e6}, 2)
	begin(Request{Kind: KindTransfer, Name: alice.Name, Owner: v.w.owner, To: v.w.payer2, Erase: true, Rate: alice.Rate}, 2)
	begin(v.register("bob.id"), 1) // register_signed
	gone := begin(v.register("carol.id"), 0)
	if _, err := v.r.Cancel(ctx, gone.ID); err != nil {
		t.Fatal(err)
	}
	v.finish(gone.ID)
	if _, err := v.r.Start(ctx, v.register("dave.id")); err != nil { // planned
		t.Fatal(err)
	}
	begin(v.register("erin.id"), 0) // preorder_signed
	far := v.register("frank.id")
	far.External, far.Rate = true, txbuilder.SatPerVByte(7)
	begin(far, 0)
	jobs, err := v.journal.Jobs(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(jobs) < 10 {
		t.Fatalf("only %d jobs", len(jobs))
	}
	if err := v.journal.Close(); err != nil {
		t.Fatal(err)
	}
	v.journal = nil
	raw, err := os.ReadFile(v.path)
	if err != nil {
		t.Fatal(err)
	}
	base := filepath.Join("journal", "testdata", "journals", *writeJournal)
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(base+".db.gz", b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
