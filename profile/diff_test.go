package profile

import (
	"fmt"
	"strings"
	"testing"
)

func show(changes []Change) string {
	var lines []string
	for _, c := range changes {
		lines = append(lines, fmt.Sprintf("%s: %s -> %s", c.Path, c.Old, c.New))
	}
	return strings.Join(lines, "\n")
}

func TestDiff(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`{}`, `{}`, ``},
		{messy, messy, ``},
		{`{"name":"A"}`, `{"name":"B","x":1}`, `name: "A" -> "B"` + "\n" + `x:  -> 1`},
		{`{"name":"A"}`, `{}`, `name: "A" -> `},
		{`{"a":{"b":1,"c":2}}`, `{"a":{"b":1,"c":3}}`, `a.c: 2 -> 3`},
		{`{"n":1}`, `{"n":1.0}`, `n: 1 -> 1.0`},
		{`{"account":[{"service":"t","identifier":"a"}]}`, `{"account":[{"service":"t","identifier":"b"},{"service":"bitcoin","role":"payment","identifier":"1"}]}`,
			`account.t.identifier: "a" -> "b"` + "\n" + `payment.bitcoin:  -> {"service":"bitcoin","role":"payment","identifier":"1"}`},
		{`{"account":[{"service":"t"},{"service":"u"}]}`, `{"account":[{"service":"u"}]}`, `account.t: {"service":"t"} -> `},
		{`{"account":[{"service":"t","i":1},{"service":"t","i":2}]}`, `{"account":[{"service":"t","i":1},{"service":"t","i":3}]}`, `account[1].i: 2 -> 3`},
		{`{"image":[{"name":"avatar","contentUrl":"1"}]}`, `{"image":[{"name":"avatar","contentUrl":"2"}]}`, `image.avatar.contentUrl: "1" -> "2"`},
		{`{"knows":["a","b"]}`, `{"knows":["a","c","d"]}`, `knows[1]: "b" -> "c"` + "\n" + `knows[2]:  -> "d"`},
		{`{"image":[{"name":"a"},{"name":"b"}]}`, `{"image":[{"name":"b"},{"name":"a"}]}`, `image: [{"name":"a"},{"name":"b"}] -> [{"name":"b"},{"name":"a"}]`},
		{`{"a":1,"b":2}`, `{"b":2,"a":1}`, `: {"a":1,"b":2} -> {"b":2,"a":1}`},
		{`{"a":{"x":1,"y":2}}`, `{"a":{"y":2,"x":1}}`, `a: {"x":1,"y":2} -> {"y":2,"x":1}`},
		{`{"a":[]}`, `{"a":{}}`, `a: [] -> {}`},
	} {
		if have := show(Diff(parse(t, c.old), parse(t, c.new))); have != c.want {
			t.Errorf("%s to %s:\nhave %s\nwant %s", c.old, c.new, have, c.want)
		}
	}
}

// No change between two documents means the same bytes, and the other way round.
func FuzzDiff(f *testing.F) {
	f.Add(messy, messy)
	f.Add(`{"a":1,"b":2}`, `{"b":2,"a":1}`)
	f.Add(`{"image":[{"name":"a"},{"name":"a"},{"name":"a[1]"}]}`, `{"image":[{"name":"a"},{"name":"a","x":1},{"name":"a[1]"}]}`)
	f.Add(`{"a":1}`, `{"\u0061":1}`)
	f.Add(`{"account":[{"service":"t"},{"service":"t"}]}`, `{"account":[{"service":"t"}]}`)
	f.Fuzz(func(t *testing.T, a, b string) {
		p, err := Parse([]byte(a))
		if err != nil {
			return
		}
		q, err := Parse([]byte(b))
		if err != nil {
			return
		}
		if changes := Diff(p, q); (len(changes) == 0) != p.Equal(q) {
			t.Fatalf("%d changes between\n%s\n%s", len(changes), written(p), written(q))
		}
	})
}
