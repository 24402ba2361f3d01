package publish

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/address/v2/base58"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
	"golang.org/x/net/webdav"

	"blockstack/testdata"
)

// gaia is a hub with the rules of identity 8: tokens, scopes, conditions, sizes.
type gaia struct {
	mu        sync.Mutex
	files     map[string][]byte
	url       string
	challenge string
	now       time.Time
	maxMB     int
	fail      []int // statuses to answer the next writes with
	writes    int
}

func newGaia(t *testing.T) *gaia {
	g := &gaia{files: map[string][]byte{}, now: start, maxMB: 1}
	srv := httptest.NewServer(g)
	t.Cleanup(srv.Close)
	g.url = srv.URL
	g.challenge = `["gaiahub","0","gaia-test","blockstack_storage_please_sign"]`
	return g
}

func etag(data []byte) string { return fmt.Sprintf(`"%x"`, md5.Sum(data)) }

func (g *gaia) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	say := func(code int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(v)
	}
	no := func(code int, message string) { say(code, map[string]string{"message": message}) }
	switch {
	case r.URL.Path == "/hub_info":
		say(200, map[string]any{"challenge_text": g.challenge, "latest_auth_version": "v1", "max_file_upload_size_megabytes": g.maxMB, "read_url_prefix": g.url + "/hub/"})
	case strings.HasPrefix(r.URL.Path, "/hub/"):
		data, ok := g.files[strings.TrimPrefix(r.URL.Path, "/hub/")]
		if !ok {
			no(404, "not there")
			return
		}
		w.Header().Set("ETag", etag(data))
		_, _ = w.Write(data)
	case strings.HasPrefix(r.URL.Path, "/store/"):
		bucket, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/store/"), "/")
		if len(g.fail) > 0 {
			code := g.fail[0]
			g.fail = g.fail[1:]
			no(code, "told to fail")
			return
		}
		if err := g.authorise(r.Header.Get("Authorization"), bucket, path); err != nil {
			no(401, err.Error())
			return
		}
		g.store(r, bucket+"/"+path, say, no)
	default:
		no(404, "no such call")
	}
}

func (g *gaia) store(r *http.Request, key string, say func(int, any), no func(int, string)) {
	ifMatch, ifNone := r.Header.Get("If-Match"), r.Header.Get("If-None-Match")
	old, exists := g.files[key]
	switch {
	case r.ContentLength > int64(g.maxMB)<<20:
		no(413, "Max file upload size")
		return
	case ifMatch != "" && ifNone != "":
		no(412, "both headers")
		return
	case ifNone != "" && ifNone != "*":
		no(412, "misuse")
		return
	case ifNone == "*" && exists:
		no(412, "already exists")
		return
	case ifMatch != "" && (!exists || ifMatch != "*" && ifMatch != etag(old)):
		no(412, "does not match")
		return
	}
	data, err := io.ReadAll(r.Body)
	if err != nil {
		no(500, err.Error())
		return
	}
	g.files[key] = data
	g.writes++
	say(202, map[string]string{"publicURL": g.url + "/hub/" + key, "etag": etag(data)})
}

// authorise checks a token as hubs do.
func (g *gaia) authorise(header, bucket, path string) error {
	token, ok := strings.CutPrefix(header, "bearer v1:")
	parts := strings.Split(token, ".")
	if !ok || len(parts) != 3 {
		return errors.New("no token")
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return err
	}
	var p hubToken
	if err := json.Unmarshal(raw, &p); err != nil {
		return err
	}
	key, err := hex.DecodeString(p.Issuer)
	if err != nil {
		return err
	}
	pub, err := btcec.ParsePubKey(key)
	if err != nil {
		return err
	}
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(sig) != 64 {
		return errors.New("bad signature")
	}
	var rr, ss btcec.ModNScalar
	rr.SetByteSlice(sig[:32])
	ss.SetByteSlice(sig[32:])
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	switch {
	case !ecdsa.NewSignature(&rr, &ss).Verify(digest[:], pub):
		return errors.New("signature does not verify")
	case base58.CheckEncode(address.Hash160(key), 0) != bucket:
		return errors.New("address of the token is not the bucket")
	case p.HubURL != g.url:
		return errors.New("token is for another hub")
	case p.Challenge != g.challenge:
		return errors.New("wrong challenge")
	case p.Expires < g.now.Unix() || p.IssuedAt > g.now.Unix():
		return errors.New("not valid now")
	case len(p.Scopes) != 1 || p.Scopes[0] != hubScope{"putFile", path}:
		return errors.New("not authorized by scopes")
	}
	return nil
}

func (g *gaia) open(t *testing.T, s signer) *Hub {
	t.Helper()
	h, err := OpenHub(context.Background(), g.url, s, nil, func() time.Time { return g.now })
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
	if _, err := Publish(ctx, p, "profile.json", sign(t, s, "Alice", start), verifierFor(t, s)); err != nil {
		t.Errorf("publish: %v", err)
	}
	if _, err := Publish(ctx, p, "profile.json", sign(t, s, "Older", start.Add(-time.Hour)), verifierFor(t, s)); !errors.Is(err, ErrNewer) {
		t.Errorf("publish an older one: %v", err)
	}
}

func TestHub(t *testing.T) { testPlace(t, newGaia(t).open(t, keyFor(3))) }

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
	h := g.open(t, keyFor(3))
	for _, code := range []int{401, 409, 500, 503} {
		g.fail = []int{code}
		if err := h.Write(ctx, fmt.Sprintf("f%d", code), []byte("x"), Condition{}); err != nil {
			t.Errorf("status %d once: %v", code, err)
		}
		g.fail = []int{code, code}
		if err := h.Write(ctx, fmt.Sprintf("g%d", code), []byte("x"), Condition{}); !errors.Is(err, ErrUnreachable) {
			t.Errorf("status %d twice: %v", code, err)
		}
	}
	g.fail = []int{403}
	if err := h.Write(ctx, "h", []byte("x"), Condition{}); !errors.Is(err, ErrUnreachable) {
		t.Errorf("status 403: %v", err)
	}
	if err := h.Write(ctx, "big", make([]byte, 1<<20+1), Condition{}); err == nil {
		t.Error("a file over the hub's limit was sent")
	}
	for _, challenge := range []string{"", "send all my coins", `["gaiahub","0","x"]`, `["other","0","x","blockstack_storage_please_sign"]`, `["gaiahub","0","x","sign_in"]`} {
		g.challenge = challenge
		if _, err := OpenHub(ctx, g.url, keyFor(3), nil, nil); !errors.Is(err, ErrBadHub) {
			t.Errorf("challenge %q: %v", challenge, err)
		}
	}
	if _, err := OpenHub(ctx, "http://hub.example.org", keyFor(3), nil, nil); !errors.Is(err, ErrBadPath) {
		t.Errorf("plain http: %v", err)
	}
}

// TestVectorsHubBehaviour holds the hub of these tests to what a real one did, so that passing here means something.
func TestVectorsHubBehaviour(t *testing.T) {
	var file struct {
		Vectors []struct {
			Group, What string
			Step        int
			Result      struct{ OK bool }
		}
	}
	t.Run("identity/gaia-hub-behaviour.json", func(t *testing.T) {
		if err := json.Unmarshal(testdata.Vectors(t, "identity/gaia-hub-behaviour.json"), &file); err != nil {
			t.Fatal(err)
		}
		g := newGaia(t)
		h := g.open(t, keyFor(3))
		last := ""
		write := func(path string, header map[string]string, size int) bool {
			token, err := h.token(context.Background(), path)
			if err != nil {
				t.Fatal(err)
			}
			req, err := http.NewRequest(http.MethodPost, h.StoreURL(path), bytes.NewReader(bytes.Repeat([]byte{byte('a' + g.writes)}, size)))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "bearer v1:"+token)
			for k, v := range header {
				req.Header.Set(k, v)
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var answer struct{ Etag string }
			if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode == http.StatusAccepted {
				last = answer.Etag
			}
			return resp.StatusCode == http.StatusAccepted
		}
		steps := map[string]func() bool{
			"create with If-None-Match: *":       func() bool { return write("a.txt", map[string]string{"If-None-Match": "*"}, 9) },
			"create again with If-None-Match: *": func() bool { return write("a.txt", map[string]string{"If-None-Match": "*"}, 9) },
			"overwrite with wrong If-Match":      func() bool { return write("a.txt", map[string]string{"If-Match": `"wrong"`}, 9) },
			"overwrite with right If-Match":      func() bool { return write("a.txt", map[string]string{"If-Match": last}, 9) },
			"overwrite without any condition":    func() bool { return write("a.txt", nil, 9) },
			"If-Match: *":                        func() bool { return write("a.txt", map[string]string{"If-Match": "*"}, 9) },
			"If-Match on a missing file":         func() bool { return write("b.txt", map[string]string{"If-Match": last}, 9) },
			"both headers":                       func() bool { return write("a.txt", map[string]string{"If-Match": last, "If-None-Match": "*"}, 9) },
			"If-None-Match other than *":         func() bool { return write("a.txt", map[string]string{"If-None-Match": last}, 9) },
			"body over the limit":                func() bool { return write("a.txt", nil, 2<<20) },
		}
		n := 0
		for _, v := range file.Vectors {
			step, known := steps[v.What]
			if v.Group != "etag" || !known {
				continue // white lists, revocation and foreign scopes are the hub's own business
			}
			n++
			if got := step(); got != v.Result.OK {
				t.Errorf("%s: %v, want %v", v.What, got, v.Result.OK)
			}
		}
		testdata.Cases(t, "identity/gaia-hub-behaviour.json", n)
	})
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
