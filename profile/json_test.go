package profile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCheckJSON(t *testing.T) {
	good := []string{
		`{}`, `[]`, ` [ ] `, `null`, `true`, `false`, `0`, `-0`, `-1.5e+10`, `1E5`, `""`, `"\u0041\"\\\/\b\f\n\r\t"`, `"\ud800"`, `"日本🦊"`,
		`{"a":1,"b":[1,2,{"a":1}],"":null}`, "\t{\n\"a\" : 1 }\r\n", `{"a":{"a":{"a":1}}}`, strings.Repeat("[", 64) + strings.Repeat("]", 64),
	}
	for _, s := range good {
		if err := checkJSON([]byte(s)); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	bad := []string{
		``, ` `, `{`, `}`, `[1,]`, `{"a":1,}`, `{"a"}`, `{"a":}`, `{a:1}`, `{'a':1}`, `01`, `+1`, `1.`, `.5`, `1e`, `-`, `0x1`, `NaN`, `Infinity`, `tru`,
		`"`, `"\x"`, `"\u12"`, "\"\n\"", "\"\x00\"", `"a" "b"`, `{}{}`, `{} x`, "\xef\xbb\xbf{}", "\"\xff\"", "\"\xed\xa0\x80\"", "\x00", `// c`, `[1 2]`, "\f1",
		`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `[{"x":{"k":1,"k":1}}]`, `{"\\":1,"\u005c":2}`, `{"\"":1,"\u0022":1}`,
		strings.Repeat("[", 66) + strings.Repeat("]", 66), strings.Repeat("[", 1<<20), strings.Repeat(`{"a":`, 1<<18),
	}
	for _, s := range bad {
		if err := checkJSON([]byte(s)); err == nil {
			t.Errorf("%.60s: accepted", s)
		}
	}
	// Keys that only look alike are different.
	for _, s := range []string{`{"a":1,"A":2}`, `{"\\u0061":1,"a":2}`, `{"\\\\":1,"\\":2}`, `{"\"a\"":1,"a":2}`} {
		if err := checkJSON([]byte(s)); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// Twice the same key is found among any number of keys, wherever the two stand.
func TestCheckJSONManyKeys(t *testing.T) {
	for _, n := range []int{1, 2, 15, 16, 17, 18, 100, 5000} {
		var members []string
		for i := range n {
			members = append(members, fmt.Sprintf(`"k%d":%d`, i, i))
		}
		if err := checkJSON([]byte("{" + strings.Join(members, ",") + "}")); err != nil {
			t.Fatalf("%d keys: %v", n, err)
		}
		for range 20 {
			i, at := rand.IntN(n), rand.IntN(n+1)
			twice := slices.Insert(slices.Clone(members), at, fmt.Sprintf(`"\u006b%d":0`, i))
			if err := checkJSON([]byte("{" + strings.Join(twice, ",") + "}")); err == nil {
				t.Fatalf("%d keys: k%d again at %d: accepted", n, i, at)
			}
		}
	}
}

// What the scanner accepts the standard library accepts too, and a split object is the object.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,{"b":"\u00e9"}]}`, `[{"x":1e5},"\\"]`, `{"\u0061":1,"b":{}}`, `"\ud83e\udd8a"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if checkJSON(b) != nil {
			return
		}
		if !json.Valid(b) || !utf8.Valid(b) {
			t.Fatal("accepted what is no JSON")
		}
		if fields, isObject := splitObject(b); isObject {
			if got := joinObject(fields); !bytes.Equal(compact(got), compact(b)) {
				t.Fatalf("joined %s", got)
			}
		}
		fields, _ := splitObject(b)
		collected, err := checkObject(b)
		if (err == nil) != (fields != nil) || !bytes.Equal(joinObject(fields), joinObject(collected)) {
			t.Fatalf("one pass collects %s, two split %s (%v)", joinObject(collected), joinObject(fields), err)
		}
		if elems, isArray := splitArray(b); isArray {
			if got := joinArray(elems); !bytes.Equal(compact(got), compact(b)) {
				t.Fatalf("joined %s", got)
			}
		}
		if s, isText := text(bytes.TrimSpace(b)); isText {
			quoted := quoteJSON(s)
			if err := checkJSON(quoted); err != nil {
				t.Fatalf("quoted %s: %v", quoted, err)
			}
			if again, _ := text(quoted); again != s {
				t.Fatalf("quoted %q, unquoted %q", s, again)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"@type":"Person","name":"A B","account":[{"service":"bitcoin","identifier":"1"}],"image":[{}],"x":{"y":[1e400]}}`))
	f.Add([]byte(`{"twitter":{"username":"a"},"auth":[{"publicKeychain":"x"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := Parse(raw)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Fatalf("error %v does not wrap ErrMalformed", err)
			}
			return
		}
		written, _ := p.MarshalJSON()
		if !bytes.Equal(written, compact(raw)) {
			t.Fatalf("%s is written as %s", raw, written)
		}
		p.Display()
		p.Accounts()
		_, _ = Payee(p)
		converted, _ := FromLegacy(p).MarshalJSON()
		if err := checkJSON(converted); err != nil {
			t.Fatalf("converted to %s: %v", converted, err)
		}
		// An edit changes what it says and nothing else.
		edited := p.Clone()
		for _, path := range []string{"name", "account.twitter", "payment.bitcoin", "key.ssh", "image.avatar", "website", "address.postalCode", "apps.https://a.b"} {
			if edited.Set(path, "x\u2028\"") != nil {
				continue
			}
			if got, found := edited.Get(path); !found || got != "x\u2028\"" {
				t.Fatalf("%s: got %q, %v", path, got, found)
			}
			b, _ := edited.MarshalJSON()
			if err := checkJSON(b); err != nil {
				t.Fatalf("%s: %v in %s", path, err, b)
			}
		}
		if untouched, _ := p.MarshalJSON(); !bytes.Equal(untouched, written) {
			t.Fatal("editing a clone changed the profile")
		}
	})
}
