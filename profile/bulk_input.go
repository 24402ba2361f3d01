package profile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
)

// Entry is one token of a stream, and who the stream says must have signed it.
//
// A stream has one entry on each line, of at most MaxSize bytes; empty lines do not count:
//
//	line   = token                    the compact form, bare or as JSON text
//	       / file                     a token file without line breaks
//	       / object
//	object = "{" "token": text        the compact form
//	             "id": text           optional: what to call it in results
//	             "address": text      optional, at most one of these three: who must have signed
//	             "key": text
//	             "name": text
//	             "decodedToken", "parentPublicKey", "encrypted"   as in token files
//	         "}"                      no other members
type Entry struct {
	Token              *Token
	ID                 string
	Address, Key, Name string // at most one is not empty
	Extra              int    // further records of a token file, which do not count
}

// ParseEntry reads a line of a stream. Errors wrap ErrMalformed.
func ParseEntry(line []byte) (*Entry, error) {
	line = bytes.TrimSpace(line)
	if len(line) == 0 {
		return nil, malformed("line", "empty")
	}
	switch line[0] {
	case '[':
		f, err := ParseTokenFile(line)
		if err != nil {
			return nil, err
		}
		return &Entry{Token: f.Token, Extra: f.Extra}, nil
	case '{':
		return parseEntryObject(line)
	case '"':
		if err := checkJSON(line); err != nil {
			return nil, malformed("line", "%v", err)
		}
		compactForm, _ := text(line)
		line = []byte(compactForm)
	}
	t, err := ParseToken(line)
	if err != nil {
		return nil, err
	}
	return &Entry{Token: t}, nil
}

func parseEntryObject(line []byte) (*Entry, error) {
	const what = "line"
	fields, err := readObject(what, line)
	if err != nil {
		return nil, err
	}
	e := &Entry{}
	var compactForm string
	signers := 0
	for _, f := range fields {
		var into *string
		switch f.key {
		case "decodedToken", "parentPublicKey", "encrypted":
			continue
		case "token":
			into = &compactForm
		case "id":
			into = &e.ID
		case "address":
			into = &e.Address
			signers++
		case "key":
			into = &e.Key
			signers++
		case "name":
			into = &e.Name
			signers++
		default:
			return nil, malformed(what, "member %s is not known", quote(f.key))
		}
		s, isText := text(f.value)
		if !isText || s == "" {
			return nil, malformed(what, "member %s is not text", quote(f.key))
		}
		*into = s
	}
	if compactForm == "" {
		return nil, malformed(what, "has no token")
	}
	if signers > 1 {
		return nil, malformed(what, "names more than one of address, key and name")
	}
	if e.Token, err = ParseToken([]byte(compactForm)); err != nil {
		return nil, err
	}
	return e, checkParent(what, fields, e.Token)
}

// Lines gives each line of a stream that is not empty. A line longer than MaxSize becomes an input
// with an error that wraps ErrMalformed, and is skipped without being held in memory. A stream that
// breaks off ends with an input that says so.
func Lines(r io.Reader) iter.Seq[Input] {
	return func(yield func(Input) bool) {
		in := bufio.NewReaderSize(r, 64<<10)
		for number := 1; ; number++ {
			raw, tooLong, err := readLine(in)
			label := fmt.Sprintf("line %d", number)
			switch {
			case tooLong:
				if !yield(Input{Label: label, Line: true, Err: malformed(label, "longer than %d bytes", MaxSize)}) {
					return
				}
			case len(bytes.TrimSpace(raw)) > 0:
				if !yield(Input{Label: label, Line: true, Raw: raw}) {
					return
				}
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					yield(Input{Label: label, Err: fmt.Errorf("%s: %w", label, err)})
				}
				return
			}
		}
	}
}

// readLine gives a line of its own memory.
func readLine(in *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if !tooLong && len(line)+len(part) > MaxSize {
			tooLong, line = true, nil
		}
		if !tooLong {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, tooLong, err
		}
	}
}

// Files gives the content of each file. A file that cannot be read becomes an input with an error.
func Files(paths iter.Seq[string]) iter.Seq[Input] {
	return func(yield func(Input) bool) {
		for path := range paths {
			raw, err := readUpTo(path)
			if !yield(Input{Label: path, Raw: raw, Err: err}) {
				return
			}
		}
	}
}

// readUpTo reads one byte more than is allowed at most, so that the judgement can say "too long".
func readUpTo(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	return bytes.TrimPrefix(b, []byte("\ufeff")), err // what some editors write before a text
}
