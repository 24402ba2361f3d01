package zonefile

import (
	"strings"
)

// The text form, a subset of RFC 1035 section 5.1:
//
//	file      = *( entry end-of-line )
//	entry     = [ "$ORIGIN" blank name / "$TTL" blank ttl / record ] [ comment ]
//	record    = ( owner / blank ) blank [ ttl blank ] [ class blank ] type *( blank item )      ttl and class in either order
//	item      = contiguous / quoted
//	quoted    = <"> *( char except <"> and line feed / "\" char ) <">
//	comment   = ";" to the end of the line, outside of quotes
//	blank     = 1*( space / tab / carriage return )
//
// Parentheses outside of quotes let an entry go on over several lines. "\" takes away the special
// meaning of the next character; "\" and three digits stand for a byte. Directives, class and type
// are read in any case.

// item is a word or a quoted string of an entry, with its escapes.
type item struct {
	text   string
	quoted bool
}

// entry is one logical line.
type entry struct {
	line     int // where it begins, from 1
	indented bool
	items    []item
}

// scanner splits text into entries.
type scanner struct {
	text     string
	at, line int
	depth    int // open parentheses
	entry    entry
	entries  []entry
	problems []Problem
	bad      string // why the entry is malformed
}

func scan(text string) ([]entry, []Problem) {
	s := &scanner{text: text, line: 1}
	s.begin()
	for s.at < len(s.text) {
		s.step()
	}
	if s.depth > 0 {
		s.fail("a parenthesis is not closed")
	}
	s.end()
	return s.entries, s.problems
}

// begin starts an entry at the current place.
func (s *scanner) begin() {
	s.entry = entry{line: s.line}
	s.entry.indented = s.at < len(s.text) && (s.text[s.at] == ' ' || s.text[s.at] == '\t')
	s.bad = ""
}

// end finishes the entry.
func (s *scanner) end() {
	switch {
	case s.bad != "":
		s.problems = append(s.problems, Problem{Line: s.entry.line, Reason: s.bad})
	case len(s.entry.items) > 0:
		s.entries = append(s.entries, s.entry)
	}
}

// fail marks the entry as malformed; the first reason stays.
func (s *scanner) fail(reason string) {
	if s.bad == "" {
		s.bad = reason
	}
}

// step takes one character, comment or item.
func (s *scanner) step() {
	switch c := s.text[s.at]; c {
	case ' ', '\t', '\r':
		s.at++
	case '\n':
		s.at++
		s.line++
		if s.depth == 0 {
			s.end()
			s.begin()
		}
	case ';':
		if end := strings.IndexByte(s.text[s.at:], '\n'); end >= 0 {
			s.at += end
		} else {
			s.at = len(s.text)
		}
	case '(':
		s.at++
		s.depth++
	case ')':
		s.at++
		if s.depth == 0 {
			s.fail("a parenthesis is closed that was not opened")
			return
		}
		s.depth--
	case '"':
		s.quoted()
	default:
		s.word()
	}
}

// quoted takes a quoted string.
func (s *scanner) quoted() {
	s.at++
	start := s.at
	for s.at < len(s.text) && s.text[s.at] != '\n' {
		switch s.text[s.at] {
		case '"':
			s.entry.items = append(s.entry.items, item{text: s.text[start:s.at], quoted: true})
			s.at++
			return
		case '\\':
			if s.at+1 < len(s.text) && s.text[s.at+1] != '\n' {
				s.at++
			}
		}
		s.at++
	}
	s.fail("a quoted string does not end on its line")
}

// word takes a string without quotes.
func (s *scanner) word() {
	start := s.at
	for s.at < len(s.text) && !strings.ContainsRune(" \t\r\n;()\"", rune(s.text[s.at])) {
		if s.text[s.at] == '\\' && s.at+1 < len(s.text) && s.text[s.at+1] != '\n' {
			s.at++
		}
		s.at++
	}
	s.entry.items = append(s.entry.items, item{text: s.text[start:s.at]})
}

// add reads an entry into the zone file; it gives a reason when it cannot.
func (z *ZoneFile) add(e *entry) string {
	if first := e.items[0]; !first.quoted && strings.HasPrefix(first.text, "$") {
		return z.addDirective(strings.ToUpper(first.text), e.items[1:])
	}
	r := Record{Line: e.line}
	rest := e.items
	if e.indented {
		if len(z.Records) > 0 {
			r.Owner = z.Records[len(z.Records)-1].Owner
		}
	} else {
		r.Owner, rest = rest[0].text, rest[1:]
	}
	for len(rest) > 0 && !rest[0].quoted {
		switch word := rest[0].text; {
		case isTTL(word) && r.TTL == "":
			r.TTL = word
		case strings.EqualFold(word, "IN"):
		default:
			r.Type = strings.ToUpper(word)
		}
		rest = rest[1:]
		if r.Type != "" {
			break
		}
	}
	if !isType(r.Type) {
		return "no record type"
	}
	for _, it := range rest {
		r.Data = append(r.Data, it.text)
	}
	switch {
	case r.Type == "URI" && len(r.Data) != 3:
		return "a URI record has not priority, weight and target"
	case r.Type == "TXT" && len(r.Data) == 0:
		return "a TXT record has no text"
	}
	z.Records = append(z.Records, r)
	return ""
}

func (z *ZoneFile) addDirective(word string, rest []item) string {
	if word != "$ORIGIN" && word != "$TTL" {
		return "unknown directive"
	}
	if len(rest) != 1 {
		return word + " has not exactly one value"
	}
	if word == "$TTL" {
		z.TTL = rest[0].text
	} else {
		z.Origins = append(z.Origins, rest[0].text)
	}
	return ""
}

// isTTL reports whether a word is a number of seconds, perhaps with a unit as name servers read it.
func isTTL(word string) bool {
	digits := strings.TrimRight(word, "smhdwSMHDW")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

// isType reports whether a word is the name of a record type. Which ones exist does not matter
// here: types other than URI and TXT are only kept.
func isType(word string) bool {
	switch word {
	case "SOA", "NS", "A", "AAAA", "CNAME", "MX", "PTR", "SRV", "SPF", "URI", "TXT", "CAA", "DNAME", "NAPTR", "TLSA", "SSHFP", "HINFO":
		return true
	}
	return strings.HasPrefix(word, "TYPE") && len(word) > 4 && strings.Trim(word[4:], "0123456789") == ""
}

// Unescape removes the escapes of RFC 1035: "\" and three digits up to 255 stand for a byte, "\"
// and another character for that character.
func Unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b = append(b, s[i])
			continue
		}
		if v, ok := decimalByte(s[i+1:]); ok {
			b = append(b, v)
			i += 3
			continue
		}
		i++
		b = append(b, s[i])
	}
	return string(b)
}

// decimalByte reads three decimal digits up to 255.
func decimalByte(s string) (byte, bool) {
	if len(s) < 3 {
		return 0, false
	}
	v := 0
	for _, c := range []byte(s[:3]) {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	return byte(v), v <= 255
}
