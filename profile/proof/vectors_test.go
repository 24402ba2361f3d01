package proof

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"blockstack/profile"
	"blockstack/testdata"
)

func TestVectorsProofs(t *testing.T) {
	var file struct {
		URLs []struct {
			Service, Identifier, ProofURL string
			Fetched                       *string
		}
		Statements []struct {
			Text, Name, OwnerAddress, Note string
			NameProof                      any
			AddressProof                   any
		}
		Pages []struct {
			Service, Identifier, ProofURL, HTML, OwnerAddress, Note string
			HTTPStatus                                              int
			Expect                                                  bool
		}
	}
	t.Run("identity/proofs.json", func(t *testing.T) {
		if err := json.Unmarshal(testdata.Vectors(t, "identity/proofs.json"), &file); err != nil {
			t.Fatal(err)
		}
		for _, c := range file.URLs {
			got, ok := PageFor(c.Service, c.Identifier, c.ProofURL)
			switch {
			case ok && c.Fetched == nil:
				t.Errorf("%s of %q at %q: took %s, which even the reference refuses", c.Service, c.Identifier, c.ProofURL, got)
			case ok && !strings.EqualFold(got, *c.Fetched): // the reference breaks gist ids by lower case
				t.Errorf("%s of %q at %q: %s, want %s", c.Service, c.Identifier, c.ProofURL, got, *c.Fetched)
			case !ok && c.Fetched != nil:
				// We refuse only what names another account in a whole path segment, or no post.
				other := !strings.Contains(strings.ToLower(c.ProofURL), "/"+strings.ToLower(c.Identifier)+"/") || c.Identifier == ""
				if !other && !strings.Contains(*c.Fetched, "undefined") {
					t.Errorf("%s of %q at %q refused", c.Service, c.Identifier, c.ProofURL)
				}
			}
		}
		for _, c := range file.Statements {
			want := c.NameProof == true
			if strings.Contains(c.Text, " not ") { // the reference takes the negated sentence
				want = false
			}
			if got := Says(c.Text, c.Name, "") == "name"; got != want {
				t.Errorf("%q by name %s: %v, want %v (%s)", c.Text, c.Name, got, want, c.Note)
			}
			want = c.AddressProof == true
			if i := strings.Index(c.Text, c.OwnerAddress); i >= 0 && want { // and longer addresses
				rest := c.Text[i+len(c.OwnerAddress):]
				want = rest == "" || rest[0] == ' '
			}
			if got := Says(c.Text, "", c.OwnerAddress) == "address"; got != want {
				t.Errorf("%q by address: %v, want %v (%s)", c.Text, got, want, c.Note)
			}
		}
		for _, c := range file.Pages {
			checker := &Checker{Get: func(_ context.Context, url string, _ []string) (*Page, error) {
				if c.HTTPStatus == http.StatusNotFound {
					return nil, ErrMissing
				}
				return &Page{URL: url, Body: []byte(c.HTML)}, nil
			}}
			r := checker.Check(context.Background(), Subject{Name: "alice.id", Owner: c.OwnerAddress},
				profile.Account{Service: c.Service, Identifier: c.Identifier, ProofType: "http", ProofURL: c.ProofURL})
			if got := r.State == True; got != c.Expect {
				t.Errorf("%s, %s: %s (%s), want %v", c.Service, c.Note, r.State, r.Detail, c.Expect)
			}
			if r.State == True && (r.PageSHA256 == "" || r.PageURL == "" || r.By != "address") {
				t.Errorf("%s: evidence is missing: %+v", c.Note, r)
			}
		}
		testdata.Cases(t, "identity/proofs.json", len(file.URLs)+len(file.Statements)+len(file.Pages))
	})
}

// TestThreeStates tells what is false from what could not be checked.
func TestThreeStates(t *testing.T) {
	const owner = "1LDRXCzQDi3vsnwoiHojkqhzG3pz7es7Z7"
	s := Subject{Name: "alice.id", Owner: owner, Profiles: []string{"https://alice.example/profile.json"}}
	statement := Statement("web", s)
	get := func(final, body string, err error) func(context.Context, string, []string) (*Page, error) {
		return func(_ context.Context, url string, _ []string) (*Page, error) {
			if final == "" {
				final = url
			}
			return &Page{URL: final, Body: []byte(body)}, err
		}
	}
	txt := func(err error, texts ...string) func(context.Context, string) ([]string, error) {
		return func(context.Context, string) ([]string, error) { return texts, err }
	}
	down := errors.New("down")
	meta := `<head><meta property="og:description" content="` + statement + `"></head>`
	for _, c := range []struct {
		name    string
		checker Checker
		a       profile.Account
		want    State
	}{
		{"unreachable", Checker{Get: get("", "", down)}, profile.Account{Service: "web", Identifier: "a.example"}, Unchecked},
		{"missing", Checker{Get: get("", "", ErrMissing)}, profile.Account{Service: "web", Identifier: "a.example"}, False},
		{"web", Checker{Get: get("", statement+"\n", nil)}, profile.Account{Service: "web", Identifier: "a.example"}, True},
		{"web elsewhere", Checker{Get: get("https://b.example/", statement, nil)}, profile.Account{Service: "web", Identifier: "a.example"}, False},
		{"web with port", Checker{Get: get("", statement, nil)}, profile.Account{Service: "web", Identifier: "a.example:8080"}, False},
		{"web at an address", Checker{Get: get("", statement, nil)}, profile.Account{Service: "web", Identifier: "127.0.0.1"}, False},
		{"too large", Checker{Get: get("", strings.Repeat("x", MaxPage+1), nil)}, profile.Account{Service: "web", Identifier: "a.example"}, Unchecked},
		{"no reader", Checker{}, profile.Account{Service: "web", Identifier: "a.example"}, Unchecked},
		{"dns", Checker{TXT: []func(context.Context, string) ([]string, error){txt(nil, "x", statement), txt(nil, statement)}}, profile.Account{Service: "dns", Identifier: "a.example"}, True},
		{"dns disagrees", Checker{TXT: []func(context.Context, string) ([]string, error){txt(nil, statement), txt(nil)}}, profile.Account{Service: "dns", Identifier: "a.example"}, False},
		{"dns fails", Checker{TXT: []func(context.Context, string) ([]string, error){txt(nil, statement), txt(down)}}, profile.Account{Service: "dns", Identifier: "a.example"}, Unchecked},
		{"twitter moved to another's", Checker{Get: get("https://twitter.com/mallory/status/1", meta, nil)}, profile.Account{Service: "twitter", Identifier: "alice", ProofURL: "https://twitter.com/alice/status/1"}, False},
		{"twitter behind a login", Checker{Get: get("", "<head></head><body>log in</body>", nil)}, profile.Account{Service: "twitter", Identifier: "alice", ProofURL: "https://twitter.com/alice/status/1"}, Unchecked},
		{"twitter answers as x.com", Checker{Get: get("https://x.com/alice/status/1", meta, nil)}, profile.Account{Service: "twitter", Identifier: "alice", ProofURL: "https://twitter.com/alice/status/1"}, True},
		{"twitter moved to another's on x.com", Checker{Get: get("https://x.com/mallory/status/1", meta, nil)}, profile.Account{Service: "twitter", Identifier: "alice", ProofURL: "https://twitter.com/alice/status/1"}, False},
		{"twitter sends to a log-in", Checker{Get: get("https://x.com/i/flow/login", meta, nil)}, profile.Account{Service: "twitter", Identifier: "alice", ProofURL: "https://twitter.com/alice/status/1"}, Unchecked},
		{"twitter moved elsewhere", Checker{Get: get("https://evil.example/alice/status/1", meta, nil)}, profile.Account{Service: "twitter", Identifier: "alice", ProofURL: "https://twitter.com/alice/status/1"}, False},
		{"facebook log-in", Checker{Get: get("https://www.facebook.com/login/?next=x", meta, nil)}, profile.Account{Service: "facebook", Identifier: "alice", ProofURL: "https://www.facebook.com/alice/posts/1"}, Unchecked},
		{"web at www", Checker{Get: get("https://www.a.example/.well-known/blockstack.txt", statement, nil)}, profile.Account{Service: "web", Identifier: "a.example"}, True},
		{"web at another path", Checker{Get: get("https://www.a.example/x", statement, nil)}, profile.Account{Service: "web", Identifier: "a.example"}, False},
		{"github raw of a version", Checker{Get: get("https://gist.githubusercontent.com/alice/AbC/raw/0123/file.txt", statement, nil)}, profile.Account{Service: "github", Identifier: "alice", ProofURL: "https://gist.github.com/alice/AbC"}, True},
		{"github raw, without its network", Checker{}, profile.Account{Service: "github", Identifier: "alice", ProofURL: "https://gist.github.com/alice/AbC"}, Unchecked},
		{"github raw, no place for it", Checker{}, profile.Account{Service: "github", Identifier: "alice", ProofURL: "https://gist.github.com/mallory/AbC"}, False},
		{"github raw", Checker{Get: get("https://gist.githubusercontent.com/alice/AbC/raw/", statement, nil)}, profile.Account{Service: "github", Identifier: "alice", ProofURL: "https://gist.github.com/alice/AbC"}, True},
		{"github raw of another", Checker{Get: get("https://gist.githubusercontent.com/mallory/AbC/raw/", statement, nil)}, profile.Account{Service: "github", Identifier: "alice", ProofURL: "https://gist.github.com/alice/AbC"}, False},
		{"mastodon", Checker{Get: get("", `<a rel="nofollow me" href="https://alice.example/profile.json">`, nil)}, profile.Account{Service: "mastodon", Identifier: "@alice@m.example"}, True},
		{"mastodon links elsewhere", Checker{Get: get("", `<a rel="me" href="https://mallory.example/profile.json">`, nil)}, profile.Account{Service: "mastodon", Identifier: "@alice@m.example"}, False},
		{"mastodon without rel", Checker{Get: get("", `<a rel="nofollow" href="https://alice.example/profile.json">`, nil)}, profile.Account{Service: "mastodon", Identifier: "alice@m.example"}, False},
		{"no identifier", Checker{}, profile.Account{Service: "twitter"}, False},
		{"unknown", Checker{}, profile.Account{Service: "myspace", Identifier: "alice"}, Unchecked},
		{"pgp", Checker{}, profile.Account{Service: "pgp", Identifier: strings.Repeat("ab", 20)}, Unchecked},
		{"pgp by name", Checker{}, profile.Account{Service: "pgp", Identifier: "alice"}, False},
		{"nothing signed", Checker{}, profile.Account{Service: "ssh", Identifier: "ssh-ed25519 AAAA"}, Unchecked},
	} {
		if r := c.checker.Check(context.Background(), s, c.a); r.State != c.want || r.Detail == "" {
			t.Errorf("%s: %s (%s), want %s", c.name, r.State, r.Detail, c.want)
		}
	}
}

// FuzzPage reads hostile pages: nothing panics, and a page that does not hold the address proves
// nothing.
func FuzzPage(f *testing.F) {
	f.Add("twitter", []byte(`<head><meta property="og:description" content="x"></head>`))
	f.Add("hackerNews", []byte(`<table id=hnmain><tr><td>user:<td>alice<tr><td>about:<td>x`))
	f.Add("linkedIn", []byte(`<meta property="og:title" content="x"><main><header><a href="https://www.linkedin.com/in/alice">`))
	f.Add("instagram", []byte(`<meta property="og:description" content="(@alice): x">`))
	f.Add("mastodon", []byte(`<a rel=me href=x>`))
	urls := map[string]string{
		"twitter": "https://twitter.com/alice/status/1", "github": "https://gist.github.com/alice/1", "facebook": "https://www.facebook.com/alice/posts/1",
		"hackerNews": "https://news.ycombinator.com/user?id=alice", "instagram": "https://www.instagram.com/p/1", "linkedIn": "https://www.linkedin.com/feed/update/1",
	}
	const owner = "1LDRXCzQDi3vsnwoiHojkqhzG3pz7es7Z7"
	f.Fuzz(func(t *testing.T, service string, body []byte) {
		c := &Checker{Get: func(_ context.Context, url string, _ []string) (*Page, error) {
			return &Page{URL: url, Body: body}, nil
		}}
		id := "alice"
		if service == "mastodon" {
			id = "alice@m.example"
		}
		r := c.Check(context.Background(), Subject{Owner: owner}, profile.Account{Service: service, Identifier: id, ProofURL: urls[service]})
		if r.State == True && !strings.Contains(string(body), owner) && !strings.Contains(string(body), "&") {
			t.Errorf("proven by a page without the address: %+v", r)
		}
	})
}
