package labels

import (
	"errors"
	"fmt"

	"blockstack/storage/dbfile"
)

// FileError says in our words what is wrong with a file of the wallet.
func FileError(err error) error {
	for _, e := range []struct{ theirs, ours error }{
		{dbfile.ErrDamaged, ErrMalformed}, {dbfile.ErrNewer, ErrNewer}, {dbfile.ErrBusy, ErrBusy}, {dbfile.ErrExists, ErrExists}, {dbfile.ErrNotFound, ErrNotFound},
	} {
		if errors.Is(err, e.theirs) && !errors.Is(err, e.ours) {
			return fmt.Errorf("%w: %w", e.ours, err)
		}
	}
	return err
}
