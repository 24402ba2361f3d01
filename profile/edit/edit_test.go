package edit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"

	"blockstack/names"
	"blockstack/names/resolver"
	"blockstack/names/zonefile"
	"blockstack/profile"
	"blockstack/profile/lookup"
	"blockstack/profile/seen"
	"blockstack/storage/local"
)

// hand signs with a key that only tests have, unless it does not agree.
type hand struct {
	*btcec.PrivateKey
	no    error
	asked []Signing
}

func handOf(seed byte) *hand {
	k, _ := btcec.PrivKeyFromBytes(bytes.Repeat([]byte{seed}, 32))
	return &hand{PrivateKey: k}
}

func (h *hand) Agree(_ context.Context, s Signing) error {
	h.asked = append(h.asked, s)
	return h.no
}

func (h *hand) Key(context.Context) (profile.Signer, error) {
	if h.no != nil {
		return nil, errors.New("the key was asked for without agreement")
	}
	return h, nil
}

func (h *hand) PublicKey() *btcec.PublicKey { return h.PubKey() }

func (h *hand) SignToken(_ context.Context, header, payload []byte) (*ecdsa.Signature, error) {
	hash := sha256.Sum256([]byte(base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)))
	return ecdsa.Sign(h.PrivateKey, hash[:]), nil
}

func (h *hand) identity(t *testing.T) *Identity {
	t.Helper()
	owner, err := profile.OwnerKey(hex.EncodeToString(h.PubKey().SerializeCompressed()))
	if err != nil {
		t.Fatal(err)
	}
	return &Identity{Address: "1Alice", Owner: owner, Hand: h}
}

// token is a profile signed at a time.
func (h *hand) token(t *testing.T, name string, at time.Time) []byte {
	t.Helper()
	p := profile.New(profile.Person)
	if err := p.Set("name", name); err != nil {
		t.Fatal(err)
	}
	token, err := profile.SignIssue(context.Background(), p, h, profile.Issue{IssuedAt: at})
	if err != nil {
		t.Fatal(err)
	}
	return token.File()
}

func TestUnsigned(t *testing.T) {
	e, err := Unsigned([]byte(`{"@type":"Person","name":"Alice","x":1}`))
	if err != nil || e.Signed() || len(e.Changes()) != 0 {
		t.Fatalf("%+v, %v", e, err)
	}
	if err := e.New.Set("name", "Bob"); err != nil {
		t.Fatal(err)
	}
	if c := e.Changes(); len(c) != 1 || c[0].Path != "name" {
		t.Errorf("%+v", c)
	}
	for _, bad := range []string{"", "[]", "{", `{"a":1,"a":2}`} {
		if _, err := Unsigned([]byte(bad)); !errors.Is(err, profile.ErrMalformed) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestSigned(t *testing.T) {
	ctx, now := context.Background(), time.Now()
	alice := handOf(1)
	for _, c := range []struct {
		name string
		raw  []byte
		want profile.Reason
	}{
		{"ours", alice.token(t, "Alice", now), profile.OK},
		{"ours, past its end", alice.token(t, "Alice", now.AddDate(-2, 0, 0)), profile.OK},
		{"somebody else's", handOf(2).token(t, "Mallory", now), profile.WrongSigner},
		{"not to count yet", alice.token(t, "Alice", now.AddDate(1, 0, 0)), profile.NotYetValid},
		{"junk", []byte("[{]"), profile.Malformed},
	} {
		e, err := Signed(ctx, c.raw, alice.identity(t))
		if c.want == profile.OK {
			if err != nil || !e.Signed() || e.Base == nil || len(e.Changes()) != 0 {
				t.Errorf("%s: %+v, %v", c.name, e, err)
			}
			continue
		}
		var not *NotYoursError
		if !errors.As(err, &not) || not.Report.Reason != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestSign: nothing is signed without agreement, and what was agreed to is what is signed.
func TestSign(t *testing.T) {
	ctx := context.Background()
	alice := handOf(1)
	e, err := Signed(ctx, alice.token(t, "Alice", time.Now().Add(-time.Hour)), alice.identity(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.New.Set("name", "Alice B."); err != nil {
		t.Fatal(err)
	}
	at := time.Now().Truncate(time.Second)
	token, err := e.Identity.Sign(ctx, Signing{Old: e.Old, New: e.New, At: at})
	if err != nil {
		t.Fatal(err)
	}
	if issued, ok := token.IssuedAt(); !ok || !issued.Equal(at) || len(profile.Diff(token.Unverified(), e.New)) != 0 {
		t.Errorf("%v, %s", issued, token.Unverified().Indented())
	}
	if len(alice.asked) != 1 || len(alice.asked[0].Changes()) != 1 {
		t.Errorf("asked %+v", alice.asked)
	}
	alice.no = errors.New("no")
	if _, err := e.Identity.Sign(ctx, Signing{New: e.New}); !errors.Is(err, alice.no) {
		t.Errorf("%v", err)
	}
}

// chain knows alice.id, and where its profile is.
type chain struct {
	rec  names.Record
	text []byte
	page []byte
	err  error
}

func (c *chain) Record(_ context.Context, n names.Name) (names.Record, error) {
	if n != c.rec.Name {
		return names.Record{Name: n, Status: names.Available}, nil
	}
	return c.rec, nil
}

func (c *chain) ExactUntil(context.Context) (*int32, error) { return nil, nil }

func (c *chain) ZoneFile(context.Context, names.ZoneFileHash) ([]byte, string, error) {
	return c.text, "here", nil
}

func (c *chain) Fetch(_ context.Context, url string) (*resolver.Page, error) {
	return &resolver.Page{URL: url, Body: c.page}, c.err
}

func TestOfName(t *testing.T) {
	ctx, now := context.Background(), time.Now()
	n, err := names.Parse("alice.id")
	if err != nil {
		t.Fatal(err)
	}
	text, err := zonefile.Make(n, "https://alice.example/profile.json")
	if err != nil {
		t.Fatal(err)
	}
	alice := handOf(1)
	script := names.PubKeyHashScript([20]byte(address.Hash160(alice.PubKey().SerializeCompressed())))
	c := &chain{text: text, rec: names.Record{Name: n, Status: names.Registered, Owner: script, OwnerAddress: "1Alice", HasZoneFile: true, ZoneFile: names.HashZoneFile(text)}}
	dir := t.TempDir()
	l := &lookup.Lookup{Names: c, ZoneFiles: c, Pages: c, Memory: &seen.File{Path: filepath.Join(dir, "profiles.db")}, Copies: &seen.Cache{In: local.Cache(dir)}}
	ours := func(_ context.Context, owner []byte) (*Identity, error) {
		if !bytes.Equal(owner, script) {
			t.Errorf("asked whose %x is", owner)
		}
		return alice.identity(t), nil
	}
	none := func(context.Context, []byte) (*Identity, error) { return nil, nil }

	c.page = alice.token(t, "Alice", now)
	e, a, err := OfName(ctx, l, n, ours)
	if err != nil || a.Outcome != lookup.Verified || e.Name != n || e.URL != "https://alice.example/profile.json" || e.Base == nil || !e.Signed() {
		t.Fatalf("%+v, %v", e, err)
	}
	var notOwner *NotOwnerError
	if _, _, err := OfName(ctx, l, n, none); !errors.As(err, &notOwner) || notOwner.Owner != "1Alice" {
		t.Errorf("%v", err)
	}
	c.page = alice.token(t, "Alice", now.Add(-time.Hour))
	if _, _, err := OfName(ctx, l, n, ours); !errors.Is(err, lookup.ErrRolledBack) {
		t.Errorf("an old one: %v", err)
	}
	var notYours *NotYoursError
	c.page = handOf(2).token(t, "Mallory", now)
	if _, _, err := OfName(ctx, l, n, ours); !errors.As(err, &notYours) {
		t.Errorf("somebody else's: %v", err)
	}
	var unread *UnreadError
	for _, c.err = range []error{resolver.ErrMissing, resolver.ErrUnreachable, errors.Join(resolver.ErrUnreachable, resolver.ErrOffline)} {
		if _, _, err := OfName(ctx, l, n, ours); !errors.As(err, &unread) || !errors.Is(err, c.err) {
			t.Errorf("%v: %v", c.err, err)
		}
	}
	c.err = resolver.ErrTooLarge
	if _, _, err := OfName(ctx, l, n, ours); errors.As(err, &unread) && errors.Is(unread, resolver.ErrTooLarge) || !errors.Is(err, resolver.ErrTooLarge) {
		t.Errorf("%v", err)
	}
	c.rec.HasZoneFile = false
	if _, _, err := OfName(ctx, l, n, ours); !errors.Is(err, lookup.ErrNone) {
		t.Errorf("%v", err)
	}
	free, err := names.Parse("free.id")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := OfName(ctx, l, free, ours); !errors.Is(err, names.ErrNotFound) {
		t.Errorf("%v", err)
	}
}
