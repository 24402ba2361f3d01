package bills

import (
	"fmt"
	"strings"
	"testing"
)

// TestParseList reads both forms, and refuses what may be a slip.
func TestParseList(t *testing.T) {
	csv := "target,amount_btc,label\nalice.id,0.1,rent\n2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9,0.00000546,\"a, b\"\n"
	js := `{"schema":"blockstack/payments/v1","payments":[{"target":"alice.id","amount_btc":"0.1","label":"rent"},
		{"target":"2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9","amount_sat":546,"label":"a, b"}]}`
	for _, text := range []string{csv, "\xef\xbb\xbf" + strings.ReplaceAll(csv, "\n", "\r\n"), js, "\n " + js} {
		list, err := ParseList([]byte(text))
		if err != nil || len(list) != 2 || list[0] != (Bill{Target: "alice.id", Amount: 10_000_000, Label: "rent"}) ||
			list[1] != (Bill{Target: "2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9", Amount: 546, Label: "a, b"}) {
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
		if list, err := ParseList([]byte(bad)); err == nil {
			t.Errorf("%.80q: %+v", bad, list)
		}
	}
}

// FuzzParseList: whatever a list says, what is taken from it has a target and an amount.
func FuzzParseList(f *testing.F) {
	f.Add([]byte("target,amount_btc,label\nalice.id,0.1,rent\n"))
	f.Add([]byte(`{"schema":"blockstack/payments/v1","payments":[{"target":"alice.id","amount_btc":"0.1","label":"rent"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := ParseList(raw)
		for _, b := range list {
			if err == nil && (b.Target == "" || b.Amount <= 0 || b.All) {
				t.Fatalf("%q: %+v", raw, b)
			}
		}
	})
}
