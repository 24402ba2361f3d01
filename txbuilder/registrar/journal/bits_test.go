package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"blockstack/txbuilder/registrar/job"
)

// TestJournalBits changes bits of a journal: each is noticed, or no job is another one.
func TestJournalBits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := os.WriteFile(path, unzip(t, "testdata/journals/v2-last.db.gz"), 0o600); err != nil {
		t.Fatal(err)
	}
	read := func() (string, error) {
		j, err := Open(path, time.Second)
		if err != nil {
			return "", err
		}
		jobs, err := j.Jobs(t.Context())
		made, writes, err2 := j.Age()
		raw, err3 := json.Marshal([]any{jobs, made, writes})
		return string(raw), errors.Join(err, err2, err3, j.Close())
	}
	want, err := read()
	if err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rng := rand.New(rand.NewPCG(10, 19))
	noticed, harmless := 0, 0
	for range 400 {
		at := rng.IntN(len(good))
		for good[at] == 0 {
			at = rng.IntN(len(good))
		}
		for i, b := range []byte{good[at] ^ 1<<rng.IntN(8), good[at]} {
			if _, err := file.WriteAt([]byte{b}, int64(at)); err != nil {
				t.Fatal(err)
			}
			if i == 1 {
				break
			}
			got, err := read()
			switch {
			case errors.Is(err, job.ErrBadJournal), errors.Is(err, job.ErrNewerJournal):
				noticed++
			case err != nil:
				t.Fatalf("byte %d: %v", at, err)
			case got != want:
				t.Fatalf("byte %d (in %.60q) changes a job, and nothing is said", at, good[max(0, at-30):])
			default:
				harmless++
			}
		}
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, good) {
		t.Fatalf("reading wrote, %v", err)
	}
	if noticed < 100 {
		t.Errorf("%d were noticed, %d harmless", noticed, harmless)
	}
}
