package profile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
)

// makeHistory signs n versions and links them.
func makeHistory(t testing.TB, n int, seed byte) (lines [][]byte, heads []Head) {
	t.Helper()
	key := testKey(seed)
	head := Head{}
	for i := range n {
		p := New(Person)
		if err := p.Set("name", fmt.Sprintf("version %d", i+1)); err != nil {
			t.Fatal(err)
		}
		at := now.Add(time.Duration(i) * time.Minute)
		line, next, err := NextVersion(context.Background(), head, issue(t, key, p, at), lowSigner{key}, at)
		if err != nil {
			t.Fatal(err)
		}
		lines, heads, head = append(lines, line), append(heads, next), next
	}
	return lines, heads
}

func TestHistory(t *testing.T) {
	ctx := context.Background()
	lines, heads := makeHistory(t, 5, 1)
	v := &Verifier{Owner: ownerOf(t, testKey(1))}
	all := bytes.Join(lines, nil)
	n := 0
	for version, err := range ReadHistory(ctx, bytes.NewReader(all), v) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		name, _ := version.Token.Unverified().Text("name")
		if version.Seq != uint64(n) || name != fmt.Sprintf("version %d", n) || !version.LinkedAt.Equal(now.Add(time.Duration(n-1)*time.Minute)) ||
			version.Head() != heads[n-1] {
			t.Errorf("%d: %+v", n, version)
		}
	}
	if n != 5 {
		t.Errorf("%d versions", n)
	}
	for i, since := range append([]Head{{}}, heads...) {
		if head, err := CheckHistory(ctx, bytes.NewReader(all), v, since); err != nil || head != heads[4] {
			t.Errorf("since %d: %v, %v", i, head, err)
		}
	}
	// The end cut off is noticed by whoever remembers it.
	short := bytes.Join(lines[:3], nil)
	if _, err := CheckHistory(ctx, bytes.NewReader(short), v, heads[2]); err != nil {
		t.Error(err)
	}
	if _, err := CheckHistory(ctx, bytes.NewReader(short), v, heads[3]); !errors.Is(err, ErrBadHistory) {
		t.Errorf("cut off after what was seen: %v", err)
	}
	if head, err := CheckHistory(ctx, bytes.NewReader(nil), v, Head{}); err != nil || head != (Head{}) {
		t.Errorf("empty: %v, %v", head, err)
	}
	if _, err := CheckHistory(ctx, bytes.NewReader(all), &Verifier{Owner: ownerOf(t, testKey(2))}, Head{}); !errors.Is(err, ErrBadHistory) {
		t.Errorf("of another owner: %v", err)
	}
	if _, _, err := NextVersion(ctx, Head{}, issue(t, testKey(1), New(Person), now), lowSigner{testKey(2)}, now); !errors.Is(err, ErrSigner) {
		t.Errorf("linked by another key: %v", err)
	}
}

func TestHistoryThatWasTamperedWith(t *testing.T) {
	ctx := context.Background()
	lines, heads := makeHistory(t, 4, 1)
	others, _ := makeHistory(t, 4, 2)
	v := &Verifier{Owner: ownerOf(t, testKey(1))}
	linkOf := func(line []byte) string {
		link, _, err := splitHistoryLine(bytes.TrimSuffix(line, []byte("\n")))
		if err != nil {
			t.Fatal(err)
		}
		return link
	}
	_, token2, _ := splitHistoryLine(bytes.TrimSuffix(lines[1], []byte("\n")))
	for what, tampered := range map[string][][]byte{
		"first left out":       lines[1:],
		"one left out":         {lines[0], lines[2], lines[3]},
		"two exchanged":        {lines[0], lines[2], lines[1], lines[3]},
		"one twice":            {lines[0], lines[1], lines[1]},
		"another owner's":      {lines[0], others[1]},
		"token of another":     {append(textObject("link", linkOf(lines[0]), "token", token2), '\n')},
		"link of another":      {append(textObject("link", linkOf(others[0]), "token", token2), '\n')},
		"profile as link":      {append(textObject("link", token2, "token", token2), '\n')},
		"empty line":           {lines[0], []byte("\n"), lines[1]},
		"white space":          {bytes.Replace(lines[0], []byte(","), []byte(", "), 1)},
		"extra member":         {bytes.Replace(lines[0], []byte("}"), []byte(`,"x":1}`), 1)},
		"no line feed":         {lines[0], bytes.TrimSuffix(lines[1], []byte("\n"))},
		"cut off":              {lines[0], lines[1][:100]},
		"not JSON":             {[]byte("x\n")},
		"far too long, no end": {bytes.Repeat([]byte("x"), maxHistoryLine+1)},
	} {
		_, err := CheckHistory(ctx, bytes.NewReader(bytes.Join(tampered, nil)), v, Head{})
		var bad *HistoryError
		if !errors.As(err, &bad) || !errors.Is(err, ErrBadHistory) {
			t.Errorf("%s: error %v", what, err)
		}
	}
	// Everybody can turn the S of a signature around; that changes no link and no head.
	link := &signed{}
	if _, err := link.parse([]byte(linkOf(lines[3]))); err != nil {
		t.Fatal(err)
	}
	var s btcec.ModNScalar
	s.SetByteSlice(link.signature[32:])
	s.Negate().PutBytesUnchecked(link.signature[32:])
	turned := link.raw[:strings.LastIndexByte(link.raw, '.')+1] + strictBase64.EncodeToString(link.signature[:])
	_, token4, _ := splitHistoryLine(bytes.TrimSuffix(lines[3], []byte("\n")))
	same := bytes.Join(append(append([][]byte{}, lines[:3]...), append(textObject("link", turned, "token", token4), '\n')), nil)
	if head, err := CheckHistory(ctx, bytes.NewReader(same), v, heads[3]); err != nil || head != heads[3] || turned == link.raw {
		t.Errorf("S turned around: %v, %v", head, err)
	}
	// Any flipped bit.
	all := bytes.Join(lines[:2], nil)
	step := 61
	if testing.Short() {
		step = 101
	}
	for bit := 0; bit < 8*len(all); bit += step {
		all[bit/8] ^= 1 << (bit % 8)
		if _, err := CheckHistory(ctx, bytes.NewReader(all), v, Head{}); err == nil {
			t.Errorf("bit %d flipped: accepted", bit)
		}
		all[bit/8] ^= 1 << (bit % 8)
	}
}

func FuzzReadHistory(f *testing.F) {
	lines, _ := makeHistory(f, 3, 1)
	f.Add(string(bytes.Join(lines, nil)))
	f.Add(string(lines[0]))
	f.Add("{}\n")
	v := &Verifier{Owner: ownerOf(f, testKey(1))}
	f.Fuzz(func(t *testing.T, text string) {
		var seq uint64
		for version, err := range ReadHistory(context.Background(), strings.NewReader(text), v) {
			if err != nil {
				if !errors.Is(err, ErrBadHistory) {
					t.Fatalf("error %v does not wrap ErrBadHistory", err)
				}
				return
			}
			if seq++; version.Seq != seq {
				t.Fatalf("version %d after %d", version.Seq, seq-1)
			}
		}
	})
}
