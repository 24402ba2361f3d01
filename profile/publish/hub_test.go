package publish

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/webdav"

	"blockstack/profile/publish/gaiatest"
	"blockstack/testdata"
)

// newGaia serves a hub; the clients in these tests share its clock.
func newGaia(t *testing.T) *gaiatest.Hub {
	t.Helper()
	g := gaiatest.New()
	g.Now = start
	srv := httptest.NewServer(frugal(t, g))
	t.Cleanup(srv.Close)
	g.URL = srv.URL
	return g
}

// frugal holds the tokens of our client to what they need: an end soon, and no more than the path that is written.
func frugal(t *testing.T, g *gaiatest.Hub) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := strings.Split(r.Header.Get("Authorization"), ".")
		if path, writes := strings.CutPrefix(r.URL.Path, "/store/"); writes && len(parts) == 3 && r.Header.Get("X-Test") == "" {
			var p hubToken
			raw, err := base64.RawURLEncoding.DecodeString(parts[1])
			if err == nil {
				err = json.Unmarshal(raw, &p)
			}
			_, path, _ = strings.Cut(path, "/")
			if err != nil || len(p.Scopes) != 1 || p.Scopes[0] != (hubScope{"putFile", path}) || p.IssuedAt != g.Now.Unix() || p.Expires-p.IssuedAt > 3*3600 {
				t.Errorf("token for %s: %+v, %v", path, p, err)
			}
		}
		g.ServeHTTP(w, r)
	})
}

func openGaia(t *testing.T, g *gaiatest.Hub, s signer) *Hub {
	t.Helper()
	h, err := OpenHub(context.Background(), g.URL, s, nil, func() time.Time { return g.Now })
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// testPlace holds a place to what Place promises.
func testPlace(t *testing.T, p Place) {
	t.Helper()
	ctx := context.Background()
	if _, err := p.Read(ctx, "dir/a.json"); !errors.Is(err, ErrNotFound) {
		t.Fatalf("read of nothing: %v", err)
	}
	if err := p.Write(ctx, "dir/a.json", []byte("[1]"), Condition{Version: `"x"`}); !errors.Is(err, ErrConflict) {
		t.Errorf("replace what is not there: %v", err)
	}
	if err := p.Write(ctx, "dir/a.json", []byte("[1]"), Condition{}); err != nil {
		t.Fatal(err)
	}
	if err := p.Write(ctx, "dir/a.json", []byte("[2]"), Condition{}); !errors.Is(err, ErrConflict) {
		t.Errorf("create again: %v", err)
	}
	first, err := p.Read(ctx, "dir/a.json")
	if err != nil || string(first.Data) != "[1]" {
		t.Fatalf("%q, %v", first.Data, err)
	}
	if err := p.Write(ctx, "dir/a.json", []byte("[2]"), Condition{Version: first.Version}); err != nil {
		t.Fatal(err)
	}
	if err := p.Write(ctx, "dir/a.json", []byte("[333]"), Condition{Version: first.Version}); !errors.Is(err, ErrConflict) {
		t.Errorf("replace what has changed: %v", err)
	}
	if f, err := p.Read(ctx, "dir/a.json"); err != nil || string(f.Data) != "[2]" {
		t.Errorf("%q, %v", f.Data, err)
	}
	for _, bad := range []string{"", "..", "a/../b", "/a", "a//b", ".hidden", "a b"} {
		if err := p.Write(ctx, bad, []byte("x"), Condition{}); !errors.Is(err, ErrBadPath) {
			t.Errorf("path %q: %v", bad, err)
		}
	}
	s := keyFor(3)
	if _, err := Publish(ctx, p, "profile.json", sign(t, s, "Alice", start), verifierFor(t, s), fromAny); err != nil {
		t.Errorf("publish: %v", err)
	}
	if _, err := Publish(ctx, p, "profile.json", sign(t, s, "Older", start.Add(-time.Hour)), verifierFor(t, s), fromAny); !errors.Is(err, ErrNewer) {
		t.Errorf("publish an older one: %v", err)
	}
}

func TestHub(t *testing.T) { testPlace(t, openGaia(t, newGaia(t), keyFor(3))) }

// TestWebDAV publishes to the WebDAV server of the Go project, which knows nothing of us.
func TestWebDAV(t *testing.T) {
	srv := httptest.NewServer(&webdav.Handler{FileSystem: webdav.Dir(t.TempDir()), LockSystem: webdav.NewMemLS()})
	defer srv.Close()
	w, err := OpenWeb(srv.URL+"/", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	testPlace(t, w)
}

// TestHubTrouble meets hubs that fail, refuse, and want other things signed.
func TestHubTrouble(t *testing.T) {
	ctx := context.Background()
	g := newGaia(t)
	h := openGaia(t, g, keyFor(3))
	for _, code := range []int{401, 409, 500, 503} {
		g.Do(func() { g.Fail = []int{code} })
		if err := h.Write(ctx, fmt.Sprintf("f%d", code), []byte("x"), Condition{}); err != nil {
			t.Errorf("status %d once: %v", code, err)
		}
		g.Do(func() { g.Fail = []int{code, code} })
		if err := h.Write(ctx, fmt.Sprintf("g%d", code), []byte("x"), Condition{}); !errors.Is(err, ErrUnreachable) {
			t.Errorf("status %d twice: %v", code, err)
		}
	}
	g.Do(func() { g.Fail = []int{403} })
	if err := h.Write(ctx, "h", []byte("x"), Condition{}); !errors.Is(err, ErrUnreachable) {
		t.Errorf("status 403: %v", err)
	}
	if err := h.Write(ctx, "big", make([]byte, 1<<20+1), Condition{}); err == nil {
		t.Error("a file over the hub's limit was sent")
	}
	for _, challenge := range []string{"", "send all my coins", `["gaiahub","0","x"]`, `["other","0","x","blockstack_storage_please_sign"]`, `["gaiahub","0","x","sign_in"]`} {
		g.Do(func() { g.Challenge = challenge })
		if _, err := OpenHub(ctx, g.URL, keyFor(3), nil, nil); !errors.Is(err, ErrBadHub) {
			t.Errorf("challenge %q: %v", challenge, err)
		}
	}
	if _, err := OpenHub(ctx, "http://hub.example.org", keyFor(3), nil, nil); !errors.Is(err, ErrBadPath) {
		t.Errorf("plain http: %v", err)
	}
}

// TestVectorsStorageURLs compares read and store URLs; paths that cannot be written are refused, which the reference does not.
func TestVectorsStorageURLs(t *testing.T) {
	var file struct {
		Vectors []struct{ Path, URLPrefix, Address, ReadURL, StoreURL string }
	}
	t.Run("identity/storage-urls.json", func(t *testing.T) {
		if err := json.Unmarshal(testdata.Vectors(t, "identity/storage-urls.json"), &file); err != nil {
			t.Fatal(err)
		}
		for _, c := range file.Vectors {
			hub, err := placeURL(strings.Split(c.StoreURL, "/store/")[0])
			if err != nil {
				t.Fatal(err)
			}
			h := &Hub{hub: hub, address: c.Address, info: hubInfo{ReadPrefix: c.URLPrefix}}
			if err := checkPath(c.Path); err != nil {
				if c.Path == "profile.json" || c.Path == "a.txt" || c.Path == "dir/a.txt" {
					t.Errorf("path %q: %v", c.Path, err)
				}
				continue
			}
			if h.ReadURL(c.Path) != c.ReadURL || h.StoreURL(c.Path) != c.StoreURL {
				t.Errorf("path %q: %s and %s", c.Path, h.ReadURL(c.Path), h.StoreURL(c.Path))
			}
		}
		testdata.Cases(t, "identity/storage-urls.json", len(file.Vectors))
	})
}
