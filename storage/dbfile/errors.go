package dbfile

import "errors"

var (
	// ErrDamaged means that the file is not what was written: it was cut, or bytes of it have
	// changed.
	ErrDamaged = errors.New("damaged")
	// ErrBusy means that another process has the file open.
	ErrBusy = errors.New("in use by another process")
	// ErrNotFound means that there is no file.
	ErrNotFound = errors.New("no such file")
	// ErrExists means that there is something where a file was to be made.
	ErrExists = errors.New("there already")
	// ErrNewer means that a newer version of the program made the file.
	ErrNewer = errors.New("made by a newer version of the program")
)
