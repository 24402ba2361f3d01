package gaia

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

	"blockstack/storage"
	"blockstack/storage/gaia/gaiatest"
	"blockstack/storage/storagetest"
	"blockstack/storage/web"
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

// frugal holds the tokens of our client to what they need: an end soon, and no more than the path
// that is written.
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
	h, err := Open(context.Background(), g.URL, s, nil, func() time.Time { return g.Now })
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestSuite(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storagetest.Driver { return openGaia(t, newGaia(t), keyFor(3)) })
}

// write creates an object.
func write(h *Hub, name, data string) error {
	_, err := storage.Write(context.Background(), h, name, []byte(data), storage.Over(""))
	return err
}

// TestHubTrouble meets hubs that fail, refuse, and want other things signed.
func TestHubTrouble(t *testing.T) {
	ctx := context.Background()
	g := newGaia(t)
	h := openGaia(t, g, keyFor(3))
	for _, code := range []int{401, 409, 500, 503} {
		g.Do(func() { g.Fail = []int{code} })
		if err := write(h, fmt.Sprintf("f%d", code), "x"); err != nil {
			t.Errorf("status %d once: %v", code, err)
		}
		g.Do(func() { g.Fail = []int{code, code} })
		if err := write(h, fmt.Sprintf("g%d", code), "x"); !errors.Is(err, storage.ErrUnreachable) {
			t.Errorf("status %d twice: %v", code, err)
		}
	}
	g.Do(func() { g.Fail = []int{403} })
	if err := write(h, "h", "x"); !errors.Is(err, storage.ErrUnreachable) {
		t.Errorf("status 403: %v", err)
	}
	if err := write(h, "big", strings.Repeat("x", 1<<20+1)); !errors.Is(err, storage.ErrTooLarge) {
		t.Error("a file over the hub's limit was sent")
	}
	for _, challenge := range []string{"", "send all my coins", `["gaiahub","0","x"]`, `["other","0","x","blockstack_storage_please_sign"]`, `["gaiahub","0","x","sign_in"]`} {
		g.Do(func() { g.Challenge = challenge })
		if _, err := Open(ctx, g.URL, keyFor(3), nil, nil); !errors.Is(err, ErrBadHub) {
			t.Errorf("challenge %q: %v", challenge, err)
		}
	}
	if _, err := Open(ctx, "http://hub.example.org", keyFor(3), nil, nil); !errors.Is(err, storage.ErrBadName) {
		t.Errorf("plain http: %v", err)
	}
}

// TestVectorsStorageURLs compares read and store URLs; paths that cannot be written are refused,
// which the reference does not.
func TestVectorsStorageURLs(t *testing.T) {
	var file struct {
		Vectors []struct{ Path, URLPrefix, Address, ReadURL, StoreURL string }
	}
	t.Run("identity/storage-urls.json", func(t *testing.T) {
		if err := json.Unmarshal(testdata.Vectors(t, "identity/storage-urls.json"), &file); err != nil {
			t.Fatal(err)
		}
		for _, c := range file.Vectors {
			hub, err := web.ParseURL(strings.Split(c.StoreURL, "/store/")[0])
			if err != nil {
				t.Fatal(err)
			}
			h := &Hub{hub: hub, address: c.Address, info: hubInfo{ReadPrefix: c.URLPrefix}}
			if err := storage.CheckName(c.Path); err != nil {
				if c.Path == "profile.json" || c.Path == "a.txt" || c.Path == "dir/a.txt" {
					t.Errorf("path %q: %v", c.Path, err)
				}
				continue
			}
			if h.readURL(c.Path) != c.ReadURL || h.callURL("store", c.Path) != c.StoreURL {
				t.Errorf("path %q: %s and %s", c.Path, h.readURL(c.Path), h.callURL("store", c.Path))
			}
		}
		testdata.Cases(t, "identity/storage-urls.json", len(file.Vectors))
	})
}
