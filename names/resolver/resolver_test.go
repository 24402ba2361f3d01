package resolver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"blockstack/names"
	"blockstack/names/zonefile"
	disk "blockstack/storage/local"
)

// records is an index that knows a few names.
type records map[string]names.Record

func (r records) Record(_ context.Context, n names.Name) (names.Record, error) {
	rec, found := r[n.String()]
	if !found {
		return names.Record{Name: n, Status: names.Available, Height: 500}, nil
	}
	rec.Name, rec.Height = n, 500
	return rec, nil
}

func name(t testing.TB, s string) names.Name {
	t.Helper()
	n, err := names.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func zoneFileFor(t testing.TB, n, url string) ([]byte, names.ZoneFileHash) {
	t.Helper()
	text, err := zonefile.Make(name(t, n), url)
	if err != nil {
		t.Fatal(err)
	}
	return text, names.HashZoneFile(text)
}

func registered(h names.ZoneFileHash) names.Record {
	return names.Record{Status: names.Registered, ZoneFile: h, HasZoneFile: true}
}

func sourcesOf(t testing.TB, cache string, places ...string) *Sources {
	t.Helper()
	s := &Sources{}
	if cache != "" {
		s.Cache = &Cache{In: disk.Cache(cache)}
	}
	for _, place := range places {
		from, err := OpenSource(place, &Fetcher{})
		if err != nil {
			t.Fatal(err)
		}
		s.From = append(s.From, from)
	}
	return s
}

func TestResolve(t *testing.T) {
	ctx := context.Background()
	text, h := zoneFileFor(t, "alice.id", "https://example.com/alice/profile.json")
	dir := t.TempDir()
	file, err := PublishZoneFile(ctx, disk.Public(dir), text)
	if err != nil {
		t.Fatal(err)
	}
	if want := h.String() + ".txt"; file != want {
		t.Errorf("published to %s, want %s", file, want)
	}
	r := &Resolver{Records: records{"alice.id": registered(h), "bare.id": {Status: names.Registered}}, ZoneFiles: sourcesOf(t, "", dir)}
	res, err := r.Resolve(ctx, name(t, "alice.id"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(res.Text, text) || res.Source != dir || res.Height != 500 || res.Problem != nil ||
		len(res.URLs) != 1 || res.URLs[0] != "https://example.com/alice/profile.json" {
		t.Errorf("%+v", res)
	}
	if res, err = r.Resolve(ctx, name(t, "bare.id")); err != nil || res.Text != nil || res.URLs != nil {
		t.Errorf("name without zone file: %+v, %v", res, err)
	}
	if _, err := r.Resolve(ctx, name(t, "nobody.id")); !errors.Is(err, names.ErrNotFound) {
		t.Errorf("free name: %v", err)
	}
}

func TestResolveBrokenZoneFiles(t *testing.T) {
	ctx := context.Background()
	foreign, _ := zoneFileFor(t, "mallory.id", "https://example.com/")
	for what, c := range map[string]struct {
		text string
		want error
	}{
		"of another name": {string(foreign), zonefile.ErrOrigin},
		"legacy":          {`{"bio":"before 2016"}`, zonefile.ErrJSON},
		"no URL":          {"$ORIGIN alice.id\n$TTL 3600\n", zonefile.ErrNoURL},
		"binary":          {"\x00\x01", zonefile.ErrNotZoneFile},
		"file target":     {"$ORIGIN alice.id\n$TTL 3600\n_file URI 10 1 \"file:///etc/passwd\"\n", zonefile.ErrNoURL},
	} {
		dir := t.TempDir()
		if _, err := PublishZoneFile(t.Context(), disk.Public(dir), []byte(c.text)); err != nil {
			t.Fatal(err)
		}
		r := &Resolver{Records: records{"alice.id": registered(names.HashZoneFile([]byte(c.text)))}, ZoneFiles: sourcesOf(t, "", dir)}
		res, err := r.Resolve(ctx, name(t, "alice.id"))
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if !errors.Is(res.Problem, c.want) || len(res.URLs) != 0 || string(res.Text) != c.text {
			t.Errorf("%s: %+v", what, res)
		}
	}
}

func TestDataKeys(t *testing.T) {
	const key = "pubkey:data:022c35fa5664f357898cdc4502a68e3a825a88e1a4ba0435fc761affdb5318b1eb"
	text := "$ORIGIN alice.id\n$TTL 3600\npubkey TXT \"" + key + "\"\nother TXT \"" + key + "\"\npubkey TXT \"something else\"\n"
	zf, err := zonefile.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if have := DataKeys(zf); len(have) != 1 || have[0] != key {
		t.Errorf("have %q", have)
	}
}

func TestSourcesOrderAndCache(t *testing.T) {
	ctx := context.Background()
	text, h := zoneFileFor(t, "alice.id", "https://example.com/")
	var asked atomic.Int32
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Path != "/zones/"+h.String()+".txt" {
			http.NotFound(w, r)
			return
		}
		w.Write(text)
	})
	empty, cache := t.TempDir(), filepath.Join(t.TempDir(), "cache")
	s := sourcesOf(t, cache, empty, server.URL+"/zones/")
	got, source, err := s.ZoneFile(ctx, h)
	if err != nil || !bytes.Equal(got, text) || source != server.URL+"/zones/" {
		t.Fatalf("%q from %s, %v", got, source, err)
	}
	if got, source, err = s.ZoneFile(ctx, h); err != nil || !bytes.Equal(got, text) || source != "cache" || asked.Load() != 1 {
		t.Fatalf("second time: %q from %s, %v, server asked %d times", got, source, err, asked.Load())
	}
	// A cache that rotted is not believed, and is mended.
	file := filepath.Join(cache, h.String()+".txt")
	if err := os.WriteFile(file, []byte("rotten"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, source, err = s.ZoneFile(ctx, h); err != nil || !bytes.Equal(got, text) || source == "cache" {
		t.Fatalf("rotten cache: %q from %s, %v", got, source, err)
	}
	if on, _ := os.ReadFile(file); !bytes.Equal(on, text) {
		t.Error("the cache was not mended")
	}
}

func TestSourcesThatLieOrFail(t *testing.T) {
	ctx := context.Background()
	text, h := zoneFileFor(t, "alice.id", "https://example.com/")
	forged, _ := zoneFileFor(t, "alice.id", "https://evil.example.com/")
	liar := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(forged) })
	broken := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	huge := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, zonefile.MaxSize+1)) })
	missing := serve(t, func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) })
	dead := serve(t, func(http.ResponseWriter, *http.Request) {})
	dead.Close()
	honest := t.TempDir()
	if _, err := PublishZoneFile(t.Context(), disk.Public(honest), text); err != nil {
		t.Fatal(err)
	}
	lyingDir, hugeDir, weirdDir := t.TempDir(), t.TempDir(), t.TempDir()
	file := h.String() + ".txt"
	if err := os.WriteFile(filepath.Join(lyingDir, file), forged, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(hugeDir, file), make([]byte, zonefile.MaxSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(weirdDir, file), 0o700); err != nil {
		t.Fatal(err)
	}
	noDir := filepath.Join(t.TempDir(), "unmounted")

	cases := []struct {
		place string
		want  error
	}{
		{liar.URL, ErrMismatch}, {broken.URL, ErrUnreachable}, {huge.URL, ErrTooLarge}, {missing.URL, ErrMissing}, {dead.URL, ErrUnreachable},
		{lyingDir, ErrMismatch}, {hugeDir, ErrTooLarge}, {weirdDir, ErrUnreachable}, {noDir, ErrUnreachable}, {t.TempDir(), ErrMissing},
	}
	var places []string
	for _, c := range cases {
		places = append(places, c.place)
		cache := t.TempDir()
		_, _, err := sourcesOf(t, cache, c.place).ZoneFile(ctx, h)
		var none *NoZoneFileError
		if !errors.As(err, &none) || !errors.Is(err, ErrNoZoneFile) || len(none.Tried) != 1 || !errors.Is(none.Tried[0].Err, c.want) {
			t.Errorf("%s: error %v, want %v", c.place, err, c.want)
		}
		// "Nobody has it" and "somebody did not answer" are different answers.
		if known := !errors.Is(err, ErrUnreachable); known != (c.want == ErrMissing) {
			t.Errorf("%s: error %v: known to be missing: %v", c.place, err, known)
		}
		if left, _ := os.ReadDir(cache); len(left) != 0 {
			t.Errorf("%s: something came into the cache", c.place)
		}
	}
	// After all of them an honest one is still found.
	got, source, err := sourcesOf(t, "", append(places, honest)...).ZoneFile(ctx, h)
	if err != nil || !bytes.Equal(got, text) || source != honest {
		t.Errorf("%q from %s, %v", got, source, err)
	}
	// Nothing to ask.
	if _, _, err := (&Sources{}).ZoneFile(ctx, h); !errors.Is(err, ErrNoZoneFile) || errors.Is(err, ErrUnreachable) {
		t.Errorf("no source: %v", err)
	}
	_, _, err = sourcesOf(t, "", places...).ZoneFile(ctx, h)
	for _, place := range places {
		if !strings.Contains(err.Error(), place) {
			t.Errorf("error does not list %s: %v", place, err)
		}
	}
}

func TestSourcesCacheThatCannotBeWritten(t *testing.T) {
	text, h := zoneFileFor(t, "alice.id", "https://example.com/")
	dir := t.TempDir()
	if _, err := PublishZoneFile(t.Context(), disk.Public(dir), text); err != nil {
		t.Fatal(err)
	}
	notDir := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(notDir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := sourcesOf(t, notDir, dir)
	var warned error
	s.Warn = func(err error) { warned = err }
	got, _, err := s.ZoneFile(context.Background(), h)
	if err != nil || !bytes.Equal(got, text) {
		t.Fatalf("%q, %v", got, err)
	}
	if warned == nil {
		t.Error("nobody was told")
	}
}

func TestSourcesCancelled(t *testing.T) {
	_, h := zoneFileFor(t, "alice.id", "https://example.com/")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _, err := sourcesOf(t, "", t.TempDir()).ZoneFile(ctx, h)
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrNoZoneFile) {
		t.Errorf("error %v", err)
	}
}

func TestOpenSourceRefuses(t *testing.T) {
	for _, place := range []string{"", "file:///tmp", "ftp://example.com/", "https://user:pw@example.com/", "https://", "https://example.com/?x=1", "https://example.com/#x"} {
		if s, err := OpenSource(place, &Fetcher{}); err == nil {
			t.Errorf("%q: opened as %s", place, s)
		} else if strings.Contains(err.Error(), "pw") {
			t.Errorf("%q: the error shows the password: %v", place, err)
		}
	}
}

func TestPublishZoneFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	text, h := zoneFileFor(t, "alice.id", "https://example.com/")
	for range 2 { // again is harmless
		if _, err := PublishZoneFile(t.Context(), disk.Public(dir), text); err != nil {
			t.Fatal(err)
		}
	}
	// A damaged file is put right.
	path := filepath.Join(dir, h.String()+".txt")
	if err := os.WriteFile(path, text[:10], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := PublishZoneFile(t.Context(), disk.Public(dir), text); err != nil {
		t.Fatal(err)
	}
	if on, _ := os.ReadFile(path); !bytes.Equal(on, text) {
		t.Error("the damaged file stayed")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	if _, err := PublishZoneFile(t.Context(), disk.Public(dir), make([]byte, zonefile.MaxSize+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
}

// What sources answer, in any bytes: accepted only when the hash is right.
func FuzzSources(f *testing.F) {
	f.Add([]byte("$ORIGIN alice.id\n"), []byte("$ORIGIN alice.id\n"))
	f.Add([]byte("a"), []byte("b"))
	f.Fuzz(func(t *testing.T, wanted, answered []byte) {
		h := names.HashZoneFile(wanted)
		s := &Sources{From: []Source{fixed(answered)}}
		got, _, err := s.ZoneFile(context.Background(), h)
		right := bytes.Equal(wanted, answered) && len(answered) <= zonefile.MaxSize
		if right != (err == nil) {
			t.Fatalf("right %v, error %v", right, err)
		}
		if err == nil && names.HashZoneFile(got) != h {
			t.Fatal("accepted bytes do not hash to the record")
		}
	})
}

type fixed []byte

func (f fixed) Get(context.Context, names.ZoneFileHash) ([]byte, error) { return f, nil }
func (f fixed) String() string                                          { return fmt.Sprintf("%d bytes", len(f)) }
