package secret

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

const canary = "correct-horse-battery"

// forms are the ways the canary could show in text.
func forms() []string {
	dec := fmt.Sprint([]byte(canary))
	goSyntax := fmt.Sprintf("%#v", []byte(canary))
	return []string{
		canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), fmt.Sprintf("% x", canary),
		strings.Trim(dec, "[]"), goSyntax[strings.Index(goSyntax, "{")+1 : len(goSyntax)-1],
		fmt.Sprintf("%q", canary), "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5", fmt.Sprintf("%o", []byte(canary)), fmt.Sprintf("%b", []byte(canary)),
	}
}

func clean(t *testing.T, what, out string) {
	t.Helper()
	for _, f := range forms() {
		if strings.Contains(out, f) {
			t.Errorf("%s shows the secret: %s", what, out)
		}
	}
}

// The check itself must be able to fail.
func TestCanaryIsFound(t *testing.T) {
	type open struct{ b []byte }
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%X", "% x", "%d", "%o", "%b", "%s", "%q"} {
		out := fmt.Sprintf(verb, open{[]byte(canary)})
		found := false
		for _, f := range forms() {
			found = found || strings.Contains(out, f)
		}
		if !found {
			t.Errorf("%s: the check would miss %s", verb, out)
		}
	}
}

func TestNoVerbShowsIt(t *testing.T) {
	s := New([]byte(canary))
	type inner struct {
		S *Bytes
		V Bytes
	}
	type outer struct {
		exported   inner
		S          *Bytes
		pointer    *Bytes
		value      Bytes
		list       []*Bytes
		m          map[string]Bytes
		array      [1]Bytes
		face       any
		faceValue  any
		deepStruct *inner
	}
	in := inner{s, *s}
	out := outer{in, s, s, *s, []*Bytes{s}, map[string]Bytes{"k": *s}, [1]Bytes{*s}, s, *s, &in}
	values := map[string]any{
		"pointer": s, "value": *s, "inner": in, "inner pointer": &in, "outer": out, "outer pointer": &out,
		"slice": []*Bytes{s}, "value slice": []Bytes{*s}, "map": map[string]*Bytes{"k": s}, "any": []any{s, *s},
		"pointer to pointer": &s, "error": fmt.Errorf("with %v and %s", s, *s),
	}
	verbs := "vsdTtbcoOqxXUeEfFgGpw"
	for name, v := range values {
		for _, verb := range verbs {
			for _, flag := range []string{"", "+", "#", " ", "0", "-", "10", ".3", "+#", "# "} {
				format := "%" + flag + string(verb)
				clean(t, name+" "+format, fmt.Sprintf(format, v))
			}
		}
		clean(t, name+" Sprint", fmt.Sprint(v))
		clean(t, name+" Sprintln", fmt.Sprintln(v))
		clean(t, name+" Errorf", fmt.Errorf("x: %v %+v %#v", v, v, v).Error())
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", "k", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "k", v)
		clean(t, name+" slog", log.String())
	}
	for _, got := range []string{fmt.Sprint(s), fmt.Sprintf("%x", *s), fmt.Sprintf("%#v", s), s.String(), s.GoString()} {
		if got != Placeholder {
			t.Errorf("printed as %q", got)
		}
	}
}

func TestMarshalRefused(t *testing.T) {
	s := New([]byte(canary))
	for name, v := range map[string]any{
		"pointer": s, "value": *s, "field": struct{ S *Bytes }{s}, "value field": struct{ S Bytes }{*s},
		"slice": []*Bytes{s}, "map": map[string]Bytes{"k": *s},
	} {
		b, err := json.Marshal(v)
		if !errors.Is(err, ErrMarshal) {
			t.Errorf("json %s: %v", name, err)
		}
		clean(t, "json "+name, string(b))
		if err != nil {
			clean(t, "json error "+name, err.Error())
		}
		var buf bytes.Buffer
		if err := gob.NewEncoder(&buf).Encode(v); err == nil {
			t.Errorf("gob %s: encoded", name)
		}
		clean(t, "gob "+name, buf.String())
	}
	if b, err := xml.Marshal(struct{ S *Bytes }{s}); err == nil {
		t.Errorf("xml: %s", b)
	}
	if _, err := s.MarshalText(); !errors.Is(err, ErrMarshal) {
		t.Error(err)
	}
	if _, err := s.MarshalBinary(); !errors.Is(err, ErrMarshal) {
		t.Error(err)
	}
	if _, err := s.MarshalYAML(); !errors.Is(err, ErrMarshal) {
		t.Error(err)
	}
}

func TestNotComparable(t *testing.T) {
	if reflect.TypeFor[Bytes]().Comparable() {
		t.Error("Bytes can be compared with ==")
	}
}

func TestWipe(t *testing.T) {
	raw := []byte(canary)
	s := New(raw)
	other := *s
	c := s.Clone()
	s.Wipe()
	s.Wipe()
	if !bytes.Equal(raw, make([]byte, len(raw))) {
		t.Errorf("not zeroed: %q", raw)
	}
	if s.Len() != 0 || other.Len() != 0 {
		t.Error("bytes are still there after Wipe")
	}
	if c.Len() != len(canary) {
		t.Error("the clone was wiped too")
	}
	if s.Equal(c) || !c.Equal(Copy([]byte(canary))) || !c.Equal(c) {
		t.Error("Equal is wrong")
	}
	var zero Bytes
	zero.Wipe()
	zero.Use(func(b []byte) {
		if b != nil {
			t.Error("zero value is not empty")
		}
	})
	var none *Bytes
	none.Wipe()
	if none.Len() != 0 || none.Clone().Len() != 0 {
		t.Error("nil is not empty")
	}
}

func TestReadLine(t *testing.T) {
	for _, c := range []struct {
		in, want, rest string
		err            error
	}{
		{"one\ntwo\n", "one", "two\n", nil},
		{"one\r\ntwo", "one", "two", nil},
		{"one", "one", "", nil},
		{" a b ", " a b ", "", nil},
		{"\n", "", "", nil},
		{"", "", "", io.ErrUnexpectedEOF},
		{strings.Repeat("x", MaxLine) + "\n", strings.Repeat("x", MaxLine), "", nil},
		{strings.Repeat("x", MaxLine+1) + "\n", "", "\n", ErrTooLong},
		{strings.Repeat("x", 3*MaxLine), "", "", ErrTooLong},
	} {
		r := strings.NewReader(c.in)
		got, err := ReadLine(r)
		if !errors.Is(err, c.err) {
			t.Errorf("%.20q: %v", c.in, err)
			continue
		}
		if err != nil {
			continue
		}
		got.Use(func(b []byte) {
			if string(b) != c.want {
				t.Errorf("%.20q: got %.20q", c.in, b)
			}
		})
		rest, _ := io.ReadAll(r)
		if string(rest) != c.rest {
			t.Errorf("%.20q: left %.20q", c.in, rest)
		}
	}
	if _, err := ReadLine(iotest.ErrReader(io.ErrClosedPipe)); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}
