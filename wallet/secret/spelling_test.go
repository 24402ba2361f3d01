package secret

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// TestSpellings: each way to write a password is tried once, the form of our own files first.
func TestSpellings(t *testing.T) {
	for _, c := range []struct {
		name, typed string
		want        []string
	}{
		{"ASCII has one", "correct horse", []string{"correct horse"}},
		{"composed", "p\u00e4ss", []string{"pa\u0308ss", "p\u00e4ss"}},
		{"decomposed", "pa\u0308ss", []string{"pa\u0308ss", "p\u00e4ss"}},
		{"a compatible character", "\u2460", []string{"1", "\u2460"}},
		{"neither form", "\u1e9b\u0323\ufb01", []string{"s\u0323\u0307fi", "\u1e9b\u0323\ufb01", "\u017f\u0323\u0307\ufb01"}},
		{"byte order mark", "\ufeffpw", []string{"pw", "\ufeffpw"}},
		{"not UTF-8", "\xff\xe4", []string{"\xff\xe4"}},
		{"the mark alone", "\ufeff", []string{"", "\ufeff"}},
		{"empty", "", []string{""}},
	} {
		var got []string
		list := Spellings(New([]byte(c.typed)))
		for _, s := range list {
			s.Use(func(b []byte) { got = append(got, string(b)) })
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %+q, want %+q", c.name, got, c.want)
		}
		if len(got) > MaxSpellings {
			t.Errorf("%s: %d spellings", c.name, len(got))
		}
		WipeAll(list)
		for _, s := range list {
			if s.Len() > 0 {
				t.Errorf("%s: a spelling was not wiped", c.name)
			}
		}
	}
}

// TestSpellingDoesNotGrow: the longest characters fit the buffer that was made for them.
func TestSpellingDoesNotGrow(t *testing.T) {
	s := NFKD(New([]byte(strings.Repeat("\ufdfa", 1000))))
	s.Use(func(b []byte) {
		if len(b) != 33*1000 || cap(b) != 3000*longest+64 {
			t.Errorf("%d bytes in a buffer of %d", len(b), cap(b))
		}
	})
}

// FuzzSpellings: the first is NFKD, no two are equal, and what differs only in its Unicode form has
// the same first one.
func FuzzSpellings(f *testing.F) {
	for _, s := range []string{"pw", "p\u00e4ss", "pa\u0308ss", "\ufeffpw", "\u1e9b\u0323", "\ufdfa", "\xff", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > MaxLine {
			return
		}
		list := Spellings(Copy(b))
		if len(list) > MaxSpellings || len(list) == 0 {
			t.Fatalf("%d spellings", len(list))
		}
		other := Spellings(New(norm.NFD.Bytes(norm.NFC.Bytes(b))))
		if n := len(b); n > 0 && n <= 30 && norm.NFC.IsNormal(b) && !list[0].Equal(other[0]) {
			t.Error("the two forms of one password differ in NFKD")
		}
	})
}
