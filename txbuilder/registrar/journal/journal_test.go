package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"blockstack/txbuilder/registrar/job"
)

func TestJournalFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, time.Second); !errors.Is(err, job.ErrBadJournal) {
		t.Errorf("an empty file: %v", err)
	}
	if b, err := os.ReadFile(path); err != nil || len(b) > 0 {
		t.Errorf("an empty file was written to: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	j, err := Open(path, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	if _, err := Open(path, time.Millisecond); !errors.Is(err, ErrBusy) {
		t.Errorf("opened twice: %v", err)
	}
	if _, err := j.Job(t.Context(), "nope"); !errors.Is(err, job.ErrNoJob) {
		t.Errorf("no job: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	set := func(version []byte) {
		db, err := bbolt.Open(path, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte(bucketMeta)).Put([]byte("version"), version) })
		if err = errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
	}
	set(binary.BigEndian.AppendUint32(nil, journalFormat.Version+1))
	if _, err := Open(path, time.Second); !errors.Is(err, job.ErrNewerJournal) {
		t.Errorf("a newer version: %v", err)
	}
	set([]byte("x"))
	if _, err := Open(path, time.Second); !errors.Is(err, job.ErrBadJournal) {
		t.Errorf("a damaged version: %v", err)
	}
}

// TestJournalFileDamage damages the file itself: that is an error, never a panic, and never an
// empty journal.
func TestJournalFileDamage(t *testing.T) {
	for name, how := range map[string]func(b []byte) []byte{
		"empty":              func([]byte) []byte { return nil },
		"cut to a page":      func(b []byte) []byte { return b[:4096] },
		"cut to four pages":  func(b []byte) []byte { return b[:4*4096] },
		"another file":       func([]byte) []byte { return []byte("hello\n") },
		"zeroes in the tree": func(b []byte) []byte { clear(b[2*4096:]); return b },
		"all ones":           func(b []byte) []byte { return bytes.Repeat([]byte{0xff}, len(b)) },
	} {
		t.Run(name, func(t *testing.T) {
			path, open := stored(t)
			if err := open.Close(); err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			bad := how(b)
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			j, err := Open(path, 50*time.Millisecond)
			if err == nil {
				_, err = j.Jobs(t.Context())
				err = errors.Join(err, j.Close())
			}
			if !errors.Is(err, job.ErrBadJournal) {
				t.Errorf("%v", err)
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, bad) {
				t.Errorf("the file was changed: %v", err)
			}
		})
	}
}
