package hdpath

import (
	"testing"
)

func FuzzParsePath(f *testing.F) {
	for _, s := range []string{"m", "m/44'/0'/0'/0/1", "m/1h", "m/2147483647'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := Parse(s)
		if err != nil {
			return
		}
		q, err := Parse(p.String())
		if err != nil || q.String() != p.String() {
			t.Errorf("%q does not come back", s)
		}
	})
}
