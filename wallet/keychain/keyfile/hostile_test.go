package keyfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestHostileFiles(t *testing.T) {
	good, err := os.ReadFile(madeFile(t))
	if err != nil {
		t.Fatal(err)
	}
	set := func(path string, v any) []byte {
		var m map[string]any
		if err := json.Unmarshal(good, &m); err != nil {
			t.Fatal(err)
		}
		at, parts := m, strings.Split(path, ".")
		for _, p := range parts[:len(parts)-1] {
			if p == "unlockers" {
				at = at[p].([]any)[0].(map[string]any)
			} else {
				at = at[p].(map[string]any)
			}
		}
		at[parts[len(parts)-1]] = v
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var m map[string]any
	_ = json.Unmarshal(good, &m)
	one := m["unlockers"].([]any)[0]
	many := make([]any, MaxUnlockers+1)
	for i := range many {
		many[i] = one
	}
	for name, b := range map[string][]byte{
		"empty":             {},
		"not json":          []byte("keychain"),
		"array":             []byte("[]"),
		"trailing":          append(append([]byte{}, good...), '{', '}'),
		"unknown member":    set("extra", 1),
		"schema":            set("schema", "blockstack/keychain/v0"),
		"cipher":            set("cipher", "none"),
		"id":                set("id", "../../etc"),
		"no unlocker":       set("unlockers", []any{}),
		"twice":             set("unlockers", []any{one, one}),
		"many unlockers":    set("unlockers", many),
		"unlocker type":     set("unlockers.type", "keyring"),
		"kdf":               set("unlockers.kdf.name", "none"),
		"memory":            set("unlockers.kdf.memory_kib", uint32(1<<32-1)),
		"memory over bound": set("unlockers.kdf.memory_kib", maxMemoryKiB+1),
		"memory negative":   set("unlockers.kdf.memory_kib", -1),
		"memory float":      set("unlockers.kdf.memory_kib", 1.5),
		"memory zero":       set("unlockers.kdf.memory_kib", 0),
		"time":              set("unlockers.kdf.time", 1<<20),
		"time zero":         set("unlockers.kdf.time", 0),
		"threads zero":      set("unlockers.kdf.threads", 0),
		"threads":           set("unlockers.kdf.threads", 255),
		"salt short":        set("unlockers.kdf.salt", "AAAA"),
		"salt long":         set("unlockers.kdf.salt", strings.Repeat("A", 4096)),
		"salt text":         set("unlockers.kdf.salt", "!!"),
		"nonce":             set("nonce", "AAAA"),
		"unlocker nonce":    set("unlockers.nonce", ""),
		"wrapped":           set("unlockers.wrapped_key", "AAAA"),
		"sealed":            set("sealed", ""),
		"sealed long":       set("sealed", strings.Repeat("A", maxSealed*2)),
		"large":             append(append([]byte{}, good...), bytes.Repeat([]byte{' '}, maxFile)...),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "keychain")
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Read(path); !errors.Is(err, ErrMalformed) {
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none")); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	// Right form, changed content: the password opens nothing, or the seal breaks.
	for name, b := range map[string][]byte{
		"id changed":   set("id", strings.Repeat("ab", IDSize)),
		"seal changed": set("sealed", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
		"cost changed": set("unlockers.kdf.time", 2),
	} {
		path := filepath.Join(t.TempDir(), "keychain")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Read(path)
		if err != nil {
			t.Fatal(name, err)
		}
		opened, err := f.Unwrap(TypePassword, typed(madePassword))
		if err != nil {
			continue
		}
		if _, err := f.Secrets(opened.Key); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

// TestNewer tells a keychain of a newer version from a damaged one, whatever else has changed in
// it.
func TestNewer(t *testing.T) {
	for text, want := range map[string]error{
		`{"schema":"blockstack/keychain/v3"}`:                              ErrNewer,
		`{"schema":"blockstack/keychain/v12","lock":{"kind":"a new one"}}`: ErrNewer,
		`{"schema":"blockstack/keychain/v0"}`:                              ErrMalformed,
		`{"schema":"blockstack/keychain/v99999999999"}`:                    ErrMalformed,
		`{"schema":"blockstack/keychain/v-2"}`:                             ErrMalformed,
		`{"schema":"blockstack/keychainx/v2"}`:                             ErrMalformed,
		`{"schema":"blockstack/keychain/v1","lock":{"kind":"a new one"}}`:  ErrMalformed,
	} {
		path := filepath.Join(t.TempDir(), "keychain")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Read(path)
		if !errors.Is(err, want) || want == ErrNewer && errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestLinkStays changes the password of a keychain that is a link: the file behind it changes.
func TestLinkStays(t *testing.T) {
	dir := t.TempDir()
	there, link := filepath.Join(dir, "there"), filepath.Join(dir, "keychain")
	if err := os.Symlink(there, link); err != nil {
		t.Skip(err)
	}
	if err := Write(link, &File{ID: "one"}, true); err != nil {
		t.Fatal(err)
	}
	if err := Write(link, &File{ID: "two"}, false); !errors.Is(err, ErrExists) {
		t.Errorf("made over one that is there: %v", err)
	}
	if err := Write(link, &File{ID: "three"}, true); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(there); err != nil || !strings.Contains(string(b), "three") {
		t.Errorf("behind the link: %s %v", b, err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
}

// TestWorkIsBounded: what the unlockers of a file cost together is bounded before any memory is
// taken.
func TestWorkIsBounded(t *testing.T) {
	good, err := os.ReadFile(madeFile(t))
	if err != nil {
		t.Fatal(err)
	}
	with := func(n int, c Cost) []byte {
		f, err := Parse(good)
		if err != nil {
			t.Fatal(err)
		}
		one := f.Unlockers[0]
		f.Unlockers = nil
		for range n {
			one.ID = fmt.Sprintf("%x", random(unlockerID))
			one.KDF.Time, one.KDF.MemoryKiB, one.KDF.Threads = c.Time, c.MemoryKiB, c.Threads
			f.Unlockers = append(f.Unlockers, one)
		}
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if _, err := Parse(with(MaxUnlockers, DefaultCost())); err != nil {
		t.Errorf("as many passwords as there may be: %v", err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for name, b := range map[string][]byte{
		"one that runs for minutes": with(1, Cost{maxTime, maxMemoryKiB, 1}),
		"many that each are in":     with(MaxUnlockers, Cost{1, maxMemoryKiB, 1}),
		"a little more":             with(MaxUnlockers, Cost{3, 256<<10 + 1, 4}),
	} {
		if _, err := Parse(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (Cost{maxTime, maxMemoryKiB, 1}).Derive(typed("x"), make([]byte, minSalt)); !errors.Is(err, ErrMalformed) {
		t.Errorf("beside the keychain: %v", err)
	}
	runtime.ReadMemStats(&after)
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 8<<20 {
		t.Errorf("%d bytes were taken", taken)
	}
}

// Lists that nobody writes are refused.
func TestHostileLists(t *testing.T) {
	raw := listedFile(t)
	for name, change := range map[string]func(l *List){
		"gap 0":       func(l *List) { l.Homes["regtest"] = Home{} },
		"purpose":     func(l *List) { l.Homes["regtest"] = Home{Gap: 1, Accounts: map[uint32]string{1: "x"}} },
		"name":        func(l *List) { l.Homes["../x"] = Home{Gap: 1} },
		"MAC":         func(l *List) { l.MAC = nil },
		"sealed key":  func(l *List) { l.SealedKey = nil },
		"fingerprint": func(l *List) { l.Fingerprint = "xyz" },
		"set":         func(l *List) { l.Homes["regtest"] = Home{Gap: 1, Sets: []Blob{make([]byte, 521)}} },
	} {
		f, err := Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		change(f.Scripts)
		if err := f.Check(); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var p PubKeys
	for _, text := range []string{"AAAA", "!!!!", "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		if err := p.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}
