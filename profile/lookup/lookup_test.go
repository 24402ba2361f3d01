package lookup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"

	"blockstack/names"
	"blockstack/names/resolver"
	"blockstack/names/zonefile"
	"blockstack/profile"
	"blockstack/profile/seen"
	"blockstack/storage/local"
)

// key signs tokens with a key that only tests have.
type key struct{ *btcec.PrivateKey }

func keyOf(seed byte) key {
	k, _ := btcec.PrivKeyFromBytes(bytes.Repeat([]byte{seed}, 32))
	return key{k}
}

func (k key) PublicKey() *btcec.PublicKey { return k.PubKey() }

func (k key) SignToken(_ context.Context, header, payload []byte) (*ecdsa.Signature, error) {
	hash := sha256.Sum256([]byte(base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)))
	return ecdsa.Sign(k.PrivateKey, hash[:]), nil
}

func (k key) hex() string { return hex.EncodeToString(k.PubKey().SerializeCompressed()) }

// script is the P2PKH script of the key.
func (k key) script() []byte {
	return names.PubKeyHashScript([20]byte(address.Hash160(k.PubKey().SerializeCompressed())))
}

// world is a chain of names, the places of zone files and profiles, and a home that looks up; every
// part may be made to fail.
type world struct {
	mu      sync.Mutex
	records map[names.Name]names.Record
	exact   *int32
	texts   map[names.ZoneFileHash][]byte
	lost    error // why zone files cannot be read; nil: they can
	pages   map[string][]byte
	failing map[string]error
	now     time.Time
	asked   int // pages
}

func (w *world) Record(_ context.Context, n names.Name) (names.Record, error) {
	rec, ok := w.records[n]
	if !ok {
		return names.Record{Name: n, Status: names.Available, Height: 700}, nil
	}
	return rec, nil
}

func (w *world) ExactUntil(context.Context) (*int32, error) { return w.exact, nil }

func (w *world) ZoneFile(_ context.Context, h names.ZoneFileHash) ([]byte, string, error) {
	if w.lost != nil {
		return nil, "", w.lost
	}
	text, ok := w.texts[h]
	if !ok {
		return nil, "", &resolver.NoZoneFileError{Hash: h, Tried: []resolver.Attempt{{Source: "folder", Err: resolver.ErrMissing}}}
	}
	return text, "folder", nil
}

func (w *world) Fetch(_ context.Context, url string) (*resolver.Page, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	if err := w.failing[url]; err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	body, ok := w.pages[url]
	if !ok {
		return nil, fmt.Errorf("%s: %w", url, resolver.ErrMissing)
	}
	return &resolver.Page{URL: url, Body: body, Insecure: strings.HasPrefix(url, "http:")}, nil
}

func (w *world) clock() time.Time { return w.now }

const place = "https://alice.example/profile.json"

// newWorld has alice.id, whose profile is at place, and nothing there yet.
func newWorld(t *testing.T) (*world, *Lookup, names.Name) {
	t.Helper()
	w := &world{records: map[names.Name]names.Record{}, texts: map[names.ZoneFileHash][]byte{}, pages: map[string][]byte{},
		failing: map[string]error{}, now: time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)}
	dir := t.TempDir()
	l := &Lookup{Names: w, ZoneFiles: w, Pages: w, Memory: &seen.File{Path: filepath.Join(dir, "profiles.db")},
		Copies: &seen.Cache{In: local.Cache(filepath.Join(dir, "copies"))}, Clock: w.clock}
	n := parse(t, "alice.id")
	w.register(t, n, place)
	return w, l, n
}

func parse(t *testing.T, text string) names.Name {
	t.Helper()
	n, err := names.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// register gives a name to the key 1, with a zone file for the URLs; without any it has none.
func (w *world) register(t *testing.T, n names.Name, urls ...string) {
	t.Helper()
	rec := names.Record{Name: n, Status: names.Registered, Owner: keyOf(1).script(), OwnerAddress: "owner of " + n.String(), Height: 700}
	if len(urls) > 0 {
		text, err := zonefile.Make(n, urls...)
		if err != nil {
			t.Fatal(err)
		}
		rec.HasZoneFile, rec.ZoneFile = true, names.HashZoneFile(text)
		w.texts[rec.ZoneFile] = text
	}
	w.records[n] = rec
}

// token signs a profile with some fields.
func (w *world) token(t *testing.T, k key, at time.Time, fields ...string) []byte {
	t.Helper()
	p := profile.New(profile.Person)
	for _, f := range fields {
		field, value, _ := strings.Cut(f, "=")
		if err := p.Set(field, value); err != nil {
			t.Fatal(err)
		}
	}
	token, err := profile.SignIssue(context.Background(), p, k, profile.Issue{IssuedAt: at})
	if err != nil {
		t.Fatal(err)
	}
	return token.File()
}

func find(t *testing.T, l *Lookup, n names.Name, o Options) *Answer {
	t.Helper()
	a, err := l.Find(context.Background(), n, o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestOutcomes(t *testing.T) {
	down := fmt.Errorf("dial: %w", resolver.ErrUnreachable)
	for _, c := range []struct {
		name string
		set  func(w *world, n names.Name)
		want Outcome
		is   error // what Trusted wraps; nil: it is trusted
	}{
		{"verified", func(w *world, n names.Name) { w.pages[place] = w.token(t, keyOf(1), w.now.Add(-time.Hour)) }, Verified, nil},
		{"signed by another", func(w *world, n names.Name) { w.pages[place] = w.token(t, keyOf(2), w.now) }, Invalid, errAny},
		{"no token at all", func(w *world, n names.Name) { w.pages[place] = []byte("<html>") }, Invalid, profile.ErrMalformed},
		{"past its end", func(w *world, n names.Name) { w.pages[place] = w.token(t, keyOf(1), w.now.AddDate(-2, 0, 0)) }, Invalid, errAny},
		{"not there", func(w *world, n names.Name) {}, Missing, resolver.ErrMissing},
		{"server down", func(w *world, n names.Name) { w.failing[place] = down }, Unreachable, resolver.ErrUnreachable},
		{"offline", func(w *world, n names.Name) {
			w.failing[place] = fmt.Errorf("%w: %w", resolver.ErrUnreachable, resolver.ErrOffline)
		}, Offline, resolver.ErrOffline},
		{"too large", func(w *world, n names.Name) { w.failing[place] = resolver.ErrTooLarge }, Refused, resolver.ErrTooLarge},
		{"into the own network", func(w *world, n names.Name) { w.failing[place] = &resolver.RefusedError{URL: place, Reason: "private"} }, Refused,
			resolver.ErrRefused},
		{"no zone file named", func(w *world, n names.Name) { w.register(t, n) }, NoProfile, ErrNone},
		{"zone file nowhere", func(w *world, n names.Name) { clear(w.texts) }, Missing, resolver.ErrNoZoneFile},
		{"zone file not reachable", func(w *world, n names.Name) {
			w.lost = &resolver.NoZoneFileError{Tried: []resolver.Attempt{{Source: "web", Err: down}}}
		}, Unreachable, resolver.ErrUnreachable},
		{"no source of zone files", func(w *world, n names.Name) { w.lost = &resolver.NoZoneFileError{} }, Unreachable, resolver.ErrNoZoneFile},
		{"zone file of another name", func(w *world, n names.Name) {
			text, err := zonefile.Make(parse(t, "bob.id"), place)
			if err != nil {
				t.Fatal(err)
			}
			rec := w.records[n]
			rec.ZoneFile = names.HashZoneFile(text)
			w.records[n], w.texts[rec.ZoneFile] = rec, text
		}, BadZoneFile, zonefile.ErrOrigin},
	} {
		w, l, n := newWorld(t)
		c.set(w, n)
		a := find(t, l, n, Options{})
		if a.Outcome != c.want {
			t.Errorf("%s: %s (%v), want %s", c.name, a.Outcome, a.Why, c.want)
		}
		err := a.Trusted()
		switch {
		case c.is == nil && err != nil, c.is != nil && err == nil, c.is != nil && c.is != errAny && !errors.Is(err, c.is):
			t.Errorf("%s: trusted %v, want %v", c.name, err, c.is)
		}
		if (a.Report != nil) != (c.want == Verified || c.want == Invalid) {
			t.Errorf("%s: report %+v", c.name, a.Report)
		}
		if a.Height != 700 || a.ExactUntil != nil {
			t.Errorf("%s: height %d, exact until %v", c.name, a.Height, a.ExactUntil)
		}
	}
}

// errAny stands for any error.
var errAny = errors.New("any")

func TestFreeName(t *testing.T) {
	_, l, _ := newWorld(t)
	if a, err := l.Find(context.Background(), parse(t, "free.id"), Options{}); !errors.Is(err, names.ErrNotFound) || a != nil {
		t.Errorf("%+v, %v", a, err)
	}
}

// TestBytesOfAnotherHash: what a source of zone files gives is believed only by its hash.
func TestBytesOfAnotherHash(t *testing.T) {
	w, l, n := newWorld(t)
	w.texts[w.records[n].ZoneFile] = []byte("$ORIGIN alice.id\n")
	if _, err := l.Find(context.Background(), n, Options{}); !errors.Is(err, resolver.ErrMismatch) {
		t.Errorf("%v", err)
	}
}

func TestExactUntil(t *testing.T) {
	w, l, n := newWorld(t)
	for _, c := range []struct {
		exact int32
		want  bool
	}{{699, true}, {700, false}, {701, false}} { // 701: the index went on between the two questions
		w.exact = &c.exact
		if a := find(t, l, n, Options{}); (a.ExactUntil != nil) != c.want || c.want && *a.ExactUntil != c.exact {
			t.Errorf("%d: exact until %v", c.exact, a.ExactUntil)
		}
	}
}

// TestRollback: storage that puts back an old profile is noticed, also by another process with the
// same memory, and the old one never takes the place of the newer one in memory or among the
// copies.
func TestRollback(t *testing.T) {
	w, l, n := newWorld(t)
	old, newer := w.token(t, keyOf(1), w.now.Add(-2*time.Hour), "name=Old"), w.token(t, keyOf(1), w.now.Add(-time.Hour), "name=New")
	w.pages[place] = newer
	if a := find(t, l, n, Options{}); a.Outcome != Verified || a.Cached || !a.ReadAt.Equal(w.now) {
		t.Fatalf("%+v", a)
	}
	w.pages[place] = old
	for range 2 {
		a := find(t, l, n, Options{})
		if a.Outcome != RolledBack || !a.Report.Valid || !errors.Is(a.Trusted(), ErrRolledBack) {
			t.Fatalf("%s, %v", a.Outcome, a.Trusted())
		}
		if want := "alice.id is older than one seen before"; !strings.Contains(a.Trusted().Error(), want) {
			t.Errorf("%v", a.Trusted())
		}
	}
	w.failing[place] = resolver.ErrUnreachable
	if a := find(t, l, n, Options{Copies: true}); !a.Cached || !bytes.Equal(a.Raw, newer) {
		t.Errorf("the copy is %s", a.Raw)
	}
	if _, err := l.Payee(context.Background(), n); !errors.Is(err, resolver.ErrUnreachable) {
		t.Errorf("paid by a copy: %v", err)
	}
}

// TestInvalidIsNotRemembered: what is not the owner's changes neither memory nor copies, however
// late it says it was made.
func TestInvalidIsNotRemembered(t *testing.T) {
	w, l, n := newWorld(t)
	mine := w.token(t, keyOf(1), w.now.Add(-time.Hour))
	w.pages[place] = w.token(t, keyOf(2), w.now)
	find(t, l, n, Options{})
	w.pages[place] = mine
	if a := find(t, l, n, Options{}); a.Outcome != Verified {
		t.Errorf("%s", a.Outcome)
	}
	w.pages[place] = w.token(t, keyOf(2), w.now)
	find(t, l, n, Options{})
	w.failing[place] = resolver.ErrUnreachable
	if a := find(t, l, n, Options{Copies: true}); !bytes.Equal(a.Raw, mine) {
		t.Errorf("the copy is %s", a.Raw)
	}
}

func TestCopies(t *testing.T) {
	w, l, n := newWorld(t)
	w.pages[place] = w.token(t, keyOf(1), w.now.Add(-time.Hour))
	find(t, l, n, Options{})
	read := w.now
	w.now = w.now.Add(24 * time.Hour)

	w.failing[place] = resolver.ErrUnreachable
	if a := find(t, l, n, Options{}); a.Outcome != Unreachable || a.Cached || a.Report != nil {
		t.Errorf("without copies: %+v", a)
	}
	a := find(t, l, n, Options{Copies: true})
	if a.Outcome != Verified || !a.Cached || !a.ReadAt.Equal(read) || a.URL != place || a.Trusted() == nil {
		t.Errorf("the copy: %+v", a)
	}
	w.now = w.now.AddDate(2, 0, 0) // judged by the clock of now, not of then
	if a := find(t, l, n, Options{Copies: true}); a.Outcome != Invalid || a.Report.Reason != profile.Expired {
		t.Errorf("a copy past its end: %s, %s", a.Outcome, a.Report.Reason)
	}
	w.failing[place] = nil
	delete(w.pages, place)
	if a := find(t, l, n, Options{Copies: true}); a.Outcome != Missing || a.Cached {
		t.Errorf("the place says that it has none: %+v", a)
	}
	w.failing[place] = resolver.ErrUnreachable
	w.register(t, n, place, "https://other.example/p.json") // another owner's copy is judged like anything else
	rec := w.records[n]
	rec.Owner = keyOf(3).script()
	w.records[n] = rec
	if a := find(t, l, n, Options{Copies: true}); a.Outcome != Invalid || a.Report.Reason != profile.WrongSigner {
		t.Errorf("a copy for another owner: %s", a.Outcome)
	}
}

// TestCopiesThatCannotBeKept are told, and no reason to refuse the answer; a memory that cannot be
// kept is.
func TestCopiesThatCannotBeKept(t *testing.T) {
	w, l, n := newWorld(t)
	w.pages[place] = w.token(t, keyOf(1), w.now)
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l.Copies = &seen.Cache{In: local.Cache(filepath.Join(blocked, "copies"))}
	if a := find(t, l, n, Options{}); a.Outcome != Verified || a.Unkept == nil {
		t.Errorf("%s, %v", a.Outcome, a.Unkept)
	}
	l.Memory = &seen.File{Path: filepath.Join(blocked, "profiles.db")}
	if _, err := l.Find(context.Background(), n, Options{}); err == nil {
		t.Error("nothing was remembered, and that is no error")
	}
}

func TestInsecure(t *testing.T) {
	w, l, n := newWorld(t)
	w.register(t, n, "http://alice.example/p.json", place)
	w.pages[place] = w.token(t, keyOf(1), w.now)
	if a := find(t, l, n, Options{}); a.Insecure {
		t.Error("nothing came over http")
	}
	w.pages["http://alice.example/p.json"] = []byte("junk")
	if a := find(t, l, n, Options{}); !a.Insecure || a.URL != place || a.Outcome != Verified {
		t.Errorf("%+v", a)
	}
}

func TestJudgedAtAnotherTime(t *testing.T) {
	w, l, n := newWorld(t)
	w.pages[place] = w.token(t, keyOf(1), w.now)
	if a := find(t, l, n, Options{At: w.now.AddDate(3, 0, 0)}); a.Report.Reason != profile.Expired {
		t.Errorf("%s", a.Report.Reason)
	}
	if a := find(t, l, n, Options{At: w.now.AddDate(-1, 0, 0)}); a.Report.Reason != profile.NotYetValid {
		t.Errorf("%s", a.Report.Reason)
	}
}

func TestResolveRecord(t *testing.T) {
	w, l, n := newWorld(t)
	then := w.records[n]
	then.Height = 600
	w.register(t, n)
	a, err := l.ResolveRecord(context.Background(), then)
	if err != nil || a.Outcome != Resolved || a.Height != 600 || len(a.URLs) != 1 {
		t.Errorf("%+v, %v", a, err)
	}
	if w.asked != 0 {
		t.Error("a page was read")
	}
}

// TestManyAtOnce: one Lookup answers many requests at a time.
func TestManyAtOnce(t *testing.T) {
	w, l, n := newWorld(t)
	w.pages[place] = w.token(t, keyOf(1), w.now)
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if a, err := l.Find(context.Background(), n, Options{Copies: true}); err != nil || a.Outcome != Verified {
				t.Errorf("%v", err)
			}
		})
	}
	group.Wait()
}

func TestEnds(t *testing.T) {
	_, l, n := newWorld(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := l.Find(ctx, n, Options{Copies: true}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
