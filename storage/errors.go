package storage

import (
	"errors"
	"fmt"
)

// The kinds of error. Every error of a driver that is not one of the context's, or of the user's
// own disk, wraps one of them.
var (
	// ErrNotFound means that the place answered and has no such object.
	ErrNotFound = errors.New("no such file")
	// ErrChanged means that the object is not the one that the writer has seen.
	ErrChanged = errors.New("the file was changed by somebody else meanwhile")
	// ErrExists means that there is an object where the writer has seen none. It wraps ErrChanged.
	ErrExists = fmt.Errorf("%w: there is one now", ErrChanged)
	// ErrLocked means that another program of ours holds the place for too long. It wraps
	// ErrChanged: that one is writing.
	ErrLocked = fmt.Errorf("%w: another program holds it", ErrChanged)
	// ErrBadName means that a name, or the address of a place, cannot be used.
	ErrBadName = errors.New("not a usable path")
	// ErrNoCondition means that the place cannot keep the condition of a write. Nothing was
	// written.
	ErrNoCondition = errors.New("storage cannot refuse a write over another one's")
	// ErrTooLarge means that an object is larger than the place takes, or than its reader takes.
	ErrTooLarge = errors.New("too large")

	// ErrUnreachable means that a place did not answer, or refused, so that nothing is known about
	// what it has. The kinds below wrap it.
	ErrUnreachable = errors.New("storage could not be reached")
	// ErrUncertain means that a write was sent and not answered: it may have been done. Read what
	// is there.
	ErrUncertain = fmt.Errorf("%w for its answer", ErrUnreachable)
	// ErrBusy means that the place asks to be left alone for a while.
	ErrBusy = fmt.Errorf("%w: it is busy", ErrUnreachable)
	// ErrFull means that the place has no room left.
	ErrFull = fmt.Errorf("%w: it is full", ErrUnreachable)
	// ErrAuth means that the place does not know who asks: the login is wrong or has ended.
	ErrAuth = fmt.Errorf("%w: it wants another login", ErrUnreachable)
	// ErrDenied means that the place knows who asks and does not allow it.
	ErrDenied = fmt.Errorf("%w: it does not allow this", ErrUnreachable)
)

// kinded is an error with a kind that its text need not repeat.
type kinded struct{ kind, cause error }

func (e *kinded) Error() string   { return e.cause.Error() }
func (e *kinded) Unwrap() []error { return []error{e.kind, e.cause} }

// Of gives an error a kind, and leaves its text as it is.
func Of(kind, err error) error {
	if err == nil || errors.Is(err, kind) {
		return err
	}
	return &kinded{kind, err}
}
