package wallets

import (
	"bytes"
	"errors"
	"io"
	"os"

	"blockstack/commands/fault"
	"blockstack/wallet/secret"
)

// fewestWords is how many words the shortest phrase has.
const fewestWords = 12

// readWordsFile is readWords from a file, or from in for -. A file that holds no phrase, or more
// than one can be, is malformed.
func readWordsFile(path string, in io.Reader) (*secret.Bytes, error) {
	from := "standard input"
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in, from = f, path
	}
	text, err := readWords(in)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fault.New("malformed", "%s is empty", from).Because(err).Hint("it holds the words of the phrase, in one line or a word a line")
	case errors.Is(err, secret.ErrTooLong):
		return nil, fault.New("malformed", "%s holds more than a phrase", from).Because(err).Hint("it holds the words of the phrase, in one line or a word a line")
	}
	return text, err
}

// readWords reads a phrase: the first line, or where that is too short for one, as in a list with a
// word a line, all lines. They are joined by spaces.
func readWords(r io.Reader) (*secret.Bytes, error) {
	text := make([]byte, 0, secret.MaxLine+1) // never grown, which would leave copies behind
	for {
		line, err := secret.ReadLine(r)
		if errors.Is(err, io.ErrUnexpectedEOF) && len(text) > 0 {
			return secret.New(text), nil
		}
		if err != nil {
			secret.Zero(text)
			return nil, err
		}
		first := len(text) == 0
		full := len(text)+line.Len()+1 > cap(text)
		if !full {
			line.Use(func(b []byte) { text = append(append(text, b...), ' ') })
		}
		line.Wipe()
		switch {
		case full:
			secret.Zero(text)
			return nil, secret.ErrTooLong
		case first && len(bytes.Fields(text)) >= fewestWords:
			return secret.New(text), nil
		}
	}
}
