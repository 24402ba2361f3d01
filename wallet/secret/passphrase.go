package secret

import (
	"errors"
	"fmt"
	"io"
)

// MaxLine is the longest line, in bytes, that ReadLine accepts.
const MaxLine = 4096

// ErrTooLong is returned by ReadLine for a line of more than MaxLine bytes.
var ErrTooLong = errors.New("secret line is too long")

// ReadLine reads a secret up to the first line end or the end of r, without the line end (LF or CR
// LF). It reads single bytes, so that what follows the line stays in r, and leaves no copy of the
// secret behind. At the end of r, with nothing read, it returns io.ErrUnexpectedEOF.
func ReadLine(r io.Reader) (*Bytes, error) {
	buf := make([]byte, 0, MaxLine+1)
	one := make([]byte, 1)
	defer Zero(one)
	for {
		n, err := r.Read(one)
		if n == 1 {
			if one[0] == '\n' {
				break
			}
			if len(buf) == cap(buf) {
				Zero(buf)
				return nil, ErrTooLong
			}
			buf = append(buf, one[0])
			continue
		}
		if errors.Is(err, io.EOF) {
			if len(buf) == 0 {
				return nil, io.ErrUnexpectedEOF
			}
			break
		}
		if err != nil {
			Zero(buf)
			return nil, fmt.Errorf("read secret: %w", err)
		}
	}
	if n := len(buf); n > 0 && buf[n-1] == '\r' {
		buf = buf[:n-1]
	}
	if len(buf) > MaxLine {
		Zero(buf)
		return nil, ErrTooLong
	}
	return New(buf), nil
}
