package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

const phrase = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"

const (
	zoneA = "0123456789abcdef0123456789abcdef01234567.txt"
	zoneB = "f123456789abcdef0123456789abcdef01234567.txt"
)

func text(s string) *secret.Bytes { return secret.New([]byte(s)) }

// newHome has a keychain, and stores of two networks.
func newHome(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	if err := keychain.Create(filepath.Join(home, Keychain), text(phrase), text("pw"), keychain.TestCost()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mainnet/labels.db", "sandbox/labels.db", "sandbox/journal.db", "sandbox/profiles.db", "sandbox/index.db"} {
		path := filepath.Join(home, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		db, err := bbolt.Open(path, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucket([]byte("b"))
			if err == nil {
				err = b.Put([]byte("name"), []byte(name))
			}
			return err
		})
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
	}
	zones := filepath.Join(home, "sandbox", zoneFolder)
	if err := os.MkdirAll(zones, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{zoneA: "$ORIGIN a.id", zoneB: "", "notes.txt": "no zone file"} {
		if err := os.WriteFile(filepath.Join(zones, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(home, Settings), []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{"cache", "old"} { // folders that are no network's
		if err := os.CopyFS(filepath.Join(home, other), os.DirFS(filepath.Join(home, "sandbox"))); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

func sealed(t *testing.T, home string) []byte {
	t.Helper()
	a, err := Collect(context.Background(), home, filepath.Join(home, Settings), []string{"mainnet", "sandbox"}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Seal(a, text("pw"), keychain.TestCost())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBackupAndRestore(t *testing.T) {
	home := newHome(t)
	b := sealed(t, home)
	for _, clear := range []string{"keychain", "mainnet", "labels", "argon2id"} {
		if bytes.Contains(b, []byte(clear)) {
			t.Errorf("the backup shows %q", clear)
		}
	}
	a, err := Open(b, text("pw"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"config.json", "keychain", "mainnet/labels.db", "sandbox/journal.db", "sandbox/labels.db", "sandbox/profiles.db", "sandbox/zonefiles.tar"}
	if n, err := a.ZoneFileCount(); n != 2 || err != nil {
		t.Errorf("%d zone files, %v", n, err)
	}
	if !slices.Equal(a.Names(), want) {
		t.Errorf("it holds %v", a.Names())
	}
	to := t.TempDir()
	for range 2 { // an interrupted restore is called again
		if kept, err := a.Restore(to, nil); err != nil || kept != nil {
			t.Fatal(kept, err)
		}
	}
	for name, want := range map[string]string{zoneA: "$ORIGIN a.id", zoneB: ""} {
		if got, err := os.ReadFile(filepath.Join(to, "sandbox", zoneFolder, name)); err != nil || string(got) != want {
			t.Errorf("zone file %s: %q %v", name, got, err)
		}
	}
	for _, name := range []string{Settings, "sandbox/zonefiles/notes.txt", "sandbox/index.db"} {
		if _, err := os.Lstat(filepath.Join(to, filepath.FromSlash(name))); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s was restored: %v", name, err)
		}
	}
	keys, err := keychain.Open(filepath.Join(to, Keychain))
	if err != nil {
		t.Fatal(err)
	}
	if err := keys.Unlock(context.Background(), text("pw")); err != nil {
		t.Error(err)
	}
	db, err := bbolt.Open(filepath.Join(to, "sandbox", Journal), 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.View(func(tx *bbolt.Tx) error {
		if got := tx.Bucket([]byte("b")).Get([]byte("name")); string(got) != "sandbox/journal.db" {
			t.Errorf("the journal holds %q", got)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"keychain", "sandbox/journal.db"} {
		info, err := os.Stat(filepath.Join(to, filepath.FromSlash(name)))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}

	// Another file in the place: nothing at all is written.
	busy := t.TempDir()
	if err := os.WriteFile(filepath.Join(busy, Keychain), []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Restore(busy, nil); !errors.Is(err, ErrExists) {
		t.Errorf("another keychain: %v", err)
	}
	if left, _ := os.ReadDir(busy); len(left) != 1 {
		t.Errorf("something was written: %v", left)
	}

	// Of a home that is the same wallet what is there is kept, and what is missing comes back.
	part := t.TempDir()
	if err := os.MkdirAll(filepath.Join(part, "sandbox"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(part, "sandbox", Labels), []byte("newer"), 0o600); err != nil {
		t.Fatal(err)
	}
	kept, err := a.Restore(part, func(name string) bool { return name == "sandbox/labels.db" })
	if err != nil || !slices.Equal(kept, []string{"sandbox/labels.db"}) {
		t.Errorf("kept %v: %v", kept, err)
	}
	for name, want := range map[string][]byte{"sandbox/labels.db": []byte("newer"), "sandbox/journal.db": a.Files["sandbox/journal.db"], Keychain: a.Files[Keychain]} {
		if got, err := os.ReadFile(filepath.Join(part, filepath.FromSlash(name))); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not as it should be: %v", name, err)
		}
	}
	if _, err := a.Restore(part, func(string) bool { return true }); !errors.Is(err, ErrExists) {
		t.Errorf("nothing was missing: %v", err)
	}
}

func TestBackupRefuses(t *testing.T) {
	b := sealed(t, newHome(t))
	if _, err := Open(b, text("wrong")); !errors.Is(err, ErrWrongPassword) {
		t.Errorf("wrong password: %v", err)
	}
	for i := range b { // every bit of the head, and some of the rest
		if i > headSize+20 && i%997 != 0 && i != len(b)-1 {
			continue
		}
		bad := bytes.Clone(b)
		bad[i] ^= 0x10
		want := []error{ErrDamaged}
		if i < headSize { // the key is derived with it
			want = []error{ErrMalformed, ErrWrongPassword}
		} else if i <= headSize+len(manifest) { // what is known of the text
			want = []error{ErrWrongPassword}
		}
		if _, err := Open(bad, text("pw")); !slices.ContainsFunc(want, func(e error) bool { return errors.Is(err, e) }) {
			t.Errorf("byte %d changed: %v, want %v", i, err, want)
		}
	}
	for _, n := range []int{0, 1, 8, headSize, headSize + 15, headSize + 16, headSize + 16 + 512, len(b) / 2, len(b) - 512, len(b) - 1} {
		for _, password := range []string{"pw", "wrong"} {
			want := ErrDamaged // also where a whole number of blocks is left, with the right password
			if password == "wrong" && n > headSize+16 && (n-headSize-16)%512 == 0 {
				want = ErrWrongPassword
			}
			if _, err := Open(b[:n], text(password)); !errors.Is(err, want) {
				t.Errorf("%d bytes, password %s: %v", n, password, err)
			}
		}
	}
	huge := bytes.Clone(b)
	huge[len(magic)+4] = 0xff // terabytes of memory
	if _, err := Open(huge, text("pw")); !errors.Is(err, ErrMalformed) {
		t.Errorf("huge memory: %v", err)
	}
	if _, err := Seal(&Archive{Files: map[string][]byte{Keychain: {}}}, text(""), keychain.TestCost()); !errors.Is(err, keychain.ErrEmptyPassword) {
		t.Errorf("empty password: %v", err)
	}
	for _, name := range []string{"../keychain", "/etc/passwd", "mainnet/../x.db", "mainnet/index.db", "a/b/labels.db"} {
		if _, err := Seal(&Archive{Files: map[string][]byte{Keychain: {}, name: {}}}, text("pw"), keychain.TestCost()); err == nil {
			t.Errorf("%s was packed", name)
		}
	}
}

// archive writes what somebody who knows the password could write.
func archive(t testing.TB, files map[string]string, order ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	if len(order) == 0 {
		order = slices.Sorted(maps.Keys(files))
	}
	for _, name := range order {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(files[name])), Mode: 0o600}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestHostileArchives(t *testing.T) {
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	doc := func(files string) string {
		return `{"schema":"blockstack/backup/v1","created":"2026-01-02T03:04:05Z","files":{` + files + `}}`
	}
	good := map[string]string{manifest: doc(`"keychain":"` + empty + `"`), Keychain: ""}
	if _, err := unpack(archive(t, good, manifest, Keychain)); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"no manifest":        archive(t, good, Keychain),
		"manifest last":      archive(t, good, Keychain, manifest),
		"twice":              archive(t, good, manifest, Keychain, Keychain),
		"missing":            archive(t, good, manifest),
		"climbs out":         archive(t, map[string]string{manifest: doc(`"../x":"` + empty + `","keychain":"` + empty + `"`), Keychain: "", "../x": ""}, manifest, Keychain, "../x"),
		"another hash":       archive(t, map[string]string{manifest: good[manifest], Keychain: "x"}, manifest, Keychain),
		"other schema":       archive(t, map[string]string{manifest: `{"schema":"x","files":{}}`, Keychain: ""}, manifest, Keychain),
		"older, with more":   archive(t, map[string]string{manifest: `{"schema":"blockstack/backup/v2","files":{},"x":1}`}, manifest),
		"unknown members":    archive(t, map[string]string{manifest: `{"schema":"blockstack/backup/v1","x":1}`}, manifest),
		"without a keychain": archive(t, map[string]string{manifest: doc("")}, manifest),
		"nothing":            {},
		"no tar":             bytes.Repeat([]byte{1}, 2048),
	} {
		if _, err := unpack(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNewerBackup: a backup of a newer version is said to be one, whatever else its manifest has.
func TestNewerBackup(t *testing.T) {
	b := archive(t, map[string]string{manifest: `{"schema":"blockstack/backup/v3","created":"2026-01-02T03:04:05Z","files":{},"more":[1]}`}, manifest)
	if _, err := unpack(b); !errors.Is(err, ErrNewer) {
		t.Error(err)
	}
	b = sealed(t, newHome(t))
	for begin, want := range map[string]error{"BSKBAK02": ErrNewer, "BSKBAK99": ErrNewer, "BSKBAK00": ErrMalformed, "BSKBAK0x": ErrMalformed, "BSKBAL02": ErrMalformed} {
		copy(b, begin)
		if _, err := Open(b, text("pw")); !errors.Is(err, want) { // its head and its length may be others
			t.Errorf("%s: %v", begin, err)
		}
		if err := Check(b[:20]); !errors.Is(err, want) {
			t.Errorf("%s, the first 20 bytes: %v", begin, err)
		}
	}
}

// FuzzZones: zone files are refused, or are the same again.
func FuzzZones(f *testing.F) {
	b, err := writeZones(map[string][]byte{zoneA: []byte("a"), zoneB: {}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		files, err := readZones(b)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Error(err)
			}
			return
		}
		again, err := writeZones(files)
		if err != nil {
			t.Fatal(err)
		}
		back, err := readZones(again)
		if err != nil || !maps.EqualFunc(files, back, bytes.Equal) {
			t.Errorf("not the same again: %v", err)
		}
	})
}

// FuzzUnpack: an archive is refused, or packs again to the same files.
func FuzzUnpack(f *testing.F) {
	a := &Archive{Created: time.Unix(1e9, 0), Files: map[string][]byte{Keychain: []byte("k"), "mainnet/labels.db": []byte("l")}}
	b, err := a.pack()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := unpack(b)
		if err != nil {
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrNewer) {
				t.Error(err)
			}
			return
		}
		p, err := a.pack()
		if err != nil {
			t.Fatal(err)
		}
		again, err := unpack(p)
		if err != nil || !maps.EqualFunc(a.Files, again.Files, bytes.Equal) {
			t.Errorf("not the same again: %v", err)
		}
	})
}

// TestBackupPasswordSpellings: a backup opens however a keyboard wrote its password.
func TestBackupPasswordSpellings(t *testing.T) {
	a := &Archive{Created: time.Unix(1e9, 0), Files: map[string][]byte{Keychain: []byte("k")}}
	spellings := []string{"p\u00e4ss", "pa\u0308ss", "\ufeffp\u00e4ss"}
	for _, made := range spellings {
		b, err := Seal(a, text(made), keychain.TestCost())
		if err != nil {
			t.Fatal(err)
		}
		for _, typed := range spellings {
			if _, err := Open(b, text(typed)); err != nil {
				t.Errorf("made with %+q, typed %+q: %v", made, typed, err)
			}
		}
		if _, err := Open(b, text("pass")); !errors.Is(err, ErrWrongPassword) {
			t.Errorf("another password: %v", err)
		}
	}
}
