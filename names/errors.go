package names

import (
	"errors"
	"fmt"
)

var (
	// ErrNotFound means that the thing asked for does not exist at the height of the answer.
	ErrNotFound = errors.New("not found")
	// ErrBadName is wrapped by every error about a text that is not a name; the error itself is a
	// *BadNameError.
	ErrBadName = errors.New("not a valid name")
	// ErrBadNamespace is wrapped by every error about a text that is not a namespace id; the error
	// itself is a *BadNameError.
	ErrBadNamespace = errors.New("not a valid namespace id")
	// ErrBadHash means that a text is not the hex form of a hash of the wanted length.
	ErrBadHash = errors.New("not a valid hash")
	// ErrBadAddress means that a text is not an address that the registry's address versions allow.
	ErrBadAddress = errors.New("not a valid address")
	// ErrBadScript means that an output script is neither P2PKH nor P2SH, so it has no address in
	// the name layer.
	ErrBadScript = errors.New("output script is neither p2pkh nor p2sh")
	// ErrNoPrice means that something cannot be bought at all with this unit at this height.
	ErrNoPrice = errors.New("no price")
	// ErrBadRegistry is wrapped by every error about the content of a registry file.
	ErrBadRegistry = errors.New("not a valid registry")
)

// BadNameError says why a text is not a name or not a namespace id. It wraps ErrBadName or
// ErrBadNamespace.
type BadNameError struct {
	Text   string // what was given
	Reason string // what is wrong with it, in words
	kind   error
}

// Error shows the text quoted, because it may hold anything.
func (e *BadNameError) Error() string {
	return fmt.Sprintf("%s: %s: %s", quote(e.Text), e.kind, e.Reason)
}

// Unwrap gives ErrBadName or ErrBadNamespace.
func (e *BadNameError) Unwrap() error { return e.kind }

// quote shows hostile text safely and not endlessly.
func quote(s string) string {
	const limit = 80
	if len(s) > limit {
		return fmt.Sprintf("%+q…", s[:limit])
	}
	return fmt.Sprintf("%+q", s)
}
