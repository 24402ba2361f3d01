package voice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text of strangers: profiles, zone files, what nodes and web servers answer, labels, PSBTs, URLs,
// names of files. All that the program prints goes through here, to a terminal and to a pipe alike,
// since a pipe may end on a terminal:
//
//	JSON   always whole; what cannot be seen, and marks over marks, is written \uXXXX, which is the same value
//	text   what cannot be seen becomes \xNN, \uXXXX or \UXXXXXXXX; line feed and tab become a blank; of marks over one letter
//	       the first few stay; what is too long ends in "… (N bytes)"
//	files  JSON as above; others to a pipe as they are, to a terminal as text that is not cut
const (
	LongestText  = 4096 // characters of one value or line
	LongestCell  = 120  // characters of a table's cell, on a terminal
	longestLabel = 40   // characters of what stands before a value
	mostMarks    = 5    // marks in a row over one letter
)

// Hidden reports whether a character cannot be seen, or changes how others are: controls, what
// reorders text or has no width, tags, variation selectors, fillers, and what is not assigned.
func Hidden(r rune) bool {
	if r < 0x7f {
		return r < 0x20
	}
	return !unicode.IsGraphic(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// stacks reports whether a character is a mark that is drawn over or under the letter before it.
func stacks(r rune) bool { return r >= 0x300 && unicode.In(r, unicode.Mn, unicode.Me) }

// Clean makes text safe for a terminal and for one line. It cuts nothing.
func Clean(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return Hidden(r) || stacks(r) }) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	marks, first := 0, true
	for _, r := range s {
		mark := !Hidden(r) && stacks(r)
		switch {
		case mark && first:
			b.WriteRune('◌') // it would go over what stands before this text
		case !mark:
			marks = 0
		}
		first = false
		switch {
		case mark:
			if marks++; marks <= mostMarks {
				b.WriteRune(r)
			} else if marks == mostMarks+1 {
				b.WriteRune('…')
			}
		case r == '\n', r == '\t':
			b.WriteByte(' ')
		case !Hidden(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// Shown is clean for something that must not fill the screen: at most n characters.
func Shown(s string, n int) string { return shownOf(s, n, len(s)) }

// shownOf is shown for the beginning of a text that has total bytes, as far as it is at hand.
func shownOf(s string, n, total int) string {
	head, cut := s, false
	if len(s) > n { // no more than needed is looked at
		count := 0
		for i := range s {
			if count++; count > n {
				head, cut = s[:i], true
				break
			}
		}
	}
	head = Clean(head)
	if runes := []rune(head); len(runes) > n {
		head, cut = string(runes[:n]), true
	}
	if !cut {
		return head
	}
	return fmt.Sprintf("%s… (%s)", head, Count(max(total, len(s)), "byte"))
}

// visibleJSON writes what cannot be seen in JSON, and marks over marks, as \uXXXX. It can only
// stand inside strings, so the value is the same. Bytes that are not UTF-8 become U+FFFD, as
// encoding/json has it.
func visibleJSON(b []byte) []byte {
	var out []byte
	start, marks := 0, 0
	for i := 0; i < len(b); {
		if b[i] < 0x7f {
			i, marks = i+1, 0
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if marks++; !stacks(r) {
			marks = 0
		}
		if bad := r == utf8.RuneError && size == 1; bad || Hidden(r) || marks > mostMarks {
			out = append(out, b[start:i]...)
			if r > 0xffff {
				r -= 0x10000
				out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
			} else {
				out = fmt.Appendf(out, `\u%04x`, r)
			}
			start = i + size
		}
		i += size
	}
	if start == 0 {
		return b
	}
	return append(out, b[start:]...)
}

// visibleFile is the content of a file on its way to standard output.
func visibleFile(b []byte, terminal bool) []byte {
	if json.Valid(b) {
		return visibleJSON(b)
	}
	var out []byte
	for line := range bytes.Lines(b) {
		text := bytes.TrimRight(line, "\r\n")
		switch end := line[len(text):]; {
		case json.Valid(text): // a list of labels
			out = append(append(out, visibleJSON(text)...), end...)
		case terminal:
			parts := strings.Split(string(text), "\t") // which stand in zone files
			for i := range parts {
				parts[i] = Clean(parts[i])
			}
			out = append(append(out, strings.Join(parts, "\t")...), '\n')
		default:
			out = append(out, line...)
		}
	}
	return out
}
