// Package fault is the error that a user is told: a stable code for scripts with its exit code, a
// message, hints, details. Rooms return plain errors; the table of faults says which fault each of
// them is.
package fault

import "fmt"

// Fault is an error with everything the user is told about it. Rooms return plain errors, which a
// table turns into faults; a verb returns a Fault itself when the problem is one of the command
// line.
type Fault struct {
	// Code is the stable word that scripts test, from the table of exit codes.
	Code string
	// Message says what went wrong, lower case and without a full stop.
	Message string
	// Hints are things the user can do next, preferably commands to paste.
	Hints []string
	// Details are values of the error for scripts, with units in their keys.
	Details map[string]any
	// Retryable says that the same command may succeed later without any change.
	Retryable bool
	// KeepResult says that what the verb printed on standard output stands although the exit code
	// is not 0: a job that waits for blocks, or the verdict that something is not valid.
	KeepResult bool

	cause error
}

// New makes a Fault with an error code of the table.
func New(code, format string, args ...any) *Fault {
	return &Fault{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Usage makes a Fault of wrong usage.
func Usage(format string, args ...any) *Fault {
	return &Fault{Code: "usage", Message: fmt.Sprintf(format, args...)}
}

// Error returns the message.
func (f *Fault) Error() string { return f.Message }

// Unwrap returns the error that caused the fault, if there is one.
func (f *Fault) Unwrap() error { return f.cause }

// Exit returns the exit code that belongs to the error code.
func (f *Fault) Exit() ExitCode { return ExitOf(f.Code) }

// Hint adds something the user can do next.
func (f *Fault) Hint(format string, args ...any) *Fault {
	f.Hints = append(f.Hints, fmt.Sprintf(format, args...))
	return f
}

// Detail adds a value for scripts; the key is in snake case with its unit.
func (f *Fault) Detail(key string, value any) *Fault {
	if f.Details == nil {
		f.Details = map[string]any{}
	}
	f.Details[key] = value
	return f
}

// Because remembers the error behind the fault, for errors.Is and errors.As.
func (f *Fault) Because(err error) *Fault {
	f.cause = err
	return f
}

// Retry marks the fault as one that may go away by itself.
func (f *Fault) Retry() *Fault {
	f.Retryable = true
	return f
}

// Keep lets the result on standard output stand.
func (f *Fault) Keep() *Fault {
	f.KeepResult = true
	return f
}
