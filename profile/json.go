package profile

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// maxDepth bounds the nesting of JSON from outside.
const maxDepth = 64

// checkJSON judges a whole document: one value of RFC 8259 in valid UTF-8, no key twice in one
// object, at most maxDepth levels deep. The error says what and where.
func checkJSON(b []byte) error {
	s := scanner{b: b}
	return s.document()
}

// checkObject is checkJSON and splitObject in one pass, for the reading of many tokens.
func checkObject(b []byte) ([]field, error) {
	s := scanner{b: b, collect: true}
	if err := s.document(); err != nil {
		return nil, err
	}
	if s.fields == nil {
		return nil, fmt.Errorf("not a JSON object")
	}
	return s.fields, nil
}

func (s *scanner) document() error {
	if !utf8.Valid(s.b) {
		return fmt.Errorf("not valid UTF-8")
	}
	s.space()
	if err := s.value(0); err != nil {
		return err
	}
	s.space()
	if s.i != len(s.b) {
		return s.fail("text after the end of the JSON value")
	}
	return nil
}

// scanner walks over JSON without building anything.
type scanner struct {
	b []byte
	i int

	collect bool    // the members of the outermost object are wanted
	fields  []field // not nil when that was an object
}

func (s *scanner) fail(format string, args ...any) error {
	return fmt.Errorf("JSON: %s at byte %d", fmt.Sprintf(format, args...), s.i)
}

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return
		}
	}
}

// peek gives the next byte, or 0 at the end (a zero byte itself is nowhere allowed outside of
// strings, nor in them).
func (s *scanner) peek() byte {
	if s.i < len(s.b) {
		return s.b[s.i]
	}
	return 0
}

func (s *scanner) value(depth int) error {
	if depth > maxDepth {
		return s.fail("more than %d levels deep", maxDepth)
	}
	switch c := s.peek(); {
	case s.i >= len(s.b):
		return s.fail("unexpected end")
	case c == '{':
		return s.object(depth)
	case c == '[':
		return s.array(depth)
	case c == '"':
		_, err := s.str()
		return err
	case c == '-' || c >= '0' && c <= '9':
		return s.number()
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	case c == 'n':
		return s.word("null")
	default:
		return s.fail("unexpected character %s", quote(string(c)))
	}
}

func (s *scanner) word(w string) error {
	if !bytes.HasPrefix(s.b[s.i:], []byte(w)) {
		return s.fail("not a JSON value")
	}
	s.i += len(w)
	return nil
}

func (s *scanner) object(depth int) error {
	s.i++ // {
	collect := s.collect && depth == 0
	if collect {
		s.fields = make([]field, 0, 8)
	}
	s.space()
	if s.peek() == '}' {
		s.i++
		return nil
	}
	seen := keySet{}
	for {
		if s.peek() != '"' {
			return s.fail("want a key")
		}
		at := s.i
		raw, err := s.str()
		if err != nil {
			return err
		}
		if !seen.add(raw) {
			s.i = at
			return s.fail("key %s twice in one object", quote(unquote(raw)))
		}
		s.space()
		if s.peek() != ':' {
			return s.fail("want a colon")
		}
		s.i++
		s.space()
		start := s.i
		if err := s.value(depth + 1); err != nil {
			return err
		}
		if collect {
			s.fields = append(s.fields, field{key: unquote(raw), rawKey: raw, value: s.b[start:s.i]})
		}
		s.space()
		switch s.peek() {
		case ',':
			s.i++
			s.space()
		case '}':
			s.i++
			return nil
		default:
			return s.fail("want a comma or the end of the object")
		}
	}
}

func (s *scanner) array(depth int) error {
	s.i++ // [
	s.space()
	if s.peek() == ']' {
		s.i++
		return nil
	}
	for {
		if err := s.value(depth + 1); err != nil {
			return err
		}
		s.space()
		switch s.peek() {
		case ',':
			s.i++
			s.space()
		case ']':
			s.i++
			return nil
		default:
			return s.fail("want a comma or the end of the array")
		}
	}
}

// str walks over a string and gives it with its quotes.
func (s *scanner) str() ([]byte, error) {
	start := s.i
	s.i++ // quote
	for s.i < len(s.b) {
		switch c := s.b[s.i]; {
		case c == '"':
			s.i++
			return s.b[start:s.i], nil
		case c < 0x20:
			return nil, s.fail("control character in a string")
		case c == '\\':
			if err := s.escape(); err != nil {
				return nil, err
			}
		default:
			s.i++
		}
	}
	return nil, s.fail("string does not end")
}

func (s *scanner) escape() error {
	s.i++ // backslash
	switch s.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.i++
		return nil
	case 'u':
		s.i++
		for range 4 {
			c := s.peek()
			if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
				return s.fail("want four hex digits")
			}
			s.i++
		}
		return nil
	}
	return s.fail("unknown escape in a string")
}

func (s *scanner) number() error {
	if s.peek() == '-' {
		s.i++
	}
	if s.peek() == '0' {
		s.i++
	} else if err := s.digits(); err != nil {
		return err
	}
	if s.peek() == '.' {
		s.i++
		if err := s.digits(); err != nil {
			return err
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.i++
		if c := s.peek(); c == '+' || c == '-' {
			s.i++
		}
		return s.digits()
	}
	return nil
}

func (s *scanner) digits() error {
	start := s.i
	for c := s.peek(); c >= '0' && c <= '9'; c = s.peek() {
		s.i++
	}
	if s.i == start {
		return s.fail("want a digit")
	}
	return nil
}

// keySet finds keys that occur twice. Few keys are compared one by one, many by a map, so that
// hostile objects cost no more than their length.
type keySet struct {
	few  [16][]byte
	n    int
	many map[string]struct{}
}

func (k *keySet) add(raw []byte) bool {
	if bytes.IndexByte(raw, '\\') >= 0 {
		raw = []byte(`"` + unquote(raw) + `"`)
	}
	return k.insert(raw)
}

func (k *keySet) insert(raw []byte) bool {
	if k.many != nil {
		if _, twice := k.many[string(raw)]; twice {
			return false
		}
		k.many[string(raw)] = struct{}{}
		return true
	}
	for _, other := range k.few[:k.n] {
		if bytes.Equal(other, raw) {
			return false
		}
	}
	if k.n < len(k.few) {
		k.few[k.n] = raw
		k.n++
		return true
	}
	k.many = make(map[string]struct{}, 2*len(k.few))
	for _, other := range k.few {
		k.many[string(other)] = struct{}{}
	}
	return k.insert(raw)
}
