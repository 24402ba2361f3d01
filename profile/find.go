package profile

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrNoProfile means that no place of a name's profile gave anything to judge. The error is a
// *NoProfileError.
var ErrNoProfile = errors.New("no profile could be read")

// Try is one place where a profile was looked for.
type Try struct {
	URL    string
	Report *Report // nil when nothing came
	Err    error   // why nothing came
}

// Found is the best profile that the places of a name gave: the first that is valid and not rolled
// back, else the first rolled back, expired, not yet valid, or otherwise invalid one. Tried lists
// all that were asked, in order.
type Found struct {
	Report *Report
	URL    string
	Raw    []byte // the token file as it came
	Tried  []Try
}

// NoProfileError lists the places that were asked. It wraps ErrNoProfile and what each place failed
// with.
type NoProfileError struct{ Tried []Try }

// Error lists what was tried.
func (e *NoProfileError) Error() string {
	if len(e.Tried) == 0 {
		return "no place to read the profile from"
	}
	tried := make([]string, len(e.Tried))
	for i, t := range e.Tried {
		tried[i] = t.Err.Error()
	}
	return "profile not read: " + strings.Join(tried, "; ")
}

// Unwrap gives ErrNoProfile and the errors of the places.
func (e *NoProfileError) Unwrap() []error {
	errs := []error{ErrNoProfile}
	for _, t := range e.Tried {
		errs = append(errs, t.Err)
	}
	return errs
}

// Find reads the URLs of a name's zone file in order, with get, until one gives a valid profile.
// When none does it gives the best it has seen, and when nothing came at all a *NoProfileError.
func (v *Verifier) Find(ctx context.Context, urls []string, get func(ctx context.Context, url string) ([]byte, error)) (*Found, error) {
	best := &Found{}
	var tried []Try
	for _, url := range urls {
		raw, err := get(ctx, url)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			tried = append(tried, Try{URL: url, Err: err})
			continue
		}
		r, err := v.VerifyBytes(ctx, raw)
		if err != nil {
			return nil, fmt.Errorf("judge %s: %w", quote(url), err)
		}
		tried = append(tried, Try{URL: url, Report: r})
		if best.Report == nil || r.rank() > best.Report.rank() {
			best.Report, best.URL, best.Raw = r, url, raw
		}
		if r.rank() == topRank {
			break
		}
	}
	if best.Report == nil {
		return nil, &NoProfileError{Tried: tried}
	}
	best.Tried = tried
	return best, nil
}

const topRank = 4

// rank orders reports by how much can be done with what they are about.
func (r *Report) rank() int {
	switch {
	case r.Valid && !r.Has(WarnRollback):
		return topRank
	case r.Valid:
		return 3
	case r.Reason == Expired:
		return 2
	case r.Reason == NotYetValid:
		return 1
	}
	return 0
}
