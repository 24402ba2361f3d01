package proof

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"blockstack/profile"
	"blockstack/storage/local"
)

// claims is a profile that claims some web sites, and one account without evidence.
func claims(t *testing.T, sites ...string) *profile.Profile {
	t.Helper()
	p := profile.New(profile.Person)
	for _, s := range sites {
		if err := (Claim{Service: "web", Identifier: s}).Put(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.PutAccount("account.github", "alice", nil); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestMemory: what was found out last is shown with its age while nothing can be found out, and is
// nobody else's.
func TestMemory(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	now := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	m := &Memory{In: local.Cache(dir), Clock: func() time.Time { return now }}
	s := Subject{Name: "alice.id", Owner: "1Alice"}
	answer := map[string]error{}
	c := &Checker{Clock: m.Clock, Get: func(_ context.Context, url string, _ []string) (*Page, error) {
		if err := answer[url]; err != nil {
			return nil, err
		}
		return &Page{URL: url, Body: []byte(Statement("web", s))}, nil
	}}
	p := claims(t, "a.example", "b.example", "c.example")
	down := errors.New("down")
	answer["https://b.example"+wellKnown], answer["https://c.example"+wellKnown] = ErrMissing, down
	o, err := m.CheckAll(ctx, c, s, p)
	if err != nil || o.True != 1 || o.False != 1 || o.Unchecked != 1 || o.Unkept != nil || len(o.Proofs) != 3 {
		t.Fatalf("%+v, %v", o, err)
	}
	for _, r := range o.Proofs {
		if r.Last != nil {
			t.Errorf("%s was known before: %+v", r.Identifier, r.Last)
		}
	}
	then := now
	now = now.Add(time.Hour)
	answer["https://a.example"+wellKnown], answer["https://b.example"+wellKnown] = down, down
	if o, err = m.CheckAll(ctx, c, s, p); err != nil || o.Unchecked != 3 {
		t.Fatalf("%+v, %v", o, err)
	}
	for _, known := range [][]Checked{o.Proofs, m.Known(ctx, s, p)} {
		for i, want := range []State{True, False, ""} {
			last := known[i].Last
			if known[i].State != Unchecked || (last == nil) != (want == "") || last != nil && (last.State != want || !last.CheckedAt.Equal(then)) {
				t.Errorf("%s: %+v, last %+v", known[i].Identifier, known[i], last)
			}
		}
	}
	if k := m.Known(ctx, Subject{Name: "bob.id", Owner: "1Bob"}, p); len(k) != 3 || k[0].Last != nil {
		t.Errorf("another subject: %+v", k)
	}
	now = then.Add(-time.Hour)
	if k := m.Known(ctx, s, p); k[0].Last != nil {
		t.Errorf("from the future: %+v", k[0].Last)
	}
	now = then.Add(time.Hour)
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, junk := range []string{"", "{", `{"state":"could_not_check"}`, `{"state":"sure"}`} {
		for _, f := range files {
			if err := os.WriteFile(f, []byte(junk), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if k := m.Known(ctx, s, p); k[0].Last != nil || k[1].Last != nil {
			t.Errorf("%q is believed: %+v", junk, k)
		}
	}
}

// TestUnkept: a memory that cannot be written is told, and changes no outcome.
func TestUnkept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	m := &Memory{In: local.Cache(filepath.Join(file, "proofs"))}
	c := &Checker{Get: func(context.Context, string, []string) (*Page, error) { return nil, ErrMissing }}
	if o, err := m.CheckAll(context.Background(), c, Subject{Owner: "1Alice"}, claims(t, "a.example")); err != nil || o.False != 1 || o.Unkept == nil {
		t.Errorf("%+v, %v", o, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.CheckAll(ctx, c, Subject{}, claims(t, "a.example")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestClaim(t *testing.T) {
	for _, c := range []struct {
		name            string
		claim           Claim
		fits, complete  bool
		member, content string
	}{
		{"a post", Claim{Service: "github", Identifier: "alice", URL: "https://gist.github.com/alice/1234"}, true, true, "proofUrl", "https://gist.github.com/alice/1234"},
		{"no post yet", Claim{Service: "github", Identifier: "alice"}, true, false, "", ""},
		{"somebody else's post", Claim{Service: "github", Identifier: "alice", URL: "https://gist.github.com/bob/1234"}, false, true, "", ""},
		{"a post is not signed", Claim{Service: "github", Identifier: "alice", Message: "x"}, false, false, "", ""},
		{"a site needs nothing", Claim{Service: "web", Identifier: "a.example"}, true, true, "", ""},
		{"a site has no post", Claim{Service: "web", Identifier: "a.example", URL: "https://a.example/x"}, false, true, "", ""},
		{"a key", Claim{Service: "ssh", Identifier: "ssh-ed25519 AAAA", Message: "m", Signature: " s\n"}, true, true, "proofSignature", "s"},
		{"a key without signature", Claim{Service: "ssh", Identifier: "ssh-ed25519 AAAA", Message: "m"}, true, false, "", ""},
		{"pgp over http", Claim{Service: "pgp", Identifier: "AB", URL: "http://a.example/key", Message: "m"}, false, true, "", ""},
	} {
		err := c.claim.Check()
		var wrong *ClaimError
		if (err == nil) != c.fits || err != nil && !errors.As(err, &wrong) || c.claim.Complete() != c.complete {
			t.Errorf("%s: %v, complete %v", c.name, err, c.claim.Complete())
		}
		if c.member == "" {
			continue
		}
		p := profile.New(profile.Person)
		if err := c.claim.Put(p); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		a := p.Accounts()[0]
		if got := map[string]string{"proofUrl": a.ProofURL, "proofSignature": a.ProofSignature}[c.member]; got != c.content || a.Identifier != c.claim.Identifier {
			t.Errorf("%s: %+v", c.name, a)
		}
	}
}

// TestRefuted: a proof that is false already is found without a network, one that cannot be told is
// not.
func TestRefuted(t *testing.T) {
	s := Subject{Owner: "1Alice"}
	for _, c := range []struct {
		claim Claim
		want  bool
	}{
		{Claim{Service: "bitcoin", Identifier: "1BitcoinEaterAddressDontSendf59kuE", Message: Statement("bitcoin", s), Signature: "AAAA"}, true},
		{Claim{Service: "web", Identifier: "not a site"}, true},
		{Claim{Service: "web", Identifier: "a.example"}, false},
	} {
		p := profile.New(profile.Person)
		if err := c.claim.Put(p); err != nil {
			t.Fatal(err)
		}
		if r, is := c.claim.Refuted(context.Background(), s, p); is != c.want || is && r.Detail == "" {
			t.Errorf("%+v: %+v, %v", c.claim, r, is)
		}
	}
	two := profile.New(profile.Person)
	for _, a := range []string{"1A", "1B"} {
		if err := (Claim{Service: "bitcoin", Identifier: a}).Put(two); err != nil {
			t.Fatal(err)
		}
	}
	if list := two.Identifiers(AccountPath("bitcoin")); len(list) != 1 || list[0] != "1B" {
		t.Errorf("paid at %v", list)
	}
}
