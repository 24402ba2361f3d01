package profile

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// quoteJSON writes a string as JSON.stringify does: only the quote, the backslash and control
// characters are escaped; all else, U+2028 included, stands as it is. Bytes that are not UTF-8
// become U+FFFD.
func quoteJSON(s string) []byte { return appendQuoted(make([]byte, 0, len(s)+2), s) }

func appendQuoted(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\b':
			b = append(b, '\\', 'b')
		case r == '\f':
			b = append(b, '\\', 'f')
		case r == '\n':
			b = append(b, '\\', 'n')
		case r == '\r':
			b = append(b, '\\', 'r')
		case r == '\t':
			b = append(b, '\\', 't')
		case r < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

// joinObject writes members as a compact object.
func joinObject(fields []field) json.RawMessage {
	b := []byte{'{'}
	for i, f := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, f.rawKey...)
		b = append(b, ':')
		b = append(b, f.value...)
	}
	return append(b, '}')
}

// joinArray writes elements as a compact array.
func joinArray(elems []json.RawMessage) json.RawMessage {
	return append(append([]byte{'['}, bytes.Join(rawBytes(elems), []byte{','})...), ']')
}

func rawBytes(elems []json.RawMessage) [][]byte {
	b := make([][]byte, len(elems))
	for i, e := range elems {
		b[i] = e
	}
	return b
}

// compact removes white space between the parts of JSON that checkJSON has accepted, and changes
// nothing else.
func compact(b []byte) []byte {
	var out bytes.Buffer
	out.Grow(len(b))
	if err := json.Compact(&out, b); err != nil {
		panic("bug: compacting accepted JSON: " + err.Error())
	}
	return out.Bytes()
}

// indent lays out JSON that checkJSON has accepted with two spaces a level, as the old browser
// wrote its files.
func indent(b []byte) []byte {
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		panic("bug: indenting accepted JSON: " + err.Error())
	}
	return out.Bytes()
}
