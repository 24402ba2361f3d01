package profile

import (
	"context"
	"strings"
	"testing"
)

// benchToken is a token of about the size of real ones.
func benchToken(b *testing.B) *Token {
	b.Helper()
	p := New(Person)
	for path, value := range map[string]string{
		"name": "Alice Example", "description": strings.Repeat("text ", 20), "image.avatar": "https://img.example.com/a.png",
		"account.twitter": "alice", "payment.bitcoin": "15XhJJsK7DFotKxuPUumfKnjmsENQAbCH6",
	} {
		if err := p.Set(path, value); err != nil {
			b.Fatal(err)
		}
	}
	return issue(b, testKey(1), p, now)
}

// BenchmarkParseToken is what reading costs beside the curve.
func BenchmarkParseToken(b *testing.B) {
	raw := []byte(benchToken(b).String())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseToken(raw); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSign makes a token, which includes reading it back and verifying it.
func BenchmarkSign(b *testing.B) {
	p, s := benchToken(b).Unverified(), lowSigner{testKey(1)}
	for b.Loop() {
		if _, err := Sign(context.Background(), p, s); err != nil {
			b.Fatal(err)
		}
	}
}
