package registrar

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"blockstack/txbuilder"
)

var writeJournal = flag.String("journal.write", "", "write a journal of today's program, and what is in it, under this name in testdata/journals")

// TestOldJournals reads a journal of every version that was ever written. Each lies in
// testdata/journals as NAME.db.gz, with what must be found in it as NAME.txt; both are
// made once, by TestWriteJournal, and never changed.
func TestOldJournals(t *testing.T) {
	files, err := filepath.Glob("testdata/journals/*.db.gz")
	if err != nil || len(files) < int(journalFormat.Version) {
		t.Fatalf("%d journals for %d versions, %v", len(files), journalFormat.Version, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal.db")
			if err := os.WriteFile(path, unzip(t, file), 0o600); err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(file, ".db.gz") + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			j, err := OpenJournal(path, time.Second)
			if err != nil {
				t.Fatal(err)
			}
			defer j.Close()
			jobs, err := j.Jobs(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := summary(jobs); got != string(want) {
				t.Errorf("it holds\n%s\nwant\n%s", got, want)
			}
			if reserved, err := Reserved(t.Context(), j, nowhere); err != nil || len(reserved) == 0 {
				t.Errorf("%d coins are reserved, %v", len(reserved), err)
			}
			// It can be written by this program, too, and is the same after that.
			for _, job := range jobs {
				if err := j.Save(t.Context(), job); err != nil {
					t.Errorf("%s: %v", job.ID, err)
				}
			}
			if jobs, err = j.Jobs(t.Context()); err != nil || summary(jobs) != string(want) {
				t.Errorf("saved again: %v", err)
			}
		})
	}
}

func unzip(t *testing.T, file string) []byte {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// summary is what a journal holds, in lines. State and role are written as they are
// stored, since that is what must keep its meaning.
func summary(jobs []*Job) string {
	var b strings.Builder
	for _, j := range jobs {
		fmt.Fprintf(&b, "%s %s %q attempt %d state %d owner %x to %x erase %v zone file %d rates %d %d ceiling %d confirmations %d sender %x\n",
			j.ID, j.Request.Kind, j.Request.Subject(), j.Attempt, uint8(j.State), j.Request.Owner, j.Request.To, j.Request.Erase,
			len(j.Request.ZoneFile), j.Request.Rate, j.Request.HighRate, j.Request.MaxTotal, j.Request.Confirmations, j.Sender)
		if j.Price != nil {
			fmt.Fprintf(&b, "  price %s %s to %x\n", j.Price.Amount, j.Price.Unit, j.Price.Payee)
		}
		for _, s := range j.Stages {
			fmt.Fprintf(&b, "  %s current %d since %d used %v\n", s.Role, s.Current, s.Since, s.Used)
			for _, v := range s.Versions {
				fmt.Fprintf(&b, "    %s %d bytes fee %d burn %d given %d rate %d window %d quoted %s parent %s next %d signed %d\n",
					v.Txid, len(v.Raw), v.Fee, v.Burn, v.Given, v.Rate, v.Window, v.Quoted, v.Parent, v.Next, v.Signed)
			}
		}
		for _, d := range j.Drafted {
			fmt.Fprintf(&b, "  draft %s %s to %d %q\n", d.Role, d.Unsigned, uint8(d.To), d.Status)
		}
		if j.Reason != "" {
			fmt.Fprintf(&b, "  reason %q\n", j.Reason)
		}
	}
	return b.String()
}

// TestWriteJournal makes such a journal, with jobs of every kind in many states.
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
	text := summary(jobs)
	if err := v.journal.Close(); err != nil {
		t.Fatal(err)
	}
	v.journal = nil
	raw, err := os.ReadFile(v.path)
	if err != nil {
		t.Fatal(err)
	}
	base := filepath.Join("testdata", "journals", *writeJournal)
	if err := os.WriteFile(base+".txt", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
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
