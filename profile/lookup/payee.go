package lookup

import (
	"context"
	"errors"
	"fmt"

	"blockstack/names"
	"blockstack/profile"
)

// Payee is where a name wants to be paid.
type Payee struct {
	*Answer
	// Addresses are the bitcoin addresses that the verified profile names, in its order; a person
	// chooses where there are several. Whether they are of the network in use is for the caller to
	// check.
	Addresses []string
	// None says why there is no address, ErrNone or profile.ErrNoPayee; else nil. Then nobody but
	// the owner of the record can be paid, and only if whoever pays wants that.
	None error
}

// UnpaidError says why a name must not be paid: by its state, or by the judgement about its
// profile.
type UnpaidError struct {
	Name   names.Name
	Status names.Status    // of the name: grace, expired or revoked; empty: Report says why
	Report *profile.Report // of the profile that is not the owner's now
}

// Error says why.
func (e *UnpaidError) Error() string {
	switch e.Status {
	case "":
		return fmt.Sprintf("the profile of %s is not valid, so it is not paid: %v", e.Name, e.Report.Err())
	case names.Grace:
		return fmt.Sprintf("%s has expired and its owner may lose it; it is not paid", e.Name)
	}
	return fmt.Sprintf("%s is %s; it is not paid", e.Name, e.Status)
}

// Unwrap gives the verdict about the profile.
func (e *UnpaidError) Unwrap() error {
	if e.Report == nil {
		return nil
	}
	return e.Report.Err()
}

// Payee finds out where a name wants to be paid. Nothing but a profile that was read now, is the
// owner's and is not rolled back names an address; one that could not be read is an error, because
// another payee must never take its place unnoticed. A name that must not be paid gives an
// *UnpaidError.
func (l *Lookup) Payee(ctx context.Context, n names.Name) (*Payee, error) {
	a, err := l.Resolve(ctx, n)
	if err != nil {
		return nil, err
	}
	switch a.Record.Status {
	case names.Grace, names.Expired, names.Revoked:
		return nil, &UnpaidError{Name: n, Status: a.Record.Status}
	}
	p := &Payee{Answer: a}
	if a.Outcome == NoProfile {
		p.None = a.Why
		return p, nil
	}
	if err := l.Read(ctx, a, Options{}); err != nil {
		return nil, err
	}
	if a.Outcome == Invalid {
		return nil, &UnpaidError{Name: n, Report: a.Report}
	}
	if err := a.Trusted(); err != nil {
		return nil, err
	}
	doc, err := a.Report.Profile()
	if err != nil {
		return nil, err
	}
	address, err := profile.Payee(doc)
	var several *profile.SeveralPayeesError
	switch {
	case errors.Is(err, profile.ErrNoPayee):
		p.None = err
	case errors.As(err, &several):
		p.Addresses = several.Addresses
	case err != nil:
		return nil, err
	default:
		p.Addresses = []string{address}
	}
	return p, nil
}
