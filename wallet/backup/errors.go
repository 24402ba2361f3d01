package backup

import "errors"

var (
	// ErrMalformed is wrapped by refusals of files that are no backup.
	ErrMalformed = errors.New("not a backup")
	// ErrNewer is returned for a backup that a newer version of the program made.
	ErrNewer = errors.New("backup made by a newer version of the program")
	// ErrWrongPassword is returned when a backup does not open with the password. A file whose
	// first 57 bytes were changed cannot be told from it.
	ErrWrongPassword = errors.New("wrong password")
	// ErrDamaged is wrapped when a backup was cut off or changed.
	ErrDamaged = errors.New("the backup is damaged")
	// ErrExists is wrapped when a file to be restored is there already, with other contents.
	ErrExists = errors.New("another file is in the place")
	// ErrBusy is returned when another process holds a store that is to be copied.
	ErrBusy = errors.New("another process is using the files")
)
