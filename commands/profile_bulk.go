package commands

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/home/config"
	"blockstack/profile"
	"blockstack/storage/textfile"
)

// isPattern reports whether an argument is a pattern of files that the shell has left alone.
func isPattern(what string) bool {
	return strings.ContainsAny(what, "*?[") && !isFile(what) && !config.IsURL(what)
}

// peekLines reports whether standard input is a stream of lines rather than one token file, which may stand on several lines.
func (e *Env) peekLines() (bool, error) {
	in := bufio.NewReaderSize(e.In, profile.MaxSize+1)
	head, err := in.Peek(profile.MaxSize + 1)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("standard input: %w", err)
	}
	e.In = in
	head = bytes.TrimSpace(head)
	return !bytes.HasPrefix(head, []byte("[")) || len(head) > profile.MaxSize || !json.Valid(head) && bytes.Contains(head, []byte("\n[")), nil
}

// verifyView is one result of many as programs see it.
type verifyView struct {
	Input string `json:"input"`
	ID    string `json:"id,omitempty"`
	Error string `json:"error,omitempty"`
	*profile.Report
}

// verifySummaryView counts the results.
type verifySummaryView struct {
	Total    int                    `json:"total"`
	Valid    int                    `json:"valid"`
	Warned   int                    `json:"valid_with_warnings"`
	Failed   map[profile.Reason]int `json:"failed"`
	Unjudged int                    `json:"unjudged"`
}

// runProfileVerifyBulk judges many profiles.
func runProfileVerifyBulk(ctx context.Context, env *Env, o profileVerifyOptions) (err error) {
	w, err := env.whom(o)
	if err != nil {
		return err
	}
	judge, err := env.judges().ForEach(ctx, w)
	if err != nil {
		return err
	}
	inputs, err := env.bulkInputs(ctx, o)
	if err != nil {
		return err
	}
	var report *junitReport
	if o.JUnit != "" {
		if report, err = openJUnit(o.JUnit); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, report.discard()) }()
	}
	bundles, err := env.bundleHook(ctx, o)
	if err != nil {
		return err
	}
	bulk := &profile.Bulk{JudgeFor: judge, Bundle: bundles}
	summary, err := bulk.Run(ctx, inputs, func(r profile.Result) error {
		if report != nil {
			if err := report.add(r); err != nil {
				return err
			}
		}
		return env.printResult(r)
	})
	if err != nil {
		return err
	}
	if report != nil {
		if err := report.close(summary); err != nil {
			return err
		}
	}
	v := verifySummaryView{Total: summary.Total, Valid: summary.Valid, Warned: summary.Warned, Failed: summary.Failed, Unjudged: summary.Unjudged}
	if env.Out.JSON() {
		if err := env.Out.Stream("profile.verify-summary", v, nil); err != nil {
			return err
		}
	}
	return bulkVerdict(env, summary)
}

// bulkVerdict says how it went, and is the fault of what was not valid.
func bulkVerdict(env *Env, s *profile.Summary) error {
	if s.Total == 0 {
		return fault.New("not_found", "there is nothing to judge")
	}
	if s.AllValid() {
		env.Out.Note("all %d valid, %d of them with warnings", s.Total, s.Warned)
		return nil
	}
	text := fmt.Sprintf("%d of %d are valid", s.Valid, s.Total)
	reasons := make([]string, 0, len(s.Failed))
	for reason := range s.Failed {
		reasons = append(reasons, string(reason))
	}
	slices.Sort(reasons)
	for _, reason := range reasons {
		text += fmt.Sprintf(", %d %s", s.Failed[profile.Reason(reason)], reason)
	}
	if s.Unjudged > 0 {
		text += fmt.Sprintf(", %d could not be judged", s.Unjudged)
	}
	code := "not_all_valid"
	if reason, ok := s.Common(); ok {
		code = string(reason)
	}
	return fault.New(code, "%s", text).Keep()
}

// printResult prints one result at once.
func (e *Env) printResult(r profile.Result) error {
	v := verifyView{Input: r.Label, ID: r.ID, Report: r.Report}
	if r.Err != nil {
		v.Error = r.Err.Error()
	}
	return e.Out.Stream("profile.verify", v, func(t *voice.Text) {
		label := r.Label
		if r.ID != "" {
			label += " " + r.ID
		}
		switch {
		case r.Err != nil:
			t.Field("error", "%s: %s", label, strings.TrimPrefix(v.Error, r.Label+": "))
		case r.Report.Valid && r.Report.Proof != nil: // what a bundle is about stands in it, not in the name of its file
			t.Field("ok", "%s: %s", label, r.Report.Name)
		case r.Report.Valid:
			t.Field("ok", "%s", label)
		default:
			t.Field(string(r.Report.Reason), "%s: %v", label, r.Report.Err())
		}
	})
}

// bulkInputs gives what is judged, in order.
func (e *Env) bulkInputs(ctx context.Context, o profileVerifyOptions) (iter.Seq[profile.Input], error) {
	var places []string
	for _, what := range o.What {
		if !isPattern(what) {
			places = append(places, what)
			continue
		}
		found, err := filepath.Glob(what)
		if err != nil {
			return nil, fault.Usage("%s: %v", what, err)
		}
		if len(found) == 0 {
			return nil, fault.New("not_found", "no file fits %s", what)
		}
		places = append(places, found...)
	}
	return func(yield func(profile.Input) bool) {
		for _, place := range places {
			if is, err := e.isBundle(place, o); place == "-" && !is && err == nil || o.Lines {
				if !e.yieldLines(place, yield) {
					return
				}
				continue
			}
			raw, err := e.readJudged(ctx, place, o)
			if !yield(profile.Input{Label: place, Raw: raw, Err: err}) {
				return
			}
		}
	}, nil
}

// yieldLines gives the lines of a stream, and false when no more are wanted.
func (e *Env) yieldLines(place string, yield func(profile.Input) bool) bool {
	in, prefix := e.In, ""
	if place != "-" {
		f, err := os.Open(place)
		if err != nil {
			return yield(profile.Input{Label: place, Err: err})
		}
		defer f.Close()
		in, prefix = f, place+", "
	}
	for input := range profile.Lines(textfile.Unmarked(in)) {
		input.Label = prefix + input.Label
		if !yield(input) {
			return false
		}
	}
	return true
}
