package profiles

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/profile"
)

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
	w, err := whom(env, o)
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
	bundles, err := bundleHook(ctx, env, o)
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
		return printResult(env, r)
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
func printResult(e *Env, r profile.Result) error {
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
