package profile

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
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

// BenchmarkCurve is the floor: one verification on the curve, key already read.
func BenchmarkCurve(b *testing.B) {
	t := benchToken(b)
	var r, s btcec.ModNScalar
	r.SetByteSlice(t.signature[:32])
	s.SetByteSlice(t.signature[32:])
	sig := ecdsa.NewSignature(&r, &s)
	for b.Loop() {
		if !sig.Verify(t.digest[:], t.issuer) {
			b.Fatal("does not verify")
		}
	}
}

// BenchmarkVerify reads and judges a token.
func BenchmarkVerify(b *testing.B) {
	t := benchToken(b)
	raw := []byte(t.String())
	v := &Verifier{Owner: ownerOf(b, testKey(1)), Clock: func() time.Time { return now }}
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		token, err := ParseToken(raw)
		if err != nil {
			b.Fatal(err)
		}
		if r, err := v.Verify(context.Background(), token); err != nil || !r.Valid {
			b.Fatal(r, err)
		}
	}
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
