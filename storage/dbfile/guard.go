package dbfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
)

// panicked is what a guarded panic becomes. It is ErrDamaged.
type panicked struct{ value any }

func (p *panicked) Error() string { return fmt.Sprintf("%v: %v", ErrDamaged, p.value) }

func (p *panicked) Unwrap() error { return ErrDamaged }

// Guard runs f and turns a panic, or a memory fault in what is mapped of a file, into ErrDamaged.
// It sees no other goroutine. A panic whose text begins with "bug:" is our own and goes on.
func Guard(f func() error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(before)
	defer func() {
		if r := recover(); r != nil {
			if text, ok := r.(string); ok && strings.HasPrefix(text, "bug:") {
				panic(r)
			}
			err = &panicked{value: r}
		}
	}()
	return f()
}

// WriteError is what it means that a transaction could not be written.
func WriteError(path string, err error) error {
	return fmt.Errorf("write %s: %w", path, systemCause(path, err))
}

// systemCause adds the system's error to one of bbolt, which tells by a text alone that a file
// could not be made larger.
func systemCause(path string, err error) error {
	if IsSystem(err) || errors.Is(err, ErrDamaged) {
		return err
	}
	f, ferr := os.OpenFile(path, os.O_RDWR, 0)
	if ferr != nil {
		return err
	}
	defer f.Close()
	info, ferr := f.Stat()
	if ferr != nil {
		return err
	}
	if ferr = f.Truncate(2*info.Size() + 16<<20); ferr == nil {
		ferr = f.Truncate(info.Size())
	}
	if ferr != nil {
		return fmt.Errorf("%w: %w", err, ferr)
	}
	return err
}

// IsSystem reports whether an error is one of the operating system.
func IsSystem(err error) bool {
	var onPath *fs.PathError
	var call *os.SyscallError
	var number syscall.Errno
	return errors.As(err, &onPath) || errors.As(err, &call) || errors.As(err, &number)
}
