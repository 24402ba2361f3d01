package backup

import "errors"

var (
	// ErrMalformed is wrapped by refusals of files that are no backup.
	ErrMalformed = errors.New("not a backup")
	// ErrWrongPassword is returned when a backup does not open. A changed file cannot
	// be told from a wrong password.
	ErrWrongPassword = errors.New("wrong password, or the backup was changed")
	// ErrExists is wrapped when a file to be restored is there already, with other
	// contents.
	ErrExists = errors.New("another file is in the place")
	// ErrBusy is returned when another process holds a store that is to be copied.
	ErrBusy = errors.New("another process is using the files")
)
