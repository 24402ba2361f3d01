package session

import (
	"io"
	"os"

	"blockstack/commands/fault"
	"blockstack/storage/textfile"
)

// ReadAtMost reads a file, or standard input for -, and refuses one that is larger.
func ReadAtMost(e *Session, path string, most int64) ([]byte, error) {
	return readInput(e, path, most, func(r io.Reader) io.Reader { return r })
}

// ReadFileOrStdin is ReadAtMost for a text: a byte order mark before it is left out.
func ReadFileOrStdin(e *Session, path string, most int64) ([]byte, error) {
	return readInput(e, path, most, textfile.Unmarked)
}

// readInput reads a file, or standard input for -, through through.
func readInput(e *Session, path string, most int64, through func(io.Reader) io.Reader) ([]byte, error) {
	in := e.In
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(through(in), most+1))
	if err == nil && int64(len(b)) > most {
		err = fault.New("malformed", "%s has more than %d bytes", path, most)
	}
	return b, err
}
