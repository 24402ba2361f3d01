package payments

import "testing"

// Two ids that look the same are one, or are refused: a payment would else be made twice.
func TestParseRequest(t *testing.T) {
	for typed, want := range map[string]string{
		"": "", "invoice-2071": "invoice-2071", "order 5": "order 5", "café": "café", "cafe\u0301": "café", "注文 7": "注文 7",
	} {
		if id, err := ParseRequest(typed); err != nil || id != want {
			t.Errorf("%q: %q, %v; want %q", typed, id, err, want)
		}
	}
	for _, typed := range []string{
		"invoice ", " invoice", "order  5", " ", "order\u00a05", "order\t5", "order\r", "order\n", "order\u200b5", "order\u2060", "order\ufe0f", "\u3164", "order\u034f",
		"order\u202e5", "order\xff",
	} {
		if id, err := ParseRequest(typed); err == nil {
			t.Errorf("%q: %q", typed, id)
		}
	}
}
