package namespaces

import (
	"os"
	"strings"
	"testing"
)

// importsExample is the list that docs/formats.md shows.
func importsExample(t testing.TB) string {
	t.Helper()
	doc, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(doc), "## Names to import")
	_, rest, ok2 := strings.Cut(rest, "```csv\n")
	text, _, ok3 := strings.Cut(rest, "```")
	if !ok || !ok2 || !ok3 {
		t.Fatal("docs/formats.md shows no list of names to import")
	}
	return text
}

func TestParseImports(t *testing.T) {
	rows, err := ParseImports([]byte(importsExample(t)), "id")
	if err != nil || len(rows) != 3 || rows[0].Name.String() != "alice.id" || rows[0].Owner != "0" || rows[2].URL != "https://carol.example/p.json" {
		t.Fatalf("%+v, %v", rows, err)
	}
	const h = "00112233445566778899aabbccddeeff00112233"
	rows, err = ParseImports([]byte("name,owner,zonefile_hash\r\nbob.id,1,"+h+"\r\n"), "id")
	if err != nil || len(rows) != 1 || rows[0].Hash.String() != h {
		t.Fatalf("%+v, %v", rows, err)
	}
	for text, want := range map[string]string{
		"":                                     "line 1",
		"alice.id,0,https://a.example/\n":      "line 1",
		"name,owner,profile_url\n":             "no names",
		"name,owner,profile_url\nalice.id,0\n": "wrong number of fields",
		"name,owner,profile_url\nalice.id,0,https://a.example/,x\n":                                                 "wrong number of fields",
		"name,owner,profile_url\nalice.id,0,ftp://a\n":                                                              "line 2",
		"name,owner,profile_url\nAlice.id,0,https://a.example/\n":                                                   "line 2",
		"name,owner,profile_url\nalice.app,0,https://a.example/\n":                                                  "not in namespace id",
		"name,owner,profile_url\nalice.id,,https://a.example/\n":                                                    "no owner",
		"name,owner,profile_url\na.id,0,https://a.example/\nb.id,0,https://a.example/\na.id,0,https://a.example/\n": "line 4: a.id stands in line 2",
		"name,owner,zonefile_hash\nalice.id,0,0011\n":                                                               "line 2",
	} {
		if _, err := ParseImports([]byte(text), "id"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// FuzzParseImports reads anything; what it takes is in the namespace, once.
func FuzzParseImports(f *testing.F) {
	f.Add([]byte("name,owner,profile_url\nalice.id,0,https://a.example/p.json\n"))
	f.Add([]byte("name,owner,zonefile_hash\nalice.id,\"1\",00112233445566778899aabbccddeeff00112233\n"))
	f.Add([]byte("name,owner\n\"\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		rows, err := ParseImports(b, "id")
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, row := range rows {
			if n := row.Name.String(); seen[n] || !strings.HasSuffix(n, ".id") || row.Owner == "" {
				t.Errorf("%+v", row)
			}
			seen[row.Name.String()] = true
		}
	})
}
