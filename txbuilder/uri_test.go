package txbuilder

import (
	"errors"
	"testing"
)

// The address of the examples of BIP 21.
const uriAddress = "175tWpb8K1S7NmH4Zx6rewF9WQrcZv245W"

// TestParseURI reads the examples of BIP 21, and refuses what must not be paid.
func TestParseURI(t *testing.T) {
	for text, want := range map[string]PaymentURI{
		"bitcoin:" + uriAddress:                                {Address: uriAddress},
		"BITCOIN:" + uriAddress:                                {Address: uriAddress},
		"bitcoin:" + uriAddress + "?label=Luke-Jr":             {Address: uriAddress, Label: "Luke-Jr"},
		"bitcoin:" + uriAddress + "?amount=20.3&label=Luke-Jr": {Address: uriAddress, Amount: 2030000000, Label: "Luke-Jr"},
		"bitcoin:" + uriAddress + "?amount=50&label=Luke-Jr&message=Donation%20for%20project%20xyz":        {Address: uriAddress, Amount: 5000000000, Label: "Luke-Jr", Message: "Donation for project xyz"},
		"bitcoin:" + uriAddress + "?somethingyoudontunderstand=50&somethingelseyoudontget=999&message=1+1": {Address: uriAddress, Message: "1+1"},
	} {
		if got, err := ParseURI(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"bitcoin:" + uriAddress + "?req-somethingyoudontunderstand=50&req-somethingelseyoudontget=999",
		"bitcoin:" + uriAddress + "?REQ-x=1", "bitcoin:", "bitcoin:?amount=1", "litecoin:" + uriAddress, uriAddress,
		"bitcoin:" + uriAddress + "?amount=1&amount=2", "bitcoin:" + uriAddress + "?amount=0", "bitcoin:" + uriAddress + "?label=%zz",
		"bitcoin://" + uriAddress,
	} {
		if got, err := ParseURI(text); !errors.Is(err, ErrBadURI) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, amount := range []string{"1.123456789", "1e3", "-1", "1,5", "50BTC"} {
		if _, err := ParseURI("bitcoin:" + uriAddress + "?amount=" + amount); !errors.Is(err, ErrBadAmount) {
			t.Errorf("amount %s: %v", amount, err)
		}
	}
}

// FuzzParseURI: what is read is written so that it reads the same.
func FuzzParseURI(f *testing.F) {
	f.Add("bitcoin:" + uriAddress + "?amount=20.3&label=Luke-Jr&message=1+1%20%C3%9C")
	f.Add("BITCOIN:x?req-y=1")
	f.Fuzz(func(t *testing.T, text string) {
		u, err := ParseURI(text)
		if err != nil {
			return
		}
		if again, err := ParseURI(u.String()); (err != nil || again != u) && len(u.String()) <= maxURI {
			t.Fatalf("%q is %+v, written %q, read %+v (%v)", text, u, u, again, err)
		}
	})
}
