package txbuilder

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
)

func TestParseAmount(t *testing.T) {
	good := map[string]btcutil.Amount{
		"0": 0, "0.0": 0, "1": 1e8, "0.01": 1e6, "0.00000001": 1, "21000000": 21e14, "21000000.00000000": 21e14,
		"00.10": 1e7, "20999999.99999999": 21e14 - 1, "1.5": 15e7,
	}
	for text, want := range good {
		if got, err := ParseAmount(text); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", ".", ".5", "5.", "-1", "+1", "1e3", "0x10", "1,5", "1 000", " 1", "1 ", "0.000000001", "21000000.00000001", "21000001",
		"99999999999999999999999999", "1.2.3", "BTC", "1BTC", "٣", "1.", "NaN", "Inf", strings.Repeat("0", 33), strings.Repeat("9", 1<<16),
	} {
		got, err := ParseAmount(text)
		var bad *BadAmount
		if !errors.Is(err, ErrBadAmount) || !errors.As(err, &bad) || got != 0 {
			t.Errorf("%.40q: %d, %v, want a refusal", text, got, err)
		} else if len(bad.Text) > 64 {
			t.Errorf("%.40q: the error repeats %d bytes", text, len(bad.Text))
		}
	}
}

func TestFormatAmount(t *testing.T) {
	for a, want := range map[btcutil.Amount]string{0: "0.00000000 BTC", 125500: "0.00125500 BTC", -1: "-0.00000001 BTC", 21e14: "21000000.00000000 BTC"} {
		if got := FormatAmount(a); got != want {
			t.Errorf("%d: %q, want %q", a, got, want)
		}
	}
}

func TestParseFeeRate(t *testing.T) {
	for text, want := range map[string]FeeRate{"1": 1000, "1.5": 1500, "2000": 2_000_000, "12.345": 12345} {
		if got, err := ParseFeeRate(text); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "0.999", "2000.001", "-1", "1e2", "1.", ".5", "1.0000", "99999999999999999999"} {
		if got, err := ParseFeeRate(text); !errors.Is(err, ErrBadRate) {
			t.Errorf("%q: %d, %v, want a refusal", text, got, err)
		}
	}
	if s := FeeRate(12340).String(); s != "12.34 sat/vB" {
		t.Errorf("12340 sat/kvB is shown as %s", s)
	}
}

// FuzzParseAmount holds the parser to an exact rational and to its own output.
func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"0.01", "21000000", "0.000000001", ".", "1e8", "-0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAmount(s)
		if err != nil {
			if !errors.Is(err, ErrBadAmount) {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if a < 0 || a > btcutil.MaxSatoshi {
			t.Fatalf("%q: %d", s, a)
		}
		exact, ok := new(big.Rat).SetString(s)
		if !ok || exact.Mul(exact, big.NewRat(1e8, 1)).Cmp(new(big.Rat).SetInt64(int64(a))) != 0 {
			t.Fatalf("%q: %d is not the same number", s, a)
		}
		again, err := ParseAmount(strings.TrimSuffix(FormatAmount(a), " BTC"))
		if err != nil || again != a {
			t.Fatalf("%q: written and read back: %d, %v", s, again, err)
		}
	})
}
