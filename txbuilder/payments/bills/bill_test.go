package bills

import (
	"errors"
	"testing"

	"blockstack/txbuilder"
)

// TestParse reads what stands on a command line.
func TestParse(t *testing.T) {
	const uri = "bitcoin:2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9"
	for _, c := range []struct {
		target, amount string
		want           Bill
	}{
		{"alice.id", "0.01", Bill{Target: "alice.id", Amount: 1_000_000}},
		{"alice.id", "max", Bill{Target: "alice.id", All: true}},
		{uri, "1", Bill{Target: uri[8:], Amount: 100_000_000}},
		{uri + "?amount=0.5&label=L", "", Bill{Target: uri[8:], Amount: 50_000_000, Label: "L"}},
		{uri + "?amount=0.5&label=L&message=M", "0.5", Bill{Target: uri[8:], Amount: 50_000_000, Label: "M"}},
	} {
		if got, err := Parse(c.target, c.amount); err != nil || got != c.want {
			t.Errorf("%s %s: %+v, %v", c.target, c.amount, got, err)
		}
	}
	var other *OtherAmount
	for _, amount := range []string{"0.4", "max"} {
		if _, err := Parse(uri+"?amount=0.5", amount); !errors.As(err, &other) || other.Asked != 50_000_000 {
			t.Errorf("beside %s: %v", amount, err)
		}
	}
	for amount, want := range map[string]error{"": ErrNoAmount, "0": ErrZero, "0.000": ErrZero, "-1": txbuilder.ErrBadAmount} {
		if b, err := Parse("alice.id", amount); !errors.Is(err, want) {
			t.Errorf("%q: %+v, %v", amount, b, err)
		}
	}
}
