package commands

import (
	"fmt"
	"strings"
	"testing"
)

// TestParsePayments reads both forms, and refuses what may be a slip.
func TestParsePayments(t *testing.T) {
	csv := "target,amount_btc,label\nalice.id,0.1,rent\n2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9,0.00000546,\"a, b\"\n"
	js := `{"schema":"blockstack/payments/v1","payments":[{"target":"alice.id","amount_btc":"0.1","label":"rent"},
		{"target":"2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9","amount_sat":546,"label":"a, b"}]}`
	for _, text := range []string{csv, "\xef\xbb\xbf" + strings.ReplaceAll(csv, "\n", "\r\n"), js, "\n " + js} {
		list, err := parsePayments([]byte(text))
		if err != nil || len(list) != 2 || list[0] != (bill{Target: "alice.id", Amount: 10_000_000, Label: "rent"}) ||
			list[1] != (bill{Target: "2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9", Amount: 546, Label: "a, b"}) {
			t.Errorf("%q: %+v, %v", text, list, err)
		}
	}
	many := "target,amount_btc\n"
	for i := range maxPayments + 1 {
		many += fmt.Sprintf("n%d.id,1\n", i)
	}
	for _, bad := range []string{
		"", "target,amount_btc\n", "alice.id,1\n", "target,amount\nalice.id,1\n", "target,amount_btc\nalice.id\n", many,
		"target,amount_btc\nalice.id,1\nalice.id,1\n", "target,amount_btc\nalice.id,0\n", "target,amount_btc\n,1\n",
		"target,amount_btc\nalice.id,max\n", "target,amount_btc\nalice.id,1.123456789\n", "target,amount_btc\nbitcoin:x,1\n",
		"{}", js + "x", strings.Replace(js, "v1", "v2", 1), strings.Replace(js, `"label":"rent"`, `"lable":"rent"`, 1),
		strings.Replace(js, `"amount_sat":546`, `"amount_sat":546,"amount_btc":"1"`, 1), strings.Replace(js, "546", "-546", 1),
		strings.Replace(js, "546", "5.46", 1), strings.Replace(js, `"amount_sat":546`, `"amount_sat":546,"amount_sat":547`, 1),
	} {
		if list, err := parsePayments([]byte(bad)); err == nil {
			t.Errorf("%.80q: %+v", bad, list)
		}
	}
}

// FuzzParsePayments: whatever a list says, what is taken from it has a target and an amount.
func FuzzParsePayments(f *testing.F) {
	f.Add([]byte("target,amount_btc,label\nalice.id,0.1,rent\n"))
	f.Add([]byte(`{"schema":"blockstack/payments/v1","payments":[{"target":"alice.id","amount_btc":"0.1","label":"rent"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := parsePayments(raw)
		for _, b := range list {
			if err == nil && (b.Target == "" || b.Amount <= 0 || b.All) {
				t.Fatalf("%q: %+v", raw, b)
			}
		}
	})
}

// FuzzParsePSBT: hostile bytes give a packet or an error.
func FuzzParsePSBT(f *testing.F) {
	f.Add([]byte("cHNidP8BAHUCAAAAASaBcTce3/KF6Tet7qSze3gADAVmy7OtZGQXE8pCFxv2AAAAAAD+////AtPf9QUAAAAAGXapFNDFmQPFusKGh2DpD9UhpGZap2UgiKwA4fUFAAAAABepFDVF5uM7gyxHBQ8k0+65PJwDlIvHh7MuEwAAAQD9pQEBAAAAAAECiaPHHqtNIOA3G7ukzGmPopXJRjr6Ljl/hTPMti+VZ+UBAAAAFxYAFL4Y0VKpsBIDna89p95PUzSe7LmF/////4b4qkOnHf8USIk6UwpyN+9rRgi7st0tAXHmOuxqSJC0AQAAABcWABT+Pp7xp0XpdNkCxDVZQ6vLNL1TU/////8CAMLrCwAAAAAZdqkUhc/xCX/Z4Ai7NK9wnGIZeziXikiIrHL++E4sAAAAF6kUM5cluiHv1irHU6m80GfWx6ajnQWHAkcwRAIgJxK+IuAnDzlPVoMR3HyppolwuAJf3TskAinwf4pfOiQCIAGLONfc0xTnNMkna9b7QPZzMlvEuqFEyADS8vAtsnZcASED0uFWdJQbrUqZY3LLh+GFbTZSYG2YVi/jnF6efkE/IQUCSDBFAiEA0SuFLYXc2WHS9fSrZgZU327tzHlMDDPOXMMJ/7X85Y0CIGczio4OFyXBl/saiK9Z9R5E5CVbIBZ8hoQDHAXR8lkqASECI7cr7vCWXRC+B3jv7NYfysb3mk6haTkzgHNEZPhPKrMAAAAAAAAA"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := parsePSBT(raw)
		if err == nil && len(p.Packet.Inputs) == 0 {
			t.Fatal("no inputs")
		}
	})
}
