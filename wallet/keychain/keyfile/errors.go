package keyfile

import "errors"

var (
	// ErrExists is returned by Create when the file is already there.
	ErrExists = errors.New("a keychain already exists")
	// ErrNotFound is returned by Open when there is no keychain file.
	ErrNotFound = errors.New("no keychain")
	// ErrWrongPassword is returned when no unlocker opens with the password.
	ErrWrongPassword = errors.New("wrong password")
	// ErrMalformed is wrapped by every error about a file that is no keychain.
	ErrMalformed = errors.New("malformed keychain file")
	// ErrNewer is returned for a keychain file that a newer version of the program made.
	ErrNewer = errors.New("keychain file made by a newer version of the program")
	// ErrEmptyPassword is returned when a keychain would be protected by an empty password.
	ErrEmptyPassword = errors.New("the password is empty")
)
