package edit

import (
	"context"
	"fmt"

	"blockstack/names"
	"blockstack/profile"
	"blockstack/profile/lookup"
)

// Edit is a profile that is being changed: New is changed, Old stays as it was read.
type Edit struct {
	Old, New *profile.Profile
	Name     names.Name     // whose published profile it is; zero: it came from elsewhere
	URL      string         // where that is published
	Identity *Identity      // that signs; nil: it is not signed
	Base     *profile.Token // what was read, signed; nil: nothing signed
}

// Signed reports whether the result must be signed.
func (e *Edit) Signed() bool { return e.Identity != nil }

// Changes says what differs.
func (e *Edit) Changes() []profile.Change { return profile.Diff(e.Old, e.New) }

// Unsigned edits a profile that nobody has signed.
func Unsigned(raw []byte) (*Edit, error) {
	p, err := profile.Parse(raw)
	if err != nil {
		return nil, err
	}
	return &Edit{Old: p, New: p.Clone()}, nil
}

// Signed edits a token file of an identity. A *NotYoursError says that it is not the identity's.
func Signed(ctx context.Context, raw []byte, id *Identity) (*Edit, error) {
	r, err := (&profile.Verifier{Owner: id.Owner}).VerifyBytes(ctx, raw)
	if err != nil {
		return nil, err
	}
	return of(r, id)
}

// of takes over a signed profile that is its owner's; one past its end may be edited, because
// signing renews it.
func of(r *profile.Report, id *Identity) (*Edit, error) {
	p, err := r.Readable()
	if err != nil {
		return nil, &NotYoursError{r}
	}
	return &Edit{Old: p, New: p.Clone(), Identity: id, Base: r.Token()}, nil
}

// OfName edits the published profile of a name of ours. who gives the identity of an owner script,
// nil for one that is not ours. The answer is what was found out about the name, where it came so
// far. Errors are a *NotOwnerError, an *UnreadError, a *NotYoursError, or say that the profile was
// rolled back (lookup.ErrRolledBack).
func OfName(ctx context.Context, l *lookup.Lookup, n names.Name, who func(ctx context.Context, owner []byte) (*Identity, error)) (*Edit, *lookup.Answer, error) {
	a, err := l.Resolve(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	id, err := who(ctx, a.Record.Owner)
	if err != nil {
		return nil, nil, err
	}
	if id == nil {
		return nil, a, &NotOwnerError{n, a.Record.OwnerAddress}
	}
	if err := l.Read(ctx, a, lookup.Options{}); err != nil {
		return nil, nil, err
	}
	switch a.Outcome {
	case lookup.Missing, lookup.Unreachable, lookup.Offline:
		return nil, a, &UnreadError{a.Why}
	case lookup.RolledBack:
		return nil, a, a.Trusted()
	}
	if a.Why != nil {
		return nil, a, a.Why
	}
	e, err := of(a.Report, id)
	if err != nil {
		return nil, a, err
	}
	e.Name, e.URL = n, a.URL
	return e, a, nil
}

// NotYoursError says why a signed profile is not edited: it is not the identity's. It wraps the
// verdict.
type NotYoursError struct{ Report *profile.Report }

// Error gives the verdict.
func (e *NotYoursError) Error() string {
	return fmt.Sprintf("what is there is not yours, so it is not edited: %v", e.Report.Err())
}

// Unwrap gives the verdict.
func (e *NotYoursError) Unwrap() error { return e.Report.Err() }

// NotOwnerError says that a name belongs to none of the identities.
type NotOwnerError struct {
	Name  names.Name
	Owner string // its owner's address
}

// Error says whose it is.
func (e *NotOwnerError) Error() string {
	return fmt.Sprintf("%s belongs to %s, which is none of your identities", e.Name, e.Owner)
}

// UnreadError says why there is nothing to edit: no place gave a profile. That there is none yet is
// one possible reason.
type UnreadError struct{ Err error }

// Error gives the cause.
func (e *UnreadError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *UnreadError) Unwrap() error { return e.Err }
