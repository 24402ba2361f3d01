package profile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func judgeBy(v *Verifier) func(context.Context, *Entry) (Judge, error) {
	return func(_ context.Context, e *Entry) (Judge, error) {
		w := *v
		var err error
		switch {
		case e.Address != "":
			w.Owner, err = OwnerAddress(e.Address, MainnetVersions())
		case e.Key != "":
			w.Owner, err = OwnerKey(e.Key)
		case e.Name != "":
			err = errors.New("no index")
		}
		return &w, err
	}
}

func TestBulkKinds(t *testing.T) {
	alice, bob := testKey(1), testKey(2)
	ours, theirs := issue(t, alice, New(Person), now), issue(t, bob, New(Person), now)
	old := issue(t, alice, New(Person), now.AddDate(-3, 0, 0))
	bobKey := keyText(bob.PubKey())
	quoted, _ := json.Marshal(ours.String())
	lines := []struct{ line, want string }{
		{ours.String(), "ok"},
		{string(quoted), "ok"},
		{string(compact(ours.File())), "ok"},
		{"  \t", ""},
		{theirs.String(), "wrong_signer"},
		{fmt.Sprintf(`{"token":%q,"key":%q,"id":"bob"}`, theirs, bobKey), "ok"},
		{fmt.Sprintf(`{"token":%q,"key":%q}`, ours, bobKey), "wrong_signer"},
		{fmt.Sprintf(`{"token":%q,"decodedToken":{"payload":{}}}`, ours), "ok"},
		{fmt.Sprintf(`{"token":%q,"parentPublicKey":%q}`, ours, bobKey), "malformed"},
		{old.String(), "expired"},
		{fmt.Sprintf(`{"token":%q,"adress":"x"}`, ours), "malformed"},
		{fmt.Sprintf(`{"token":%q,"key":%q,"name":"a.id"}`, ours, bobKey), "malformed"},
		{fmt.Sprintf(`{"token":%q,"address":""}`, ours), "malformed"},
		{`{"id":"x"}`, "malformed"},
		{"{", "malformed"},
		{fmt.Sprintf(`{"token":%q,"name":"a.id"}`, ours), "no index"},
		{fmt.Sprintf(`{"token":%q,"address":"nonsense"}`, ours), "not an owner"},
		{strings.Repeat("x", MaxSize+1), "longer than"},
		{fmt.Sprintf(`[{"token":%q},{}]`, ours), "ok+warning"},
	}
	var stream strings.Builder
	var want, labels []string
	for i, l := range lines {
		stream.WriteString(l.line + []string{"\n", "\r\n"}[i%2])
		if l.want != "" {
			want, labels = append(want, l.want), append(labels, fmt.Sprintf("line %d", i+1))
		}
	}
	v := &Verifier{Owner: ownerOf(t, alice), Clock: func() time.Time { return now }}
	for workers := range 4 {
		b := &Bulk{JudgeFor: judgeBy(v), Workers: workers}
		n := 0
		sum, err := b.Run(context.Background(), Lines(strings.NewReader(stream.String())), func(r Result) error {
			have := ""
			switch {
			case r.Err != nil:
				have = r.Err.Error()
			case len(r.Report.Warnings) > 0:
				have = string(r.Report.Reason) + "+warning"
			default:
				have = string(r.Report.Reason)
			}
			if have != want[n] && (r.Err == nil || !strings.Contains(have, want[n])) || r.Label != labels[n] {
				t.Errorf("%s: %s, want %s: %s", r.Label, have, labels[n], want[n])
			}
			if r.ID != "" && r.ID != "bob" {
				t.Errorf("id %q", r.ID)
			}
			n++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n != len(want) || sum.Total != n || sum.Valid != 6 || sum.Warned != 1 || sum.Unjudged != 3 ||
			sum.Failed[WrongSigner] != 2 || sum.Failed[Malformed] != 6 || sum.Failed[Expired] != 1 {
			t.Errorf("%d results, summary %+v", n, sum)
		}
		if reason, common := sum.Common(); common || sum.AllValid() {
			t.Errorf("common reason %s", reason)
		}
	}
}

func TestSummaryCommon(t *testing.T) {
	for _, c := range []struct {
		s      Summary
		reason Reason
		common bool
		all    bool
	}{
		{Summary{}, "", false, false},
		{Summary{Total: 2, Valid: 2}, "", false, true},
		{Summary{Total: 2, Valid: 1, Failed: map[Reason]int{Expired: 1}}, Expired, true, false},
		{Summary{Total: 2, Failed: map[Reason]int{Expired: 1, Malformed: 1}}, "", false, false},
		{Summary{Total: 2, Failed: map[Reason]int{Expired: 1}, Unjudged: 1}, "", false, false},
	} {
		if reason, common := c.s.Common(); reason != c.reason || common != c.common || c.s.AllValid() != c.all {
			t.Errorf("%+v: %s, %v", c.s, reason, common)
		}
	}
}

// Results come in the order of the inputs, whatever takes how long, and only a few inputs are held.
func TestOrdered(t *testing.T) {
	const n, workers = 5000, 8
	var started, emitted atomic.Int64
	numbers := func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
	next := 0
	err := ordered(context.Background(), iter.Seq[int](numbers), workers, func(_ context.Context, i int) (int, error) {
		if held := started.Add(1) - emitted.Load(); held > 6*workers {
			t.Errorf("%d held", held)
		}
		for range rand.IntN(3) {
			runtime.Gosched()
		}
		return i, nil
	}, func(i int) error {
		if i != next {
			t.Errorf("result %d, want %d", i, next)
		}
		next++
		emitted.Add(1)
		return nil
	})
	if err != nil || next != n {
		t.Errorf("%d results, %v", next, err)
	}
}

func TestOrderedStops(t *testing.T) {
	forever := func(yield func(int) bool) {
		for i := 0; yield(i); i++ {
		}
	}
	boom := errors.New("boom")
	work := func(_ context.Context, i int) (int, error) { return i, nil }
	if err := ordered(context.Background(), iter.Seq[int](forever), 3, work, func(i int) error {
		if i == 100 {
			return boom
		}
		if i > 100 {
			t.Error("went on after the error")
		}
		return nil
	}); !errors.Is(err, boom) {
		t.Errorf("emit fails: %v", err)
	}
	if err := ordered(context.Background(), iter.Seq[int](forever), 3, func(_ context.Context, i int) (int, error) {
		if i == 100 {
			return 0, boom
		}
		return i, nil
	}, func(int) error { return nil }); !errors.Is(err, boom) {
		t.Errorf("work fails: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if err := ordered(ctx, iter.Seq[int](forever), 3, work, func(i int) error {
		if i == 100 {
			cancel()
		}
		return nil
	}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// An input that never comes does not hold up an end that was asked for.
func TestOrderedStopsWhileWaiting(t *testing.T) {
	in, out := io.Pipe()
	defer out.Close()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.WriteString(out, "x\n")
	}()
	v := &Verifier{}
	_, err := (&Bulk{JudgeFor: judgeBy(v)}).Run(ctx, Lines(in), func(Result) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

type brokenReader struct{ after io.Reader }

func (b brokenReader) Read(p []byte) (int, error) {
	n, err := b.after.Read(p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func TestLinesBrokenOff(t *testing.T) {
	inputs := slices.Collect(Lines(brokenReader{strings.NewReader("a\n\nb")}))
	if len(inputs) != 3 || string(inputs[0].Raw) != "a\n" || string(inputs[1].Raw) != "b" || !errors.Is(inputs[2].Err, io.ErrUnexpectedEOF) {
		t.Errorf("%+v", inputs)
	}
}

func TestBulkFiles(t *testing.T) {
	dir := t.TempDir()
	good, big := filepath.Join(dir, "good.json"), filepath.Join(dir, "big.json")
	if err := os.WriteFile(good, issue(t, testKey(1), New(Person), now).File(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(big, make([]byte, MaxSize+10), 0o600); err != nil {
		t.Fatal(err)
	}
	v := &Verifier{Owner: ownerOf(t, testKey(1)), Clock: func() time.Time { return now }}
	var have []string
	_, err := (&Bulk{JudgeFor: judgeBy(v)}).Run(context.Background(), Files(slices.Values([]string{good, filepath.Join(dir, "none"), dir, big})), func(r Result) error {
		if r.Err != nil {
			have = append(have, "error")
		} else {
			have = append(have, string(r.Report.Reason))
		}
		return nil
	})
	if err != nil || fmt.Sprint(have) != "[ok error error malformed]" {
		t.Errorf("%v, %v", have, err)
	}
}

func FuzzParseEntry(f *testing.F) {
	token := issue(f, testKey(1), New(Person), now)
	f.Add([]byte(token.String()))
	f.Add([]byte(fmt.Sprintf(`{"token":%q,"id":"x"}`, token)))
	f.Add(compact(token.File()))
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := ParseEntry(line)
		if err != nil && !errors.Is(err, ErrMalformed) {
			t.Fatalf("error %v does not wrap ErrMalformed", err)
		}
		if err == nil && e.Token == nil {
			t.Fatal("no token")
		}
	})
}

// endlessTokens repeats a token as lines, n times.
type endlessTokens struct {
	line []byte
	rest []byte
	n    int
}

func (e *endlessTokens) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.n == 0 {
			return 0, io.EOF
		}
		e.n--
		e.rest = e.line
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// BenchmarkBulk streams as many tokens as asked for (-benchtime 1000000x for a million) and reports
// the memory that was in use.
func BenchmarkBulk(b *testing.B) {
	line := append([]byte(benchToken(b).String()), '\n')
	v := &Verifier{Owner: ownerOf(b, testKey(1)), Clock: func() time.Time { return now }}
	var most uint64
	b.ResetTimer()
	sum, err := (&Bulk{JudgeFor: func(context.Context, *Entry) (Judge, error) { return v, nil }}).Run(context.Background(),
		Lines(&endlessTokens{line: line, n: b.N}), func(r Result) error {
			if most == 0 || bytes.HasSuffix([]byte(r.Label), []byte("0000")) {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.Sys)
			}
			return nil
		})
	if err != nil || sum.Valid != b.N {
		b.Fatal(sum, err)
	}
	b.ReportMetric(float64(most)/(1<<20), "MiB")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
}
