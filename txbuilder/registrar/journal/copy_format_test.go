package journal

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"blockstack/txbuilder/registrar/job"
)

// TestDecodeCopy refuses everything that is not whole, of this network, and itself.
func TestDecodeCopy(t *testing.T) {
	j := storedJob(t)
	raw, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	good, err := encodeCopy("regtest", journalName{1}, raw, sealed)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := DecodeCopy(good, "regtest", opened); err != nil || back.ID != j.ID {
		t.Fatalf("%v, %v", back, err)
	}
	if _, err := DecodeCopy(good, "mainnet", opened); !errors.As(err, new(*OtherNetwork)) {
		t.Errorf("another network: %v", err)
	}
	for what, b := range map[string][]byte{
		"empty": nil, "magic alone": good[:8], "another magic": append([]byte("BSKBAK01"), good[8:]...), "cut": good[:9],
	} {
		if _, err := DecodeCopy(b, "regtest", opened); !errors.Is(err, job.ErrBadCopy) {
			t.Errorf("%s: %v", what, err)
		}
	}
	planned := *j
	planned.Stages, planned.State = nil, job.Planned
	forged := *j
	forged.Request.Owner = []byte{0x76, 0xa9, 0x14, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 0x88, 0xac}
	for what, j := range map[string]*job.Job{"nothing signed": &planned, "another owner": &forged} {
		raw, err := json.Marshal(j)
		if err != nil {
			t.Fatal(err)
		}
		b, err := encodeCopy("regtest", journalName{}, raw, sealed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeCopy(b, "regtest", opened); !errors.Is(err, job.ErrBadCopy) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// FuzzDecodeCopy reads anything as a copy without a panic; what it accepts can be copied again.
func FuzzDecodeCopy(f *testing.F) {
	f.Add([]byte{0, 0, 0, 2, '{', '}'})
	f.Add([]byte("\x00\x00\x00\x60" + `{"schema":"blockstack/job-copy/v1","network":"regtest","journal":"","job":{"state":2,"stages":[]}}`))
	raw, err := json.Marshal(storedJob(f))
	if err != nil {
		f.Fatal(err)
	}
	good, err := encodeCopy("regtest", journalName{}, raw, func(b []byte) ([]byte, error) { return b, nil })
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good[len(copyMagic):])
	f.Fuzz(func(t *testing.T, plain []byte) {
		j, err := decodePlain(plain, "regtest")
		if err != nil {
			if !errors.Is(err, job.ErrBadCopy) && !errors.As(err, new(*OtherNetwork)) {
				t.Fatalf("%v", err)
			}
			return
		}
		again, err := json.Marshal(j)
		if err != nil {
			t.Fatal(err)
		}
		b, err := encodeCopy("regtest", journalName{}, again, sealed)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := DecodeCopy(b, "regtest", opened); err != nil || back.ID != j.ID {
			t.Fatalf("%v", err)
		}
		_ = j.OneCoin()
	})
}

// TestCopyMarks forgets what was copied under a name that the journal gave up.
func TestCopyMarks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j, err := Open(path, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	one, err := j.name(false)
	if err != nil || one == (journalName{}) {
		t.Fatalf("%x, %v", one, err)
	}
	if err := j.setMark("aa", copyMark{Job: []byte{1}, Files: [][]byte{{2}}}); err != nil {
		t.Fatal(err)
	}
	if same, err := j.name(false); err != nil || same != one {
		t.Errorf("%x, %v", same, err)
	}
	if m, err := j.mark("aa"); err != nil || len(m.Files) != 1 {
		t.Errorf("%+v, %v", m, err)
	}
	other, err := j.name(true)
	if err != nil || other == one {
		t.Errorf("%x, %v", other, err)
	}
	if m, err := j.mark("aa"); err != nil || len(m.Files) != 0 {
		t.Errorf("a mark of the old name: %+v, %v", m, err)
	}
}
