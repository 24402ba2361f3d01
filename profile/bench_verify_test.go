package profile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
)

// benchTokens are tokens by as many owners, one a line as Bulk reads them, and as they are.
func benchTokens(b *testing.B, n int) (lines [][]byte, tokens []*Token) {
	b.Helper()
	for i := range n {
		key := testKey(byte(i + 1))
		p := New(Person)
		for path, value := range map[string]string{
			"name": fmt.Sprintf("Alice Example %d", i), "description": strings.Repeat("text ", 20), "account.twitter": "alice",
			"payment.bitcoin": addressOf(key),
		} {
			if err := p.Set(path, value); err != nil {
				b.Fatal(err)
			}
		}
		t := issue(b, key, p, now)
		tokens = append(tokens, t)
		line, err := json.Marshal(map[string]string{"token": t.String(), "address": addressOf(key)})
		if err != nil {
			b.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines, tokens
}

// entryJudge judges each line by the address in it.
func entryJudge(_ context.Context, e *Entry) (Judge, error) {
	owner, err := OwnerAddress(e.Address, MainnetVersions())
	return &Verifier{Owner: owner, Clock: func() time.Time { return now }}, err
}

// BenchmarkVerifications is how many tokens a second are read and judged, on one core and on all,
// beside the bare operation on the curve, and beside the library of the old clients on the same
// tokens where `make interop` has installed it. curve_share is how much of the bare operation's
// speed is reached (aim: 0.85), times_jsontokens how many times the library's (aim: 10). The bare
// operation and ours take turns, so that what else the machine does slows both.
func BenchmarkVerifications(b *testing.B) {
	const n = 64
	lines, tokens := benchTokens(b, n)
	ctx := context.Background()
	bulk := &Bulk{JudgeFor: entryJudge}
	one := 0.0
	b.Run("one_core", func(b *testing.B) {
		var curve, ours time.Duration
		for b.Loop() {
			start := time.Now()
			for _, t := range tokens {
				var r, s btcec.ModNScalar
				r.SetByteSlice(t.signature[:32])
				s.SetByteSlice(t.signature[32:])
				if !ecdsa.NewSignature(&r, &s).Verify(t.digest[:], t.issuer) {
					b.Fatal("does not verify")
				}
			}
			middle := time.Now()
			for _, line := range lines {
				if res, err := bulk.judge(ctx, Input{Raw: line, Line: true}); err != nil || res.Err != nil || !res.Report.Valid {
					b.Fatal(res, err)
				}
			}
			curve, ours = curve+middle.Sub(start), ours+time.Since(middle)
		}
		one = n * float64(b.N) / ours.Seconds()
		b.ReportMetric(one, "verified/s")
		b.ReportMetric(n*float64(b.N)/curve.Seconds(), "curve/s")
		b.ReportMetric(curve.Seconds()/ours.Seconds(), "curve_share")
		b.ReportMetric(0, "ns/op")
	})
	b.Run("all_cores", func(b *testing.B) {
		inputs := iter.Seq[Input](func(yield func(Input) bool) {
			for i := range b.N {
				if !yield(Input{Label: "line", Raw: lines[i%n], Line: true}) {
					return
				}
			}
		})
		s, err := bulk.Run(ctx, inputs, func(Result) error { return nil })
		if err != nil || s.Valid != b.N {
			b.Fatal(s, err)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "verified/s")
	})
	b.Run("jsontokens", func(b *testing.B) {
		theirs := runJSONTokens(b, tokens)
		b.ReportMetric(theirs, "verified/s")
		if one > 0 {
			b.ReportMetric(one/theirs, "times_jsontokens")
		}
		b.ReportMetric(0, "ns/op")
	})
}

// jsonTokens remembers the speed of the library: a benchmark function runs more than once.
var jsonTokens = map[int]float64{}

// runJSONTokens runs the library for a few seconds.
func runJSONTokens(b *testing.B, tokens []*Token) float64 {
	b.Helper()
	if v, done := jsonTokens[len(tokens)]; done {
		return v
	}
	if _, err := exec.LookPath("node"); err != nil {
		b.Skip("node is not installed, so there is nothing to compare with")
	}
	var in bytes.Buffer
	for _, t := range tokens {
		fmt.Fprintf(&in, "%s %s\n", keyText(t.issuer), t)
	}
	cmd := exec.Command("node", "jsontokens.js", "3")
	cmd.Dir = filepath.Join("..", "testdata", "interop")
	cmd.Env = os.Environ()
	if os.Getenv("NODE_PATH") == "" {
		modules, err := filepath.Abs(filepath.Join("..", "bin", "interop", "node_modules"))
		if err != nil {
			b.Fatal(err)
		}
		cmd.Env = append(cmd.Env, "NODE_PATH="+modules)
	}
	cmd.Stdin = &in
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) && bytes.Contains(failed.Stderr, []byte("Cannot find module")) {
		b.Skip("jsontokens is not installed, so there is nothing to compare with; run make interop")
	}
	if err != nil {
		b.Fatal(err)
	}
	var answer struct{ Verified, Seconds float64 }
	if err := json.Unmarshal(out, &answer); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	jsonTokens[len(tokens)] = answer.Verified / answer.Seconds
	return jsonTokens[len(tokens)]
}
