package names

import (
	"strings"
)

// Lengths of names in bytes (protocol 5.1).
const (
	MaxNameLen      = 37 // label, dot and namespace id
	MaxNamespaceLen = 19
)

// Name is a fully qualified name such as alice.id. It is made only by Parse (or UnmarshalText), so
// a Name that is not zero is valid. Names are comparable.
//
// Grammar (protocol 5.1):
//
//	name      = label "." namespace        at most 37 bytes
//	label     = 1*char
//	namespace = 1*19char
//	char      = "a".."z" / "0".."9" / "-" / "_"
//
// Upper case is refused and not folded: on the chain it would be another text.
type Name struct{ label, space string }

// Parse reads a name. Errors are *BadNameError and wrap ErrBadName.
func Parse(s string) (Name, error) {
	bad := func(reason string) (Name, error) {
		return Name{}, &BadNameError{Text: s, Reason: reason, kind: ErrBadName}
	}
	label, space, found := strings.Cut(s, ".")
	switch {
	case s == "":
		return bad("it is empty")
	case !found:
		return bad("it has no dot; a name is label.namespace")
	case strings.Contains(space, "."):
		return bad("it has more than one dot")
	case label == "":
		return bad("nothing stands before the dot")
	case space == "":
		return bad("nothing stands after the dot")
	}
	if reason := badChars(s[:len(label)] + space); reason != "" {
		return bad(reason)
	}
	if len(space) > MaxNamespaceLen {
		return bad("its namespace is longer than 19 characters")
	}
	if len(s) > MaxNameLen {
		return bad("it is longer than 37 characters")
	}
	return Name{label: label, space: space}, nil
}

// String gives label.namespace, or nothing for the zero Name.
func (n Name) String() string {
	if n.IsZero() {
		return ""
	}
	return n.label + "." + n.space
}

// Label is the part before the dot.
func (n Name) Label() string { return n.label }

// Namespace is the part after the dot.
func (n Name) Namespace() NamespaceID { return NamespaceID(n.space) }

// IsZero reports whether this is the zero value, which is no name.
func (n Name) IsZero() bool { return n == Name{} }

// MarshalText gives String.
func (n Name) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads what Parse accepts; empty text gives the zero Name.
func (n *Name) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*n = Name{}
		return nil
	}
	p, err := Parse(string(b))
	if err != nil {
		return err
	}
	*n = p
	return nil
}

// NamespaceID is the part of a name after the dot, 1 to 19 characters of those a name may have.
type NamespaceID string

// ParseNamespaceID reads a namespace id. Errors are *BadNameError and wrap ErrBadNamespace.
func ParseNamespaceID(s string) (NamespaceID, error) {
	bad := func(reason string) (NamespaceID, error) {
		return "", &BadNameError{Text: s, Reason: reason, kind: ErrBadNamespace}
	}
	if s == "" {
		return bad("it is empty")
	}
	if reason := badChars(s); reason != "" {
		return bad(reason)
	}
	if len(s) > MaxNamespaceLen {
		return bad("it is longer than 19 characters")
	}
	return NamespaceID(s), nil
}

// String gives the id.
func (id NamespaceID) String() string { return string(id) }

// badChars says what is wrong with the characters of s, or nothing.
func badChars(s string) string {
	for i := range len(s) {
		if isNameChar(s[i]) {
			continue
		}
		switch c := s[i]; {
		case c == '.':
			return "a dot may not stand there"
		case c >= 'A' && c <= 'Z':
			return "upper-case letters are not allowed"
		default:
			return "only a-z, 0-9, - and _ are allowed"
		}
	}
	return ""
}

func isNameChar(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// ValidName is the first check that the bytes of a name in an operation must pass for the operation
// to be read at all. It is weaker than Parse: one line feed at the end of the label or of the
// namespace id passes, and such an operation is refused only by the rules over the state (protocol
// 5.1).
func ValidName(b []byte) bool {
	if len(b) == 0 || len(b) > MaxNameLen {
		return false
	}
	for i, c := range b {
		if c == '.' {
			return validPart(b[:i]) && ValidNamespaceID(b[i+1:])
		}
	}
	return false
}

// ValidNamespaceID is the first check that the bytes of a namespace id in an operation must pass.
// Like ValidName it lets one line feed at the end pass.
func ValidNamespaceID(b []byte) bool {
	return len(b) <= MaxNamespaceLen && validPart(b)
}

func validPart(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	if b[len(b)-1] == '\n' {
		b = b[:len(b)-1]
	}
	for _, c := range b {
		if !isNameChar(c) {
			return false
		}
	}
	return true
}
