package profile

import (
	"context"
	"fmt"
	"iter"
	"runtime"
)

// Judge decides about tokens: a Verifier for one owner, a Policy for a list of signers.
type Judge interface {
	Verify(ctx context.Context, t *Token) (*Report, error)
}

// Input is one thing to judge in bulk.
type Input struct {
	Label string // "profiles/alice.json", "line 17"
	Raw   []byte // what was read
	Line  bool   // Raw is a line of a stream (see ParseEntry), else a token file
	Err   error  // it could not be read; Raw does not count
}

// Result is the judgement about one input.
type Result struct {
	Label  string
	ID     string  // what the line called itself
	Report *Report // nil when Err is set
	Err    error   // it could not be read, or not be judged
}

// Summary counts results.
type Summary struct {
	Total    int
	Valid    int
	Warned   int            // valid, with warnings
	Failed   map[Reason]int // not valid, by reason
	Unjudged int            // could not be read or judged
}

// Common gives the reason that all failures share; false when there is no failure, or failures of
// several kinds.
func (s *Summary) Common() (Reason, bool) {
	if s.Unjudged > 0 || len(s.Failed) != 1 {
		return "", false
	}
	for reason := range s.Failed {
		return reason, true
	}
	return "", false
}

// AllValid reports whether there were inputs and all of them were valid.
func (s *Summary) AllValid() bool { return s.Total > 0 && s.Valid == s.Total }

func (s *Summary) count(r Result) {
	s.Total++
	switch {
	case r.Err != nil:
		s.Unjudged++
	case r.Report.Valid:
		s.Valid++
		if len(r.Report.Warnings) > 0 {
			s.Warned++
		}
	default:
		s.Failed[r.Report.Reason]++
	}
}

// Bulk judges any number of inputs on all cores, in constant memory.
type Bulk struct {
	// JudgeFor gives who decides about an entry; it is called from several goroutines. An error
	// counts against that entry only.
	JudgeFor func(ctx context.Context, e *Entry) (Judge, error)
	// Bundle judges an input that is a bundle; false: it is not one. It is called from several
	// goroutines, and nil when there are none.
	Bundle  func(ctx context.Context, raw []byte) (*Report, bool, error)
	Workers int // 0: one for each core
}

// Run judges the inputs and hands each result to emit, in the order of the inputs. It stops with an
// error when emit gives one or ctx ends; the summary then counts what was emitted.
func (b *Bulk) Run(ctx context.Context, inputs iter.Seq[Input], emit func(Result) error) (*Summary, error) {
	workers := b.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	s := &Summary{Failed: map[Reason]int{}}
	err := ordered(ctx, inputs, workers, b.judge, func(r Result) error {
		s.count(r)
		return emit(r)
	})
	return s, err
}

func (b *Bulk) judge(ctx context.Context, in Input) (Result, error) {
	res := Result{Label: in.Label}
	if in.Err != nil {
		res.Err = in.Err
		return res, nil
	}
	if b.Bundle != nil && !in.Line {
		report, isBundle, err := b.Bundle(ctx, in.Raw)
		if ctx.Err() != nil {
			return res, ctx.Err()
		}
		if err != nil {
			res.Err = fmt.Errorf("%s: %w", in.Label, err)
		}
		if res.Report = report; isBundle {
			return res, nil
		}
	}
	e, err := readEntry(in)
	if err != nil {
		res.Report = MalformedReport(err)
		return res, nil
	}
	res.ID = e.ID
	judge, err := b.JudgeFor(ctx, e)
	if err == nil {
		res.Report, err = judge.Verify(ctx, e.Token)
	}
	if ctx.Err() != nil {
		return res, ctx.Err()
	}
	if err != nil {
		res.Report, res.Err = nil, fmt.Errorf("%s: %w", in.Label, err)
		return res, nil
	}
	if e.Extra > 0 {
		res.Report.warn("format", WarnExtraRecords)
	}
	return res, nil
}

func readEntry(in Input) (*Entry, error) {
	if in.Line {
		return ParseEntry(in.Raw)
	}
	f, err := ParseTokenFile(in.Raw)
	if err != nil {
		return nil, err
	}
	return &Entry{Token: f.Token, Extra: f.Extra}, nil
}
