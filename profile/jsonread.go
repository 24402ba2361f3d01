package profile

import (
	"bytes"
	"encoding/json"
)

// field is a member of a JSON object: its key, unquoted and as it was written, and the bytes of its
// value.
type field struct {
	key    string
	rawKey []byte
	value  json.RawMessage
}

func newField(key string, value json.RawMessage) field {
	return field{key: key, rawKey: quoteJSON(key), value: value}
}

// unquote gives the text of a JSON string that the scanner has accepted.
func unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		panic("bug: unquoting an accepted JSON string: " + err.Error())
	}
	return text
}

// splitObject gives the members of an object that checkJSON has accepted, in order. It reports
// false for other kinds of values.
func splitObject(b []byte) ([]field, bool) {
	s := scanner{b: b}
	s.space()
	if s.peek() != '{' {
		return nil, false
	}
	s.i++
	fields := []field{}
	for {
		s.space()
		if s.peek() == '}' {
			return fields, true
		}
		raw, err := s.str()
		mustScan(err)
		s.space()
		s.i++ // colon
		s.space()
		start := s.i
		mustScan(s.value(0))
		fields = append(fields, field{key: unquote(raw), rawKey: raw, value: s.b[start:s.i]})
		s.space()
		if s.peek() == ',' {
			s.i++
		}
	}
}

// splitArray gives the elements of an array that checkJSON has accepted. It reports false for other
// kinds of values.
func splitArray(b []byte) ([]json.RawMessage, bool) {
	s := scanner{b: b}
	s.space()
	if s.peek() != '[' {
		return nil, false
	}
	s.i++
	elems := []json.RawMessage{}
	for {
		s.space()
		if s.peek() == ']' {
			return elems, true
		}
		start := s.i
		mustScan(s.value(0))
		elems = append(elems, s.b[start:s.i])
		s.space()
		if s.peek() == ',' {
			s.i++
		}
	}
}

// text gives the text of a JSON string that checkJSON has accepted. It reports false for other
// kinds of values.
func text(raw []byte) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	return unquote(raw), true
}

func mustScan(err error) {
	if err != nil {
		panic("bug: scanning accepted JSON: " + err.Error())
	}
}

// find gives the value of a member.
func find(fields []field, key string) (json.RawMessage, bool) {
	for _, f := range fields {
		if f.key == key {
			return f.value, true
		}
	}
	return nil, false
}

// findText gives a member that is a string.
func findText(fields []field, key string) (string, bool) {
	raw, found := find(fields, key)
	if !found {
		return "", false
	}
	return text(raw)
}
