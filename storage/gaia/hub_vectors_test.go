package gaia

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"blockstack/profile"
	"blockstack/storage"
	"blockstack/storage/gaia/gaiatest"
	"blockstack/testdata"
)

// hubCase is a step that a real hub was asked to do.
type hubCase struct {
	Group, What     string
	Step            int
	Scopes          []gaiatest.Scope
	Operation, Path string
	Result          struct{ OK bool }
	DriverOps       []string
	Oldest          int64 `json:"oldestValidTimestamp"`
	OK              bool
	PassedOn        *int64
	StoredAs        *int32
}

// rawClient speaks to a hub with tokens of every kind, as foreign clients do.
type rawClient struct {
	hub  *gaiatest.Hub
	key  signer
	last string // the entity tag that the hub gave last
}

// token signs a token with the claims of a client, changed by change.
func (c *rawClient) token(t *testing.T, change func(*gaiatest.Token)) string {
	t.Helper()
	iat, exp := float64(c.hub.Now.Unix()), float64(c.hub.Now.Add(time.Hour).Unix())
	p := gaiatest.Token{Challenge: c.hub.Challenge, HubURL: c.hub.URL, Issuer: hexKey(c.key), Salt: strings.Repeat("0", 32), IssuedAt: &iat, Expires: &exp}
	if change != nil {
		change(&p)
	}
	return signToken(t, p, c.key)
}

func signToken(t *testing.T, p gaiatest.Token, s signer) string {
	t.Helper()
	payload, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	token, err := profile.SignPayload(context.Background(), payload, s)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// do sends a call and reports whether the hub did it.
func (c *rawClient) do(t *testing.T, method, call, path, token string, body []byte, header map[string]string) bool {
	t.Helper()
	at := c.hub.URL + "/" + call + "/" + gaiatest.Address(c.key.PublicKey())
	if path != "" {
		at += "/" + path
	}
	req, err := http.NewRequest(method, at, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "bearer v1:"+token)
	req.Header.Set("X-Test", "raw")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusAccepted {
		return false
	}
	var answer struct{ Etag string }
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &answer); err != nil {
			t.Fatal(err)
		}
	}
	if answer.Etag != "" {
		c.last = answer.Etag
	}
	return true
}

// TestVectorsHubBehaviour holds the hub of these tests to what a real one did, so that passing here
// means something; and our client to the same conditions.
func TestVectorsHubBehaviour(t *testing.T) {
	var file struct {
		Clock   time.Time
		Vectors []hubCase
	}
	t.Run("identity/gaia-hub-behaviour.json", func(t *testing.T) {
		if err := json.Unmarshal(testdata.Vectors(t, "identity/gaia-hub-behaviour.json"), &file); err != nil {
			t.Fatal(err)
		}
		g := newGaia(t)
		g.Now = file.Clock
		etags := &rawClient{hub: g, key: keyFor(3)}
		for i, c := range file.Vectors {
			t.Run(fmt.Sprintf("%d %s %s", i, c.Group, c.What), func(t *testing.T) {
				switch c.Group {
				case "etag":
					etags.runETag(t, c)
				case "scopes":
					(&rawClient{hub: g, key: keyFor(4)}).runScopes(t, c)
				case "whitelist":
					runWhiteList(t, c, file.Clock)
				case "revocation":
					(&rawClient{hub: g, key: keyFor(byte(10 + i%100))}).runRevocation(t, c)
				default:
					t.Errorf("unknown group %q", c.Group)
				}
			})
		}
		testdata.Cases(t, "identity/gaia-hub-behaviour.json", len(file.Vectors))
	})
}

// runETag makes one step of the sequence of conditional writes; also with our own client where it
// can ask the same.
func (c *rawClient) runETag(t *testing.T, v hubCase) {
	ours := openGaia(t, c.hub, c.key)
	have, err := storage.Read(context.Background(), ours, "a/b.txt", 4<<20)
	exists := err == nil
	const path = "a/b.txt"
	type step struct {
		path   string
		header map[string]string
		size   int
		ours   *storage.Condition // the same question of our client; nil: it never asks this
	}
	steps := map[string]step{
		"create with If-None-Match: *":       {path, map[string]string{"If-None-Match": "*"}, 9, nil},
		"create again with If-None-Match: *": {path, map[string]string{"If-None-Match": "*"}, 9, over("")},
		"overwrite with wrong If-Match":      {path, map[string]string{"If-Match": `"wrong"`}, 9, over(`"wrong"`)},
		"overwrite with right If-Match":      {path, map[string]string{"If-Match": c.last}, 9, nil},
		"overwrite without any condition":    {path, nil, 9, nil},
		"If-Match: *":                        {path, map[string]string{"If-Match": "*"}, 9, nil},
		"If-Match on a missing file":         {"a/missing.txt", map[string]string{"If-Match": c.last}, 9, over(storage.Version(c.last))},
		"both headers":                       {path, map[string]string{"If-Match": c.last, "If-None-Match": "*"}, 9, nil},
		"If-None-Match other than *":         {path, map[string]string{"If-None-Match": c.last}, 9, nil},
		"body over the limit":                {path, nil, 2 << 20, over(have.Version)},
	}
	s, known := steps[v.What]
	if !known {
		t.Fatalf("no such step is known: %q", v.What)
	}
	body := bytes.Repeat([]byte{byte('a' + v.Step%26)}, s.size)
	if s.ours != nil {
		_, err := storage.Write(context.Background(), ours, s.path, body, *s.ours)
		if (err == nil) != v.Result.OK {
			t.Errorf("our client: %v; want ok %v", err, v.Result.OK)
		}
	}
	if got := c.do(t, http.MethodPost, "store", s.path, c.token(t, nil), body, s.header); got != v.Result.OK {
		t.Errorf("%v, want %v", got, v.Result.OK)
	}
	now, err := storage.Read(context.Background(), ours, path, 4<<20)
	switch {
	case v.Result.OK && (err != nil || !bytes.Equal(now.Data, body) || now.Version != storage.Version(c.last)):
		t.Errorf("not stored: %v", err)
	case !v.Result.OK && exists && !bytes.Equal(now.Data, have.Data):
		t.Error("a refused write changed the file")
	}
}

// runScopes tries what a token of some scopes lets its holder do to a file that is there.
func (c *rawClient) runScopes(t *testing.T, v hubCase) {
	if !c.do(t, http.MethodPost, "store", v.Path, c.token(t, nil), []byte("before"), nil) {
		t.Fatal("cannot prepare")
	}
	c.hub.Ops()
	token := c.token(t, func(p *gaiatest.Token) { p.Scopes = v.Scopes })
	var got bool
	switch v.Operation {
	case "store":
		got = c.do(t, http.MethodPost, "store", v.Path, token, []byte("after"), nil)
	case "delete":
		got = c.do(t, http.MethodDelete, "delete", v.Path, token, nil, nil)
	default:
		t.Fatalf("unknown operation %q", v.Operation)
	}
	if got != v.Result.OK {
		t.Errorf("%s of %s with %v: %v, want %v", v.Operation, v.Path, v.Scopes, got, v.Result.OK)
	}
	if ops := c.hub.Ops(); !slices.Equal(ops, v.DriverOps) {
		t.Errorf("driver did %v, want %v", ops, v.DriverOps)
	}
}

// runWhiteList writes to the bucket of an app on a hub that knows only the owner.
func runWhiteList(t *testing.T, v hubCase, clock time.Time) {
	owner, app := keyFor(5), keyFor(6)
	g := gaiatest.New()
	g.Now, g.WhiteList = clock, []string{gaiatest.Address(owner.PublicKey())}
	srv := httptest.NewServer(g)
	defer srv.Close()
	g.URL = srv.URL
	c := &rawClient{hub: g, key: app}
	associate := func(by signer, child signer, ends time.Duration) func(*gaiatest.Token) {
		return func(p *gaiatest.Token) {
			exp := float64(clock.Add(ends).Unix())
			p.Association = signToken(t, gaiatest.Token{Child: hexKey(child), Issuer: hexKey(by), Expires: &exp, Salt: strings.Repeat("0", 32)}, by)
		}
	}
	changes := map[string]func(*gaiatest.Token){
		"no association":                       nil,
		"association by the whitelisted owner": associate(owner, app, time.Hour),
	}
	change, known := changes[v.What]
	if !known {
		t.Fatalf("no such case is known: %q", v.What)
	}
	if got := c.do(t, http.MethodPost, "store", "a", c.token(t, change), []byte("x"), nil); got != v.Result.OK {
		t.Errorf("%v, want %v", got, v.Result.OK)
	}
	for what, change := range map[string]func(*gaiatest.Token){
		"by somebody else": associate(app, app, time.Hour), "of another bucket": associate(owner, keyFor(7), time.Hour), "past its end": associate(owner, app, -time.Hour),
	} {
		if c.do(t, http.MethodPost, "store", "a", c.token(t, change), []byte("x"), nil) {
			t.Errorf("an association %s is taken", what)
		}
	}
	// The owner's own bucket, which is where profiles are published, needs none.
	h := openGaia(t, g, owner)
	if err := write(h, "profile.json", "[]"); err != nil {
		t.Errorf("the owner: %v", err)
	}
}

// runRevocation revokes what was signed before a time, and tries tokens around that.
func (c *rawClient) runRevocation(t *testing.T, v hubCase) {
	body := fmt.Appendf(nil, `{"oldestValidTimestamp":%d}`, v.Oldest)
	if got := c.do(t, http.MethodPost, "revoke-all", "", c.token(t, nil), body, nil); got != v.OK {
		t.Fatalf("%v, want %v", got, v.OK)
	}
	if !v.OK || v.StoredAs == nil {
		return
	}
	address := gaiatest.Address(c.key.PublicKey())
	if got := c.hub.Oldest(address); got != *v.StoredAs {
		t.Fatalf("stored as %d, want %d", got, *v.StoredAs)
	}
	if v.PassedOn != nil && int32(*v.PassedOn) != *v.StoredAs {
		t.Errorf("%d is not %d cut to 32 bits", *v.StoredAs, *v.PassedOn)
	}
	at := float64(*v.StoredAs)
	for _, try := range []struct {
		iat  *float64
		want bool
	}{{nil, false}, {ptr(at - 1), false}, {ptr(at), true}, {ptr(at + 1), true}} {
		token := c.token(t, func(p *gaiatest.Token) { p.IssuedAt = try.iat })
		if got := c.do(t, http.MethodPost, "store", "a", token, []byte("x"), nil); got != try.want {
			t.Errorf("a token issued at %s: %v, want %v", text(try.iat), got, try.want)
		}
	}
	// Our client always says when it signed, so a revocation up to now does not lock it out.
	err := write(openGaia(t, c.hub, c.key), "profile.json", "[]")
	if locked := at > float64(c.hub.Now.Unix()); (err != nil) != locked {
		t.Errorf("our client: %v, locked out %v", err, locked)
	}
}

// over is the condition of a writer that has seen a version.
func over(v storage.Version) *storage.Condition {
	c := storage.Over(v)
	return &c
}

func ptr(f float64) *float64 { return &f }

func text(f *float64) string {
	if f == nil {
		return "no time"
	}
	return fmt.Sprint(*f)
}

// TestHubKey checks that what hubs call a bucket is what we call one.
func TestHubKey(t *testing.T) {
	s := keyFor(3)
	if h := openGaia(t, newGaia(t), s); h.address != gaiatest.Address(s.PublicKey()) || hexKey(s) != hex.EncodeToString(s.PublicKey().SerializeCompressed()) {
		t.Errorf("%s", h.address)
	}
}
