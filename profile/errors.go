package profile

import (
	"errors"
	"fmt"
)

var (
	// ErrMalformed is wrapped by every error about bytes that are not a profile, a token or a token
	// file.
	ErrMalformed = errors.New("malformed")
	// ErrBadOwner is wrapped by every error about a text or script that is no owner a profile can
	// be checked against.
	ErrBadOwner = errors.New("not an owner a profile can be checked against")
	// ErrOtherNetwork means that an address is well formed but belongs to another network. It comes
	// together with ErrBadOwner.
	ErrOtherNetwork = errors.New("address of another network")
	// ErrNotVerified means that the content of a token was asked for although its report is not
	// valid.
	ErrNotVerified = errors.New("profile is not verified")
	// ErrBadEdit is wrapped by every error about an edit that cannot be made.
	ErrBadEdit = errors.New("not a possible edit")
	// ErrNoPayee means that a profile names no bitcoin address to be paid at.
	ErrNoPayee = errors.New("profile names no bitcoin payment address")
	// ErrSigner means that what a Signer gave back is not a signature by its own key.
	ErrSigner = errors.New("signer gave a signature that its own key does not verify")
)

// MalformedError says what is wrong with bytes from outside. It wraps ErrMalformed.
type MalformedError struct {
	What   string // what was being read: "token", "payload", "profile"...
	Reason string // what is wrong with it
}

// Error gives what and why.
func (e *MalformedError) Error() string { return fmt.Sprintf("%s: %s", e.What, e.Reason) }

// Unwrap gives ErrMalformed.
func (e *MalformedError) Unwrap() error { return ErrMalformed }

func malformed(what, format string, args ...any) error {
	return &MalformedError{What: what, Reason: fmt.Sprintf(format, args...)}
}

// SeveralPayeesError means that a profile names more than one bitcoin address to be paid at, so a
// person must choose.
type SeveralPayeesError struct {
	Addresses []string // in the order of the profile, each once
}

// Error counts the addresses.
func (e *SeveralPayeesError) Error() string {
	return fmt.Sprintf("profile names %d different bitcoin payment addresses", len(e.Addresses))
}

// quote shows hostile text safely and not endlessly.
func quote(s string) string {
	const limit = 80
	if len(s) > limit {
		return fmt.Sprintf("%+q…", s[:limit])
	}
	return fmt.Sprintf("%+q", s)
}
