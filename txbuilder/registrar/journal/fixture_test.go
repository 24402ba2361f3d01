package journal

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/reserve"
)

var describeNew = flag.Bool("journal.describe", false, "write down what is in the journals of testdata/journals that have no description yet")

// TestOldJournals reads a journal of every version that was ever written. Each lies in
// testdata/journals as NAME.db.gz, with what must be found in it as NAME.txt; both are made once,
// by TestWriteJournal of the registrar and with -journal.describe, and never changed.
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
			j, err := Open(path, time.Second)
			if err != nil {
				t.Fatal(err)
			}
			defer j.Close()
			jobs, err := j.Jobs(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			text := strings.TrimSuffix(file, ".db.gz") + ".txt"
			want, err := os.ReadFile(text)
			if errors.Is(err, fs.ErrNotExist) && *describeNew {
				want = []byte(summary(jobs))
				err = os.WriteFile(text, want, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := summary(jobs); got != string(want) {
				t.Errorf("it holds\n%s\nwant\n%s", got, want)
			}
			if reserved, err := reserve.Reserved(t.Context(), j, func(context.Context, chainhash.Hash) (int32, error) { return 0, nil }); err != nil || len(reserved) == 0 {
				t.Errorf("%d coins are reserved, %v", len(reserved), err)
			}
			for _, one := range jobs {
				if one.ID != job.NewID(&one.Request, one.Attempt) {
					t.Errorf("job %s has another id by now", one.ID)
				}
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

func unzip(t testing.TB, file string) []byte {
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

// summary is what a journal holds, in lines. State and role are written as they are stored, since
// that is what must keep its meaning.
func summary(jobs []*job.Job) string {
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

// stored opens a copy of the journal of the last version.
func stored(t testing.TB) (path string, j *File) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "journal.db")
	if err := os.WriteFile(path, unzip(t, "testdata/journals/v3.db.gz"), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := Open(path, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return path, j
}

// storedJob is a job of that journal whose preorder is signed.
func storedJob(t testing.TB) *job.Job {
	t.Helper()
	_, j := stored(t)
	jobs, err := j.Jobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range jobs {
		if one.State == job.PreorderSigned && len(one.Stages) > 1 && one.Request.Kind == job.KindRegister {
			return one
		}
	}
	t.Fatal("no job has signed a preorder")
	return nil
}

// sealed and opened stand for the encryption of copies.
func sealed(plain []byte) ([]byte, error) { return append([]byte("sealed"), plain...), nil }

func opened(b []byte) ([]byte, error) {
	plain, ok := bytes.CutPrefix(b, []byte("sealed"))
	if !ok {
		return nil, job.ErrBadCopy
	}
	return plain, nil
}
