package profile

import (
	"errors"
	"testing"
)

// messy has all that a careless rewriter would change: odd numbers, escapes, order, unknown fields.
const messy = `{"zzz":1.0,"@type":"Person","num":1e400,"esc":"\u00e9\/","nested":{"b":[1,2,{"c":null}],"a":0},"account":[{"@type":"Account","service":"twitter","identifier":"alice","proofType":"http","proofUrl":"https://twitter.com/alice/status/1","extra":true},"odd",{"@type":"Account","service":"github","identifier":"a","n":0.10}],"__proto__":{},"\u006bey":"k"}`

func parse(t testing.TB, s string) *Profile {
	t.Helper()
	p, err := Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func written(p *Profile) string {
	b, _ := p.MarshalJSON()
	return string(b)
}

func TestEditKeepsTheRest(t *testing.T) {
	p := parse(t, " "+messy+"\n")
	if written(p) != messy {
		t.Fatalf("unedited:\nhave %s\nwant %s", written(p), messy)
	}
	q := p.Clone()
	if err := q.Set("account.github", "b"); err != nil {
		t.Fatal(err)
	}
	if err := q.Set("account.github", "a"); err != nil {
		t.Fatal(err)
	}
	if written(q) != messy {
		t.Errorf("there and back:\nhave %s\nwant %s", written(q), messy)
	}
	if err := q.Set("name", "x"); err != nil {
		t.Fatal(err)
	}
	if want := messy[:len(messy)-1] + `,"name":"x"}`; written(q) != want {
		t.Errorf("added:\nhave %s\nwant %s", written(q), want)
	}
	if removed, err := q.Unset("name"); !removed || err != nil || written(q) != messy {
		t.Errorf("removed again: %v, %v, %s", removed, err, written(q))
	}
	if written(p) != messy {
		t.Error("editing a clone changed the profile")
	}
}

func TestEdits(t *testing.T) {
	type edit struct{ path, value string }
	for _, c := range []struct {
		what, before string
		edits        []edit
		want         string
	}{
		{"text", `{}`, []edit{{"name", "A"}, {"description", "d"}, {"name", "B"}}, `{"name":"B","description":"d"}`},
		{"text over null", `{"name":null}`, []edit{{"name", "A"}}, `{"name":"A"}`},
		{"picture", `{}`, []edit{{"image.avatar", "u"}, {"image.cover", "c"}, {"image.avatar", "v"}},
			`{"image":[{"@type":"ImageObject","name":"avatar","contentUrl":"v"},{"@type":"ImageObject","name":"cover","contentUrl":"c"}]}`},
		{"the last picture is the one shown", `{"image":[{"name":"avatar","contentUrl":"1"},{"name":"avatar","contentUrl":"2"}]}`, []edit{{"image.avatar", "3"}},
			`{"image":[{"name":"avatar","contentUrl":"1"},{"name":"avatar","contentUrl":"3"}]}`},
		{"website", `{}`, []edit{{"website", "a"}, {"website", "b"}}, `{"website":[{"@type":"WebSite","url":"b"}]}`},
		{"address", `{}`, []edit{{"address.addressLocality", "T"}}, `{"address":{"@type":"PostalAddress","addressLocality":"T"}}`},
		{"app", `{}`, []edit{{"apps.https://a.example.com", "https://s/"}}, `{"apps":{"https://a.example.com":"https://s/"}}`},
		{"account", `{}`, []edit{{"account.twitter", "a"}, {"account.twitter.proofUrl", "u"}},
			`{"account":[{"@type":"Account","service":"twitter","identifier":"a","proofUrl":"u"}]}`},
		{"another identifier has no proof yet", messy, []edit{{"account.twitter", "bob"}},
			`{"zzz":1.0,"@type":"Person","num":1e400,"esc":"\u00e9\/","nested":{"b":[1,2,{"c":null}],"a":0},"account":[{"@type":"Account","service":"twitter","identifier":"bob","extra":true},"odd",{"@type":"Account","service":"github","identifier":"a","n":0.10}],"__proto__":{},"\u006bey":"k"}`},
		{"payment beside account and key", `{"account":[{"service":"ethereum","identifier":"acc"}]}`, []edit{{"payment.ethereum", "p"}, {"key.ethereum", "k"}},
			`{"account":[{"service":"ethereum","identifier":"acc"},{"@type":"Account","role":"payment","service":"ethereum","identifier":"p"},{"@type":"Account","role":"key","service":"ethereum","identifier":"k"}]}`},
		{"payment without a role is the same payment", `{"account":[{"service":"bitcoin","identifier":"old"}]}`, []edit{{"payment.bitcoin", "new"}},
			`{"account":[{"service":"bitcoin","identifier":"new"}]}`},
		{"key with content", `{}`, []edit{{"key.pgp", "F"}, {"key.pgp.contentUrl", "u"}},
			`{"account":[{"@type":"Account","role":"key","service":"pgp","identifier":"F","contentUrl":"u"}]}`},
	} {
		p := parse(t, c.before)
		for _, e := range c.edits {
			if err := p.Set(e.path, e.value); err != nil {
				t.Errorf("%s: %s: %v", c.what, e.path, err)
			}
			if got, found := p.Get(e.path); !found || got != e.value {
				t.Errorf("%s: %s reads %q, %v", c.what, e.path, got, found)
			}
		}
		if written(p) != c.want {
			t.Errorf("%s:\nhave %s\nwant %s", c.what, written(p), c.want)
		}
	}
}

func TestUnset(t *testing.T) {
	const twice = `{"account":[{"service":"bitcoin","identifier":"1"},{"role":"payment","service":"bitcoin","identifier":"2"},{"role":"key","service":"bitcoin","identifier":"3"}]}`
	for _, c := range []struct{ before, path, want string }{
		{`{"name":"A","x":1}`, "name", `{"x":1}`},
		{`{"account":[1]}`, "account", `{}`},
		{twice, "payment.bitcoin", `{"account":[{"role":"key","service":"bitcoin","identifier":"3"}]}`},
		{`{"account":[{"service":"a","identifier":"1"}]}`, "account.a", `{}`},
		{`{"account":[{"service":"a","identifier":"1","proofUrl":"u"}]}`, "account.a.proofUrl", `{"account":[{"service":"a","identifier":"1"}]}`},
		{`{"address":{"@type":"PostalAddress","postalCode":"1"}}`, "address.postalCode", `{}`},
		{`{"apps":{"https://a.b":"1","https://c.d":"2"}}`, "apps.https://a.b", `{"apps":{"https://c.d":"2"}}`},
		{`{"image":[{"name":"avatar"},{"name":"cover"}]}`, "image.avatar", `{"image":[{"name":"cover"}]}`},
	} {
		p := parse(t, c.before)
		if removed, err := p.Unset(c.path); !removed || err != nil || written(p) != c.want {
			t.Errorf("%s of %s: %v, %v, %s", c.path, c.before, removed, err, written(p))
		}
		if removed, err := p.Unset(c.path); removed || err != nil || written(p) != c.want {
			t.Errorf("%s again: %v, %v, %s", c.path, removed, err, written(p))
		}
	}
}

func TestBadEdits(t *testing.T) {
	for _, c := range []struct{ before, path string }{
		{`{}`, ""}, {`{}`, "."}, {`{}`, "account"}, {`{}`, "image"}, {`{}`, "account."}, {`{}`, ".name"}, {`{}`, "name.x"}, {`{}`, "account.twitter.proofUrl"},
		{`{}`, "account.twitter.nonsense"}, {`{}`, "image.avatar.url"}, {`{}`, "account.bitcoin"}, {`{"name":{}}`, "name"}, {`{"account":{}}`, "account.x"},
		{`{"address":[]}`, "address.x"}, {`{"apps":1}`, "apps.x"}, {`{"website":[{},{}]}`, "website"},
		{`{"account":[{"service":"a"},{"service":"a"}]}`, "account.a"},
	} {
		p := parse(t, c.before)
		if err := p.Set(c.path, "v"); !errors.Is(err, ErrBadEdit) {
			t.Errorf("%q of %s: error %v", c.path, c.before, err)
		}
		if written(p) != c.before {
			t.Errorf("%q: a refused edit changed %s to %s", c.path, c.before, written(p))
		}
	}
	p := parse(t, `{}`)
	if err := p.Set("name", "\xff"); !errors.Is(err, ErrBadEdit) {
		t.Errorf("bad UTF-8: %v", err)
	}
	if err := p.Set("\xff", "x"); !errors.Is(err, ErrBadEdit) {
		t.Errorf("bad UTF-8 as path: %v", err)
	}
	if err := p.SetJSON("", []byte("1")); !errors.Is(err, ErrBadEdit) {
		t.Errorf("no path: %v", err)
	}
	if err := p.SetJSON("x", []byte(`{"a":1,"a":2}`)); !errors.Is(err, ErrBadEdit) {
		t.Errorf("bad JSON: %v", err)
	}
	if err := p.SetJSON("x", []byte("{ \"a\" : 1.0 }\n")); err != nil || written(p) != `{"x":{"a":1.0}}` {
		t.Errorf("%s, %v", written(p), err)
	}
}

func TestPayee(t *testing.T) {
	for _, c := range []struct {
		profile, want string
		several       int
	}{
		{`{}`, "", 0},
		{`{"account":{}}`, "", 0},
		{`{"account":[{"service":"bitcoin","role":"key","identifier":"x"},{"service":"ethereum","role":"payment","identifier":"y"}]}`, "", 0},
		{`{"account":[{"service":"bitcoin","role":"payment"},{"service":"bitcoin","role":"payment","identifier":7}]}`, "", 0},
		{`{"account":[{"service":"bitcoin","role":"payment","identifier":"a"}]}`, "a", 0},
		{`{"account":[{"service":"bitcoin","identifier":"a"}]}`, "a", 0},
		{`{"account":[{"service":"bitcoin","identifier":"a"},{"service":"bitcoin","role":"payment","identifier":"a"}]}`, "a", 0},
		{`{"account":[{"service":"bitcoin","identifier":"a"},{"service":"bitcoin","role":"payment","identifier":"b"}]}`, "", 2},
	} {
		got, err := Payee(parse(t, c.profile))
		var several *SeveralPayeesError
		switch {
		case c.several > 0:
			if !errors.As(err, &several) || len(several.Addresses) != c.several {
				t.Errorf("%s: %q, %v", c.profile, got, err)
			}
		case c.want == "":
			if !errors.Is(err, ErrNoPayee) {
				t.Errorf("%s: %q, %v", c.profile, got, err)
			}
		case got != c.want || err != nil:
			t.Errorf("%s: %q, %v", c.profile, got, err)
		}
	}
}

func TestKind(t *testing.T) {
	for doc, want := range map[string]string{
		`{"@type":"Person"}`: Person, `{"type":"@Person"}`: Person, `{"type":"Person"}`: "", `{}`: "", `{"@type":1}`: "", `{"@type":"Organization","type":"@Person"}`: Organization,
	} {
		if got := parse(t, doc).Kind(); got != want {
			t.Errorf("%s: %q, want %q", doc, got, want)
		}
	}
}

func TestIsLegacy(t *testing.T) {
	for doc, want := range map[string]bool{
		`{"bio":"x"}`: true, `{"@type":"Person","bio":"x"}`: false, `{"@context":"x","bio":"x"}`: false, `{"name":"x"}`: false, `{"facebook":{}}`: true,
	} {
		if got := IsLegacy(parse(t, doc)); got != want {
			t.Errorf("%s: %v", doc, got)
		}
	}
}
