package lastdays

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// journal is one that is at some age.
type journal struct {
	made   [16]byte
	writes uint64
}

func (j *journal) Age() ([16]byte, uint64, error) { return j.made, j.writes, nil }

// doubtOf opens the record and gives the doubt at a height; empty: none.
func doubtOf(t *testing.T, dir string, j *journal, tip int32) (Why, int32) {
	t.Helper()
	r, err := Open(dir, j)
	if err != nil {
		t.Fatal(err)
	}
	d, err := r.Doubt(t.Context(), tip)
	if err != nil {
		t.Fatal(err)
	}
	if d == nil {
		return "", 0
	}
	return d.Why, d.Since
}

// send notes that something is sent with a journal.
func send(t *testing.T, dir string, j *journal) {
	t.Helper()
	r, err := Open(dir, j)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Note(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestDoubt takes homes through what can be lost.
func TestDoubt(t *testing.T) {
	a, b := [16]byte{1}, [16]byte{2}
	for _, c := range []struct {
		name string
		home func(t *testing.T, dir string) *journal // what is there in the end
		why  Why
	}{
		{"made here, nothing sent", func(t *testing.T, dir string) *journal {
			return begun(t, dir, "", &journal{})
		}, ""},
		{"made here, sent", func(t *testing.T, dir string) *journal {
			j := begun(t, dir, "", &journal{a, 3})
			send(t, dir, j)
			j.writes++ // of a state that nothing was sent with
			return j
		}, ""},
		{"typed in", func(t *testing.T, dir string) *journal { return begun(t, dir, Words, &journal{}) }, Words},
		{"watching", func(t *testing.T, dir string) *journal { return begun(t, dir, WatchOnly, &journal{}) }, WatchOnly},
		{"from a backup", func(t *testing.T, dir string) *journal { return begun(t, dir, Backup, &journal{a, 7}) }, Backup},
		{"the journal is gone", func(t *testing.T, dir string) *journal {
			send(t, dir, begun(t, dir, "", &journal{a, 3}))
			return &journal{}
		}, JournalLost},
		{"another journal lies there", func(t *testing.T, dir string) *journal {
			send(t, dir, begun(t, dir, "", &journal{a, 3}))
			return &journal{b, 30}
		}, JournalLost},
		{"one write older", func(t *testing.T, dir string) *journal {
			send(t, dir, begun(t, dir, "", &journal{a, 3}))
			return &journal{a, 2}
		}, JournalOlder},
		{"one write older, noticed before the next", func(t *testing.T, dir string) *journal {
			send(t, dir, begun(t, dir, "", &journal{a, 3}))
			if _, err := Open(dir, &journal{a, 2}); err != nil {
				t.Fatal(err)
			}
			return &journal{a, 9}
		}, JournalOlder},
		{"the journal is gone before anything was sent", func(t *testing.T, dir string) *journal {
			if _, err := Open(dir, begun(t, dir, "", &journal{a, 1})); err != nil {
				t.Fatal(err)
			}
			return &journal{}
		}, ""},
		{"the record is gone", func(*testing.T, string) *journal { return &journal{a, 3} }, RecordLost},
		{"the record is damaged", func(t *testing.T, dir string) *journal {
			j := begun(t, dir, "", &journal{a, 3})
			if err := os.WriteFile(filepath.Join(dir, File), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			return j
		}, RecordLost},
		{"of an earlier version", func(*testing.T, string) *journal { return &journal{} }, ""},
		{"of an earlier version, then used", func(t *testing.T, dir string) *journal {
			if _, err := Open(dir, &journal{}); err != nil {
				t.Fatal(err)
			}
			send(t, dir, &journal{a, 1})
			return &journal{a, 1}
		}, ""},
		{"read from a copy", func(t *testing.T, dir string) *journal {
			r, err := Open(dir, begun(t, dir, Words, &journal{}))
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Settle(); err != nil {
				t.Fatal(err)
			}
			return &journal{a, 4}
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			j := c.home(t, dir)
			if why, since := doubtOf(t, dir, j, 120); why != c.why || why != "" && since != 120 {
				t.Errorf("%s since %d, want %s", why, since, c.why)
			}
			// Looking again, later, changes nothing, and sending neither.
			send(t, dir, j)
			if why, since := doubtOf(t, dir, j, 130); why != c.why || why != "" && since != 120 {
				t.Errorf("later: %s since %d, want %s", why, since, c.why)
			}
		})
	}
}

// begun is a home that was made.
func begun(t *testing.T, dir string, why Why, j *journal) *journal {
	t.Helper()
	if err := Begin(dir, why); err != nil {
		t.Fatal(err)
	}
	return j
}

// TestOrigin tells a network that is new from one whose folder is gone.
func TestOrigin(t *testing.T) {
	home := t.TempDir()
	if err := MadeSeed(home, "mainnet"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		network string
		why     Why
	}{{"testnet", ""}, {"testnet", JournalLost}, {"mainnet", JournalLost}} {
		if why, err := AddNetwork(home, want.network); err != nil || why != want.why {
			t.Errorf("%s: %q, %v, want %q", want.network, why, err, want.why)
		}
	}
	typed := t.TempDir()
	if err := TypedSeed(typed, "mainnet"); err != nil {
		t.Fatal(err)
	}
	earlier, damaged := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(damaged, OriginFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]Why{typed: Words, damaged: RecordLost, earlier: ""} {
		if why, err := AddNetwork(dir, "signet"); err != nil || why != want {
			t.Errorf("%q, %v, want %q", why, err, want)
		}
	}
}

// FuzzParse reads records that nobody wrote.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"schema":"blockstack/last-days/v1"}`))
	f.Add([]byte(`{"schema":"blockstack/last-days/v1","journal":"00112233445566778899aabbccddeeff","writes":7,"doubt":{"why":"words","since":9,"at":"2026-01-01T00:00:00Z"}}`))
	f.Add([]byte(`{"schema":"blockstack/seed-origin/v1","made_here":true,"networks":["mainnet"]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := parse(raw)
		if err != nil && !errors.Is(err, ErrBad) {
			t.Errorf("record: %v", err)
		}
		if err == nil {
			path := filepath.Join(t.TempDir(), File)
			if err := write(path, r); err != nil {
				t.Fatal(err)
			}
			if _, err := read(path); err != nil {
				t.Errorf("written and not read: %v", err)
			}
		}
		if _, err := parseOrigin(raw); err != nil && !errors.Is(err, ErrBad) {
			t.Errorf("origin: %v", err)
		}
	})
}

// What was forgotten stays forgotten when the doubt ends; a journal that was lost takes no other
// knowledge with it.
func TestRestored(t *testing.T) {
	for why, want := range map[Why]bool{"": false, Words: true, Backup: true, WatchOnly: true} {
		dir := t.TempDir()
		j := begun(t, dir, why, &journal{made: [16]byte{1}, writes: 7})
		r, err := Open(dir, j)
		if err == nil {
			err = r.Settle()
		}
		if err == nil {
			err = r.Note(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		at, is, err := Restored(dir)
		if err != nil || is != want || at.IsZero() == want {
			t.Errorf("%q: %v %v %v", why, at, is, err)
		}
	}
	dir := t.TempDir()
	send(t, dir, begun(t, dir, "", &journal{made: [16]byte{1}, writes: 7}))
	restored := func() bool {
		t.Helper()
		_, is, err := Restored(dir)
		if err != nil {
			t.Fatal(err)
		}
		return is
	}
	if _, err := Open(dir, &journal{made: [16]byte{2}, writes: 9}); err != nil || restored() {
		t.Errorf("the journal alone was lost: %v", err)
	}
	if err := BringBack(dir); err != nil || !restored() {
		t.Errorf("brought back: %v", err)
	}
	if d, err := Look(dir); err != nil || d == nil || d.Why != JournalLost {
		t.Errorf("the doubt is lost: %v %v", d, err)
	}
	if err := os.WriteFile(filepath.Join(dir, File), []byte("{"), 0o600); err != nil || !restored() {
		t.Errorf("damaged: %v", err)
	}
	if err := BringBack(dir); err != nil || !restored() {
		t.Errorf("damaged and brought back: %v", err)
	}
}

// TestBothLost loses journal and record together: the home knows that it was made for the network,
// and doubts.
func TestBothLost(t *testing.T) {
	home := t.TempDir()
	dir := filepath.Join(home, "mainnet")
	if err := MadeSeed(home, "mainnet"); err != nil {
		t.Fatal(err)
	}
	send(t, dir, begun(t, dir, "", &journal{[16]byte{1}, 3}))
	if err := os.Remove(filepath.Join(dir, File)); err != nil {
		t.Fatal(err)
	}
	if why, since := doubtOf(t, dir, &journal{}, 120); why != RecordLost || since != 120 {
		t.Errorf("%q since %d", why, since)
	}
	if why, _ := doubtOf(t, folderOf(t, home, "signet"), &journal{}, 120); why != "" {
		t.Errorf("a network that is new: %q", why)
	}
}

// folderOf is the folder of a network of a home, without a record.
func folderOf(t *testing.T, home, network string) string {
	t.Helper()
	dir := filepath.Join(home, network)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}
