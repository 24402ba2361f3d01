package commands

import (
	"bufio"
	"bytes"
	"io"
)

// byteOrderMark is what some editors write before the first character of a text.
const byteOrderMark = "\ufeff"

// unmarked reads a text of the user's without a byte order mark before it. Bytes whose hash or signature counts as they are,
// such as a message or a zone file of the chain, are not read through it.
func unmarked(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if head, err := b.Peek(len(byteOrderMark)); err == nil && string(head) == byteOrderMark {
		_, _ = b.Discard(len(byteOrderMark)) // they were peeked at
	}
	return b
}

// withoutMark is unmarked for bytes.
func withoutMark(b []byte) []byte { return bytes.TrimPrefix(b, []byte(byteOrderMark)) }
