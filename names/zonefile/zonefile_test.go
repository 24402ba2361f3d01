package zonefile

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"blockstack/names"
)

func name(t testing.TB, s string) names.Name {
	t.Helper()
	n, err := names.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMake(t *testing.T) {
	alice := name(t, "alice.id")
	got, err := Make(alice, "https://one.example", "http://127.0.0.1:8080/alice (1).json?x=ü")
	want := "$ORIGIN alice.id\n$TTL 3600\n" +
		"_http._tcp\tIN\tURI\t10\t1\t\"https://one.example/\"\n" +
		"_http._tcp\tIN\tURI\t10\t1\t\"http://127.0.0.1:8080/alice%20%281%29.json?x=%C3%BC\"\n\n"
	if err != nil || string(got) != want {
		t.Errorf("Make: %q, %v\nwant %q", got, err, want)
	}
	for _, c := range []struct {
		url  string
		want error
	}{
		{"", ErrBadURL},
		{"host.example/p.json", ErrBadURL},
		{"ftp://host.example/p.json", ErrBadURL},
		{"file:///etc/passwd", ErrBadURL},
		{"javascript:alert(1)", ErrBadURL},
		{"https://user@host.example/", ErrBadURL},
		{"https://user:password@host.example/", ErrBadURL},
		{"https:///p.json", ErrBadURL},
		{"https://", ErrBadURL},
		{"https://host.example:/", ErrBadURL},
		{"https://host.example:99999/", ErrBadURL},
		{"https://host.example:0/", ErrBadURL},
		{"https://höst.example/", ErrBadURL},
		{"https://ho st.example/", ErrBadURL},
		{"https://host.example/%zz", ErrBadURL},
		{"https://host.example/" + strings.Repeat("a", maxURL), ErrBadURL},
		{"https://host.example/\"quoted\"", nil},
		{"https://host.example/a;b$&{uri}\n$ORIGIN mallory.id", nil},
		{"https://[::1]:8443/x", nil},
		{"https://host.example?x=1", nil},
		{"https://host.example/#me", nil},
	} {
		text, err := Make(alice, c.url)
		if !errors.Is(err, c.want) {
			t.Errorf("Make(%q): %q, %v, want %v", c.url, text, err, c.want)
		}
		if err != nil {
			continue
		}
		z, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if urls, err := z.ProfileURLs(alice); err != nil || len(urls) != 1 {
			t.Errorf("%q: read back %q, %v", text, urls, err)
		}
	}
	if _, err := Make(alice); !errors.Is(err, ErrBadURL) {
		t.Errorf("no address: %v", err)
	}
	if _, err := Make(names.Name{}, "https://host.example/"); !errors.Is(err, names.ErrBadName) {
		t.Errorf("no name: %v", err)
	}
	long := "https://host.example/" + strings.Repeat("a", 1500)
	if _, err := Make(alice, long, long, long); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
}

func TestProfileURLsWantsTheName(t *testing.T) {
	const record = "\n_http._tcp\tIN\tURI\t10\t1\t\"https://host.example/p.json\"\n"
	alice := name(t, "alice.id")
	for _, c := range []struct {
		text string
		want error
	}{
		{"$ORIGIN alice.id" + record, nil},
		{"$ORIGIN alice.id." + record, nil},
		{"$ORIGIN ALICE.id" + record, nil},
		{"$origin alice.id" + record, nil},
		{"$TTL 3600" + record, ErrOrigin},
		{"$ORIGIN mallory.id" + record, ErrOrigin},
		{"$ORIGIN bob.alice.id" + record, ErrOrigin},
		{"$ORIGIN alice.id\n$ORIGIN mallory.id" + record, ErrOrigin},
		{"$ORIGIN mallory.id\n$ORIGIN alice.id" + record, ErrOrigin},
		{"$ORIGIN alice.id $TTL 3600" + record, ErrOrigin},
		{"$ORIGIN alice.id\n", ErrNoURL},
		{"$ORIGIN alice.id\na TXT \"https://host.example/p.json\"\n", ErrNoURL},
		{"$ORIGIN alice.id\n_x URI 1 1 \"ftp://host.example/\"\n", ErrNoURL},
		{"$ORIGIN alice.id\n_x URI 1 1 \"https://user@host.example/\"\n", ErrNoURL},
	} {
		z, err := Parse([]byte(c.text))
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if urls, err := z.ProfileURLs(alice); !errors.Is(err, c.want) || errors.Is(err, ErrBadURL) || (err != nil) != errors.Is(err, ErrMalformed) {
			t.Errorf("%q: %q, %v, want %v", c.text, urls, err, c.want)
		}
	}
	z, err := Parse([]byte("$ORIGIN alice.id" + record))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.ProfileURLs(names.Name{}); !errors.Is(err, ErrOrigin) {
		t.Errorf("no name: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		text string
		want error
	}{
		{"", ErrNotZoneFile},
		{" \n\t\r\n", ErrNotZoneFile},
		{"\x00\x01", ErrNotZoneFile},
		{"$ORIGIN a.id\n\x1b[2J", ErrNotZoneFile},
		{"\xff\xfe$ORIGIN a.id", ErrNotZoneFile},
		{"<html><body>404</body></html>", ErrNotZoneFile},
		{"; nothing but a comment", ErrNotZoneFile},
		{`{"bio":"x"}`, ErrJSON},
		{` [1]`, ErrJSON},
		{"$ORIGIN a.id\n;" + strings.Repeat("x", MaxSize), ErrNotZoneFile},
	} {
		if z, err := Parse([]byte(c.text)); !errors.Is(err, c.want) {
			t.Errorf("%.40q: %+v, %v, want %v", c.text, z, err, c.want)
		}
	}
}

func TestParseRecords(t *testing.T) {
	const text = "$ORIGIN alice.id\n" +
		"$TTL 3600 ; an hour\n" +
		"a 600 IN TXT one \"two; (2)\" \"th\\\"ree\"\n" +
		"\tIN 600 TXT four\n" +
		"b URI 10 1 ( ; over\n  \"https://host.example/;x\" ) ; lines\n" +
		"c URI 10 1\n" +
		"d CH TXT x\n" +
		"e TXT \"open\n" +
		"f TXT ok )\n" +
		"$INCLUDE /etc/passwd\n" +
		"g uri x y https://g.example/a\\;b\n" +
		"h TXT ( never\n closed"
	z, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	wantTXT := []TXT{{Owner: "a", Strings: []string{"one", "two; (2)", `th\"ree`}}, {Owner: "a", Strings: []string{"four"}}}
	if got := z.TXTs(); !slices.EqualFunc(got, wantTXT, func(a, b TXT) bool { return a.Owner == b.Owner && slices.Equal(a.Strings, b.Strings) }) {
		t.Errorf("TXT records %q", got)
	}
	wantURI := []URI{
		{Owner: "b", Priority: "10", Weight: "1", Target: "https://host.example/;x"},
		{Owner: "g", Priority: "x", Weight: "y", Target: "https://g.example/a;b"},
	}
	if got := z.URIs(); !slices.Equal(got, wantURI) {
		t.Errorf("URI records %q", got)
	}
	var lines []int
	for _, p := range z.Problems {
		lines = append(lines, p.Line)
	}
	slices.Sort(lines)
	if want := []int{7, 8, 9, 10, 11, 13}; !slices.Equal(lines, want) {
		t.Errorf("problems %+v, want lines %v", z.Problems, want)
	}
	if z.Origins[0] != "alice.id" || z.TTL != "3600" || z.Records[0].TTL != "600" || z.Records[1].TTL != "600" {
		t.Errorf("%+v", z)
	}
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain": "plain", `a\;b`: "a;b", `a\\b`: `a\b`, `\065`: "A", `\999`: "999", `\25`: "25", `\`: `\`, `\"x\"`: `"x"`,
	} {
		if got := Unescape(in); got != want {
			t.Errorf("Unescape(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("$ORIGIN alice.id\n$TTL 3600\n_http._tcp\tIN\tURI\t10\t1\t\"https://host.example/p.json\"\n\n"))
	f.Add([]byte("a 600 IN TXT one \"two; (2)\" \"th\\\"ree\"\n\tTXT ( x\n y )"))
	f.Add([]byte("{\"bio\":1}"))
	alice := name(f, "alice.id")
	f.Fuzz(func(t *testing.T, b []byte) {
		z, err := Parse(b)
		if err != nil {
			if !errors.Is(err, ErrNotZoneFile) {
				t.Errorf("error %v", err)
			}
			return
		}
		if string(z.Bytes()) != string(b) {
			t.Error("the bytes changed")
		}
		z.TXTs()
		urls, err := z.ProfileURLs(alice)
		if (err == nil) != (len(urls) > 0) || err != nil && !errors.Is(err, ErrOrigin) && !errors.Is(err, ErrNoURL) {
			t.Errorf("%q, %v", urls, err)
		}
		for _, u := range urls {
			if _, err := checkURL(u); err != nil {
				t.Errorf("gave %q: %v", u, err)
			}
		}
	})
}

func FuzzMake(f *testing.F) {
	f.Add("https://host.example/p.json")
	f.Add("https://[::1]:8443/a;b\"(c)$&\n?x=%41#y")
	alice := name(f, "alice.id")
	f.Fuzz(func(t *testing.T, u string) {
		text, err := Make(alice, u)
		if err != nil {
			if !errors.Is(err, ErrBadURL) && !errors.Is(err, ErrTooLarge) {
				t.Errorf("error %v", err)
			}
			return
		}
		if n := strings.Count(string(text), "\n"); n != 4 {
			t.Errorf("%q has %d lines", text, n)
		}
		z, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if urls, err := z.ProfileURLs(alice); err != nil || len(urls) != 1 || !isPlain(urls[0]) {
			t.Errorf("%q: %q, %v", text, urls, err)
		}
	})
}
