package lists

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWishes reads lists, and names the line of every problem.
func TestWishes(t *testing.T) {
	for _, c := range []struct {
		text string
		want string // names and lines, or the problems
	}{
		{"name\na.id\nb.id\n", "a.id@2 b.id@3"},
		{"\xef\xbb\xbfname,owner,renew_within\r\na.id,1,60d\r\n\"b.id\",,8w\n", "a.id@2 b.id@3"},
		{"name,zonefile\n\"a.id\",\"with\nnewline\"\nb.id,\n", "a.id@2 b.id@4"},
		{`{"schema":"blockstack/names/v1","names":[{"name":"a.id"},{"name":"b.id","owner":"0"}]}`, "a.id@1 b.id@2"},
		{"", "line 1: the first line must"},
		{"owner,name\n1,a.id\n", "line 1: the first line must"},
		{"name,price\na.id,1\n", `line 1: column "price"`},
		{"name,owner,owner\na.id,1,1\n", `line 1: column "owner"`},
		{"name\n", "0 names"},
		{"name\na.id\nA.id\nb.id\nid\n", "line 3: ; line 5: "},
		{"name\na.id\nb.id\na.id\n", "line 4: a.id stands in line 2 already"},
		{"name,profile_url,zonefile\na.id,https://a.example,a.txt\n", "line 2: a.id: profile_url and zonefile"},
		{"name,profile_url\na.id,not a url\n", "line 2: a.id: "},
		{"name,renew_within\na.id,-1\nb.id,5y\nc.id,0d\nd.id,999999w\ne.id,+4\n", "line 2: ; line 3: ; line 4: ; line 5: ; line 6: "},
		{"name,owner\na.id\n", "line 2: wrong number of fields"},
		{"name\n\"a.id\n", "line 2: "},
		{`{"schema":"blockstack/names/v2","names":[]}`, "schema is"},
		{`{"schema":"blockstack/names/v1","names":[],"more":1}`, "unknown field"},
		{`{"schema":"blockstack/names/v1","names":[{"name":"a.id","name":"b.id"}]}`, "line 1: "},
		{`{"schema":"blockstack/names/v1","names":[{"name":"a.id","price":1}]}`, `line 1: unknown field "price"`},
		{`{"schema":"blockstack/names/v1","names":[{"name":"a.id","owner":1}]}`, "line 1: owner: a number stands where a string belongs"},
		{"name\n" + strings.Repeat("no name\n", 1000), "line 2: "},
	} {
		list, bad := ParseWishes([]byte(c.text))
		var got []string
		for _, w := range list {
			got = append(got, fmt.Sprintf("%s@%d", w.Name, w.Line))
		}
		if len(bad) == 0 {
			if strings.Join(got, " ") != c.want {
				t.Errorf("%.60q: %s, want %s", c.text, got, c.want)
			}
			continue
		}
		if len(bad) > maxListErrors {
			t.Errorf("%.60q: %d problems told", c.text, len(bad))
		}
		for i, part := range strings.Split(c.want, "; ") {
			text := ""
			if i < len(bad) {
				if text = bad[i].Error(); bad[i].Line == 0 {
					text = bad[i].Text
				}
			}
			if !strings.Contains(text, part) {
				t.Errorf("%.60q: %v, want %q", c.text, bad, part)
			}
		}
	}
	if _, bad := ParseWishes([]byte("name\n" + strings.Repeat("a.id\n", maxNamesFile/4))); len(bad) != 1 {
		t.Errorf("a list of more than %d bytes: %d problems", maxNamesFile, len(bad))
	}
}

// TestWishExamples holds the examples of docs/formats.md to the parser.
func TestWishExamples(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "formats.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(doc), "\n## Lists of names\n")
	if !found {
		t.Fatal("docs/formats.md does not say how names are listed")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	for _, lang := range []string{"csv", "json"} {
		_, text, _ := strings.Cut(section, "```"+lang+"\n")
		text, _, _ = strings.Cut(text, "```")
		if list, bad := ParseWishes([]byte(text)); len(bad) > 0 || len(list) != 3 {
			t.Errorf("%s: %d names, %v", lang, len(list), bad)
		}
	}
}

// FuzzList reads whatever it is given, within bounds.
func FuzzList(f *testing.F) {
	for _, s := range []string{"name\na.id\n", "name,owner,profile_url,zonefile,renew_within\na.id,0,https://a.example/,,60d\n",
		`{"schema":"blockstack/names/v1","names":[{"name":"a.id","renew_within":"8w"}]}`, "name\n\"a.id", "{"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, bad := ParseWishes(raw)
		if len(bad) > maxListErrors+1 || len(bad) == 0 && (len(list) == 0 || len(list) > maxWishes) {
			t.Fatalf("%d names, %d problems", len(list), len(bad))
		}
		for _, w := range list {
			if w.Name.IsZero() || w.Line < 1 || w.Renew < 0 || w.Renew > maxRenew || w.URL != "" && w.File != "" {
				t.Fatalf("%+v", w)
			}
			if w.URL != "" {
				if _, err := w.zoneFile(""); err != nil {
					t.Fatalf("%+v: %v", w, err)
				}
			}
		}
		if len(bad) > 0 && listFault("names.csv", bad) == nil {
			t.Fatal("problems that nobody is told of")
		}
	})
}

// TestListFault tells every problem of a list, in the order of its lines.
func TestListFault(t *testing.T) {
	err := listFault("names.csv", []lineError{{3, "third"}, {9, "ninth"}, {5, "fifth"}})
	if want := "names.csv: line 3: third; line 5: fifth; line 9: ninth"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if err := listFault("names.csv", make([]lineError, shownErrors+2)); err == nil || !strings.HasSuffix(err.Error(), "(and 2 more)") {
		t.Errorf("%v does not count the rest", err)
	}
	if err := listFault("names.csv", nil); err != nil {
		t.Error(err)
	}
}
