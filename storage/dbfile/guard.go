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

// Guard runs f and turns a panic, or a memory fault in what is mapped of a file, into ErrDamaged. It sees no other goroutine. A
// panic whose text begins with "bug:" is our own and goes on.
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

// IsSystem reports whether an error is one of the operating system.
func IsSystem(err error) bool {
	var onPath *fs.PathError
	var call *os.SyscallError
	var number syscall.Errno
	return errors.As(err, &onPath) || errors.As(err, &call) || errors.As(err, &number)
}
