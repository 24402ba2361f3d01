package names

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, reason string }{
		{"alice.id", ""},
		{"a.b", ""},
		{"-_0.9", ""},
		{strings.Repeat("a", 34) + ".id", ""},
		{"a." + strings.Repeat("b", 19), ""},
		{"", "it is empty"},
		{"alice", "it has no dot; a name is label.namespace"},
		{"bob.alice.id", "it has more than one dot"},
		{".id", "nothing stands before the dot"},
		{"alice.", "nothing stands after the dot"},
		{"Alice.id", "upper-case letters are not allowed"},
		{"alice.ID", "upper-case letters are not allowed"},
		{"ali ce.id", "only a-z, 0-9, - and _ are allowed"},
		{"alice+.id", "only a-z, 0-9, - and _ are allowed"},
		{"alice.id\n", "only a-z, 0-9, - and _ are allowed"},
		{"älice.id", "only a-z, 0-9, - and _ are allowed"},
		{"a." + strings.Repeat("b", 20), "its namespace is longer than 19 characters"},
		{strings.Repeat("a", 35) + ".id", "it is longer than 37 characters"},
	} {
		n, err := Parse(c.text)
		var bad *BadNameError
		switch {
		case c.reason == "" && (err != nil || n.String() != c.text || n.Label()+"."+n.Namespace().String() != c.text):
			t.Errorf("%q: %q, %v", c.text, n, err)
		case c.reason != "" && (!errors.As(err, &bad) || bad.Reason != c.reason || bad.Text != c.text || !n.IsZero()):
			t.Errorf("%q: %q, %v, want %q", c.text, n, err, c.reason)
		}
	}
	if _, err := Parse(strings.Repeat("\x1b", 1000)); len(err.Error()) > 500 || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("error shows hostile text: %q", err)
	}
}

func TestNameText(t *testing.T) {
	in := struct{ A, B Name }{A: Name{label: "alice", space: "id"}}
	b, err := json.Marshal(in)
	if err != nil || string(b) != `{"A":"alice.id","B":""}` {
		t.Errorf("%s, %v", b, err)
	}
	out := in
	out.A = Name{}
	if err := json.Unmarshal(b, &out); err != nil || out != in {
		t.Errorf("%+v, %v", out, err)
	}
	if err := json.Unmarshal([]byte(`{"A":"Alice.id"}`), &out); !errors.Is(err, ErrBadName) || out != in {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestHashText(t *testing.T) {
	type hashes struct {
		Z ZoneFileHash
		C ConsensusHash
		P PreorderHash
	}
	in := hashes{ZoneFileHash{1}, ConsensusHash{2}, PreorderHash{3}}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out hashes
	if err := json.Unmarshal(b, &out); err != nil || out != in {
		t.Errorf("%s: %+v, %v", b, out, err)
	}
	if out.Z.IsZero() || out.C.IsZero() || out.P.IsZero() || !(hashes{}).Z.IsZero() || !(hashes{}).C.IsZero() || !(hashes{}).P.IsZero() {
		t.Error("IsZero")
	}
	for _, text := range []string{"", "0", strings.Repeat("0", 31), strings.Repeat("0", 33), strings.Repeat("g", 32)} {
		if h, err := ParseConsensusHash(text); !errors.Is(err, ErrBadHash) || !h.IsZero() {
			t.Errorf("%q: %s, %v", text, h, err)
		}
	}
	if h, err := ParseConsensusHash("17AC43c1d8549c3181b200f1bf97eb7d"); err != nil || h != genesisConsensus() {
		t.Errorf("%s, %v", h, err)
	}
	if _, err := ParseZoneFileHash(in.Z.String()); err != nil {
		t.Error(err)
	}
	if _, err := ParsePreorderHash(in.P.String()); err != nil {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"alice.id", "a.b.c", "a.id\n", "\n.id", "A.id", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := Parse(s)
		if err != nil {
			if !errors.Is(err, ErrBadName) || !n.IsZero() {
				t.Errorf("%q: %q, %v", s, n, err)
			}
			if ValidName([]byte(s)) && !strings.Contains(s, "\n") {
				t.Errorf("%q: ValidName accepts what Parse refuses: %v", s, err)
			}
			return
		}
		if n.String() != s || !ValidName([]byte(s)) {
			t.Errorf("%q reads back as %q", s, n)
		}
		if id, err := ParseNamespaceID(n.Namespace().String()); err != nil || id != n.Namespace() {
			t.Errorf("%q: namespace: %v", s, err)
		}
	})
}
