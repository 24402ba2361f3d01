package faults

import (
	"fmt"
	"syscall"
	"testing"

	"blockstack/storage/dbfile"
)

// TestDamagedCopy: a store that is found damaged or newer while it is copied is told as one that is
// read, with a command that goes on.
func TestDamagedCopy(t *testing.T) {
	for err, code := range map[error]string{dbfile.ErrDamaged: "damaged", dbfile.ErrNewer: "newer_version"} {
		f := Of(t.Context(), fmt.Errorf("sandbox/labels.db: %w", err))
		if f.Code != code || len(f.Hints) == 0 {
			t.Errorf("%v: code %s, hints %q", err, f.Code, f.Hints)
		}
	}
	for _, err := range []error{syscall.EDQUOT, syscall.EFBIG} {
		if f := Of(t.Context(), fmt.Errorf("write: %w", err)); f.Code != "disk_full" {
			t.Errorf("%v: code %s", err, f.Code)
		}
	}
}
