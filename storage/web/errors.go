package web

import (
	"fmt"
	"net/http"

	"blockstack/storage"
)

// StatusError is an answer of a server that says no. It wraps storage.ErrUnreachable, and the kind
// that its status means.
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

// Unwrap gives the kinds of error.
func (e *StatusError) Unwrap() []error {
	switch e.Code {
	case http.StatusUnauthorized:
		return []error{storage.ErrAuth}
	case http.StatusForbidden:
		return []error{storage.ErrDenied}
	case http.StatusRequestEntityTooLarge:
		return []error{storage.ErrUnreachable, storage.ErrTooLarge}
	case http.StatusLocked, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return []error{storage.ErrBusy}
	case http.StatusInsufficientStorage:
		return []error{storage.ErrFull}
	}
	return []error{storage.ErrUnreachable}
}
