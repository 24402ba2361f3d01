package textfile

import (
	"bufio"
	"bytes"
	"io"
)

// Mark is what some editors write before the first character of a text.
const Mark = "\ufeff"

// Unmarked reads a text of the user's without a byte order mark before it. Bytes whose hash or
// signature counts as they are, such as a message or a zone file of the chain, are not read through
// it.
func Unmarked(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if head, err := b.Peek(len(Mark)); err == nil && string(head) == Mark {
		_, _ = b.Discard(len(Mark)) // they were peeked at
	}
	return b
}

// WithoutMark is Unmarked for bytes.
func WithoutMark(b []byte) []byte { return bytes.TrimPrefix(b, []byte(Mark)) }
