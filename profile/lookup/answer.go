package lookup

import (
	"errors"
	"fmt"
	"time"

	"blockstack/names"
	"blockstack/names/resolver"
	"blockstack/profile"
)

// Outcome says how a lookup ended.
type Outcome string

// The outcomes.
const (
	Resolved    Outcome = "resolved"      // the places of the profile are known; none was asked yet
	Verified    Outcome = "verified"      // the profile is the owner's, and none newer was ever seen
	RolledBack  Outcome = "rolled_back"   // the profile is the owner's, and older than one seen before
	Invalid     Outcome = "invalid"       // what came is not the owner's profile now; Report.Reason says why
	NoProfile   Outcome = "no_profile"    // the record of the name has no zone file
	BadZoneFile Outcome = "bad_zone_file" // the zone file leads to no profile
	Missing     Outcome = "missing"       // every place answered, and none has it
	Offline     Outcome = "offline"       // the network was needed, and not allowed: nothing is known
	Unreachable Outcome = "unreachable"   // a place did not answer: nothing is known
	Refused     Outcome = "refused"       // what the places are or give is not let through: too large, or into the reader's own network
)

var (
	// ErrNone means that a name has no zone file, so no profile.
	ErrNone = errors.New("no zone file, so no profile")
	// ErrRolledBack means that a profile is older than one seen before.
	ErrRolledBack = errors.New("older than one seen before: its storage may have put back an old one")
)

// Answer is what was found out about a name, and what that is worth.
type Answer struct {
	resolver.Resolution
	// ExactUntil is the last height at which the record is certain; nil: Height.
	ExactUntil *int32

	Outcome Outcome
	// Why says why nothing was read, for the outcomes after Invalid; else nil.
	Why error

	Report *profile.Report // of the best that was read; nil: nothing was
	URL    string          // where it was read
	Raw    []byte          // the token file as it came
	ReadAt time.Time       // when it was read there
	Cached bool            // it is the copy of that time, because no place answers now; else it was read for this answer

	Insecure bool  // a page came over plain http: anybody on the way could have held back a newer one
	Unkept   error // why no copy could be kept; nil: it was, or there was nothing to keep
}

// Owner is whom the profile of the name must speak for.
func (a *Answer) Owner() (profile.Owner, error) {
	return profile.OwnerRecord(a.Record, a.DataKeys...)
}

// Trusted is nil when the profile can be relied on: it is Verified, and was read now. Else it says
// why it cannot.
func (a *Answer) Trusted() error {
	switch {
	case a.Why != nil:
		return a.Why
	case a.Report == nil:
		return fmt.Errorf("profile of %s: %s", a.Name, a.Outcome)
	case a.Outcome == Invalid:
		return fmt.Errorf("profile of %s: %w", a.Name, a.Report.Err())
	case a.Outcome == RolledBack:
		return &RollbackError{a.Name}
	case a.Cached:
		return fmt.Errorf("profile of %s: only a copy of %s could be read: %w", a.Name, a.ReadAt.UTC().Format(time.RFC3339), resolver.ErrUnreachable)
	}
	return nil
}

// judged makes the outcome from the report.
func (a *Answer) judged() Outcome {
	switch {
	case !a.Report.Valid:
		return Invalid
	case a.Report.Has(profile.WarnRollback):
		return RolledBack
	}
	return Verified
}

// unread makes the outcome from why nothing was read.
func unread(err error) Outcome {
	switch {
	case errors.Is(err, resolver.ErrOffline):
		return Offline
	case onlyMissing(err):
		return Missing
	case errors.Is(err, resolver.ErrUnreachable), errors.Is(err, resolver.ErrMissing), errors.Is(err, resolver.ErrNoZoneFile):
		return Unreachable
	}
	return Refused
}

// onlyMissing reports whether places were asked, and every one answered that it has nothing.
func onlyMissing(err error) bool {
	var zoneFile *resolver.NoZoneFileError
	if errors.As(err, &zoneFile) {
		return len(zoneFile.Tried) > 0 && !errors.Is(err, resolver.ErrUnreachable)
	}
	var none *profile.NoProfileError
	if !errors.As(err, &none) {
		return false
	}
	for _, t := range none.Tried {
		if !errors.Is(t.Err, resolver.ErrMissing) {
			return false
		}
	}
	return len(none.Tried) > 0
}

// NoneError says which name has no profile. It wraps ErrNone.
type NoneError struct{ Name names.Name }

// Error names it.
func (e *NoneError) Error() string { return fmt.Sprintf("%s has no zone file, so no profile", e.Name) }

// Unwrap gives ErrNone.
func (e *NoneError) Unwrap() error { return ErrNone }

// RollbackError says whose profile was rolled back. It wraps ErrRolledBack.
type RollbackError struct{ Name names.Name }

// Error names it.
func (e *RollbackError) Error() string {
	return fmt.Sprintf("the profile of %s is %v", e.Name, ErrRolledBack)
}

// Unwrap gives ErrRolledBack.
func (e *RollbackError) Unwrap() error { return ErrRolledBack }
