package keyfile

import (
	"strings"
	"testing"
	"time"

	"blockstack/wallet/secret"
)

// TestFallsWithin: what is guessed first falls at once, what dice made does not.
func TestFallsWithin(t *testing.T) {
	const hour, day, year = time.Hour, 24 * time.Hour, 365 * 24 * time.Hour
	for _, c := range []struct {
		password string
		from, to time.Duration
	}{
		{"", 0, time.Second},
		{"a", 0, time.Second},
		{"pw", 0, time.Second},
		{"password", 0, time.Second},
		{"P4ssw0rd", 0, time.Second},
		{"password1", 0, time.Minute},
		{"12345678", 0, time.Second},
		{"aaaaaaaaaaaaaaaa", 0, time.Second},
		{"abcabcabcabc", 0, time.Minute},
		{"qwertyuiop", 0, time.Second},
		{"19841984", 0, time.Minute},
		{"24121987", 0, time.Minute},
		{"correct horse", 0, day},
		{"horse2019!", 0, 10 * day},
		{"banana", 0, hour},
		{"x7$kQ", 0, 30 * day},
		{"x7$kQp2!vRm9", 50 * year, 201 * year},
		{"correct horse battery staple lake onion", 2 * year, 201 * year},
		{"marble-orbit-velvet-canyon-thunder-walnut", 50 * year, 201 * year},
		{"xkqzvbnwpltrhg", 50 * year, 201 * year},
		{strings.Repeat("z", 4096), 0, time.Second},
		{"\u00e4\u00f6\u00fc\u00df\u4e2d\u6587\u5bc6\u7801\u043f\u0430", 50 * year, 201 * year},
		{"\xff\xfe\xfd", 0, 30 * day},
	} {
		if got := DefaultCost().FallsWithin(typed(c.password)); got < c.from || got > c.to {
			t.Errorf("%.40q: %v, want %v to %v (2^%.1f guesses)", c.password, got, c.from, c.to, guesses(typed(c.password)))
		}
	}
	if weak, strong := TestCost().FallsWithin(typed("horse2019!")), DefaultCost().FallsWithin(typed("horse2019!")); weak*50 > strong {
		t.Errorf("a cheap try does not make it fall faster: %v, %v", weak, strong)
	}
}

// FuzzFallsWithin: any bytes are judged, in bounded time, and more of them are never weaker by
// much.
func FuzzFallsWithin(f *testing.F) {
	for _, s := range []string{"", "pw", "P4ssw0rd", "abcabcabc", "\xff", "\u00e4", strings.Repeat("ab", 100)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > secret.MaxLine {
			return
		}
		got := DefaultCost().FallsWithin(secret.Copy(b))
		if got < 0 {
			t.Errorf("%v", got)
		}
	})
}
