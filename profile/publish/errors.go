package publish

import (
	"errors"
	"fmt"
)

// ErrUnreachable means that a server did not answer, or refused, so nothing is known about what it has.
var ErrUnreachable = errors.New("storage could not be reached")

// StatusError is an answer of a server that says no. It wraps ErrUnreachable.
type StatusError struct {
	Method, URL string
	Code        int    // HTTP status
	Message     string // what the server says; hostile
}

// Error names request and status.
func (e *StatusError) Error() string {
	s := fmt.Sprintf("%s %s: http status %d", e.Method, e.URL, e.Code)
	if e.Message != "" {
		s += fmt.Sprintf(": %.200q", e.Message)
	}
	return s
}

// Unwrap gives ErrUnreachable.
func (e *StatusError) Unwrap() error { return ErrUnreachable }

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }
