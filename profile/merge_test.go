package profile

import (
	"slices"
	"strings"
	"testing"
)

// TestMerge puts two sides' changes together, and names what both changed.
func TestMerge(t *testing.T) {
	const base = `{"@type":"Person","name":"A","address":{"city":"X","zip":"1"},"account":[{"service":"github","identifier":"a"},{"role":"key","service":"ssh","identifier":"k1"}],"knows":["b"]}`
	for _, c := range []struct{ name, mine, theirs, want, clashes string }{
		{"nothing", base, base, base, ""},
		{"mine alone", `{"@type":"Person","name":"B"}`, base, `{"@type":"Person","name":"B"}`, ""},
		{"theirs alone", base, `{"name":"C"}`, `{"name":"C"}`, ""},
		{"other members", strings.Replace(base, `"A"`, `"B"`, 1), strings.Replace(base, `"Person"`, `"Organization"`, 1),
			strings.NewReplacer(`"A"`, `"B"`, `"Person"`, `"Organization"`).Replace(base), ""},
		{"inside an object", strings.Replace(base, `"X"`, `"Y"`, 1), strings.Replace(base, `"zip":"1"`, `"zip":"2"`, 1),
			strings.NewReplacer(`"X"`, `"Y"`, `"zip":"1"`, `"zip":"2"`).Replace(base), ""},
		{"accounts", strings.Replace(base, `{"role":"key","service":"ssh","identifier":"k1"}`, `{"role":"key","service":"ssh","identifier":"k1"},{"role":"key","service":"ssh","identifier":"k2"}`, 1),
			strings.Replace(base, `{"service":"github","identifier":"a"},`, ``, 1),
			`{"@type":"Person","name":"A","address":{"city":"X","zip":"1"},"account":[{"role":"key","service":"ssh","identifier":"k1"},{"role":"key","service":"ssh","identifier":"k2"}],"knows":["b"]}`, ""},
		{"the same change", strings.Replace(base, `"A"`, `"B"`, 1), strings.Replace(base, `"A"`, `"B"`, 1), strings.Replace(base, `"A"`, `"B"`, 1), ""},
		{"the same member", strings.Replace(base, `"A"`, `"B"`, 1), strings.Replace(base, `"A"`, `"C"`, 1), strings.Replace(base, `"A"`, `"C"`, 1), "name"},
		{"removed and changed", strings.Replace(base, `"name":"A",`, ``, 1), strings.Replace(base, `"A"`, `"C"`, 1), strings.Replace(base, `"A"`, `"C"`, 1), "name"},
		{"lists of anything", strings.Replace(base, `["b"]`, `["b","c"]`, 1), strings.Replace(base, `["b"]`, `["b","d"]`, 1), strings.Replace(base, `["b"]`, `["b","d"]`, 1), "knows"},
		{"two entries of one identity", strings.Replace(base, `"identifier":"a"}`, `"identifier":"a"},{"service":"github","identifier":"a"}`, 1),
			strings.Replace(base, `"identifier":"a"`, `"identifier":"z"`, 1), strings.Replace(base, `"identifier":"a"`, `"identifier":"z"`, 1), "account"},
	} {
		parse := func(text string) *Profile {
			p, err := Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		got, clashes := Merge(parse(base), parse(c.mine), parse(c.theirs))
		if !got.Equal(parse(c.want)) || strings.Join(clashes, ",") != c.clashes {
			t.Errorf("%s: %s, clashes %q; want %s, %q", c.name, got.Indented(), clashes, c.want, c.clashes)
		}
		// Whichever side is called mine, the same things clash.
		if _, other := Merge(parse(base), parse(c.theirs), parse(c.mine)); !slices.Equal(clashes, other) {
			t.Errorf("%s: the other way round %q clash, not %q", c.name, other, clashes)
		}
	}
}
