package faults

import (
	"errors"
	"reflect"

	"blockstack/commands/fault"
)

// rule is one row of the table of errors: which error it is about, and what the user is told.
type rule struct {
	// code is the error code, listed in the table of exit codes.
	code string
	// about is an error of the kind that the rule is about, without its data; nil: the rule is
	// about any error that says its code itself.
	about error
	// match reports whether the rule is about err.
	match func(err error) bool
	// fill completes the fault, whose message is already the text of err: hints, details. May be
	// nil.
	fill func(err error, f *fault.Fault)
}

// on makes a rule for a sentinel.
func on(sentinel error, code string, hints ...string) rule {
	return rule{
		code:  code,
		about: sentinel,
		match: func(err error) bool { return errors.Is(err, sentinel) },
		fill:  func(_ error, f *fault.Fault) { f.Hints = append(f.Hints, hints...) },
	}
}

// onBusy makes a rule for what passes, such as a file that another command holds: the same command
// may succeed a moment later.
func onBusy(sentinel error, hint string) rule {
	r := on(sentinel, "busy", hint)
	fill := r.fill
	r.fill = func(err error, f *fault.Fault) {
		fill(err, f)
		f.Retryable = true
	}
	return r
}

// onType makes a rule for an error type that carries data. fill may be nil.
func onType[E error](code string, fill func(e E, f *fault.Fault)) rule {
	return rule{
		code:  code,
		about: bare[E](),
		match: func(err error) bool { var e E; return errors.As(err, &e) },
		fill: func(err error, f *fault.Fault) {
			var e E
			if fill != nil && errors.As(err, &e) {
				fill(e, f)
			}
		},
	}
}

// bare is an error of a type, without data.
func bare[E error]() error {
	var e E
	if t := reflect.TypeFor[E](); t.Kind() == reflect.Pointer {
		e, _ = reflect.New(t.Elem()).Interface().(E)
	}
	return e
}
