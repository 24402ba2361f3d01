package legacy

import "errors"

var (
	// ErrMalformed is wrapped by refusals of bytes that are none of the old formats.
	ErrMalformed = errors.New("not a file or text of an old client")
	// ErrWrongPassword is returned when a file does not open. A changed file cannot be told from a
	// wrong password.
	ErrWrongPassword = errors.New("wrong password, or the file was changed")
	// ErrUnsupported is wrapped by refusals of formats that are known and not read.
	ErrUnsupported = errors.New("this old format is not read")
	// ErrBadKey is wrapped by refusals of private keys.
	ErrBadKey = errors.New("not a private key")
)
