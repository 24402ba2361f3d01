package session

import (
	"io"
	"os"

	"blockstack/commands/fault"
	"blockstack/storage/textfile"
)

// ReadAtMost reads a file, or standard input for -, and refuses one that is larger.
func ReadAtMost(env *Session, path string, largest int64) ([]byte, error) {
	in := env.In
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, largest+1))
	if err == nil && int64(len(b)) > largest {
		err = fault.New("malformed", "%s has more than %d bytes", path, largest)
	}
	return b, err
}

// ReadFileOrStdin reads a file, or standard input for -, up to a limit.
func ReadFileOrStdin(e *Session, path string, most int64) ([]byte, error) {
	in := e.In
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(textfile.Unmarked(in), most+1))
	if err == nil && int64(len(raw)) > most {
		err = fault.New("malformed", "%s has more than %d bytes", path, most)
	}
	return raw, err
}
