package profile

import (
	"bytes"
	"encoding/json"
	"slices"
)

// MaxSize bounds profiles, tokens and token files, in bytes. What comes from the web is cut off
// there.
const MaxSize = 1 << 20

// Kinds of profiles: the value of @type.
const (
	Person       = "Person"
	Organization = "Organization"
	CreativeWork = "CreativeWork"
)

// schemaContext is what the old library writes as @context.
const schemaContext = "http://schema.org/"

// Profile is the document: a JSON object with its members in order. Members that no edit touches
// keep their bytes, apart from white space between them. The zero value is the empty profile.
type Profile struct {
	fields []field
}

// New makes a profile with @context and @type, for instance Person.
func New(kind string) *Profile {
	return &Profile{fields: []field{
		newField("@context", quoteJSON(schemaContext)),
		newField("@type", quoteJSON(kind)),
	}}
}

// Parse reads a profile: one JSON object of at most MaxSize bytes, read strictly. Errors wrap
// ErrMalformed.
func Parse(raw []byte) (*Profile, error) {
	if len(raw) > MaxSize {
		return nil, malformed("profile", "longer than %d bytes", MaxSize)
	}
	if err := checkJSON(raw); err != nil {
		return nil, malformed("profile", "%v", err)
	}
	return parseChecked("profile", raw)
}

// parseChecked makes a profile of JSON that checkJSON has accepted.
func parseChecked(what string, raw []byte) (*Profile, error) {
	fields, isObject := splitObject(compact(raw))
	if !isObject {
		return nil, malformed(what, "not a JSON object")
	}
	return &Profile{fields: fields}, nil
}

// MarshalJSON gives the document without white space, its members in order: the bytes that are
// signed.
func (p *Profile) MarshalJSON() ([]byte, error) { return joinObject(p.fields), nil }

// UnmarshalJSON reads what Parse accepts.
func (p *Profile) UnmarshalJSON(raw []byte) error {
	q, err := Parse(raw)
	if err != nil {
		return err
	}
	*p = *q
	return nil
}

// Indented gives the document laid out for people and editors, with a line feed at the end.
func (p *Profile) Indented() []byte { return append(indent(joinObject(p.fields)), '\n') }

// Clone gives a copy that can be edited without changing p.
func (p *Profile) Clone() *Profile { return &Profile{fields: slices.Clone(p.fields)} }

// Equal reports whether both documents are the same bytes when written without white space.
func (p *Profile) Equal(q *Profile) bool {
	return bytes.Equal(joinObject(p.fields), joinObject(q.fields))
}

// Fields gives the names of the members, in order.
func (p *Profile) Fields() []string {
	keys := make([]string, len(p.fields))
	for i, f := range p.fields {
		keys[i] = f.key
	}
	return keys
}

// Field gives the JSON of a member.
func (p *Profile) Field(name string) (json.RawMessage, bool) { return find(p.fields, name) }

// Text gives a member that is a JSON string.
func (p *Profile) Text(name string) (string, bool) { return findText(p.fields, name) }

// Kind is the value of @type. The old command line wrote "type":"@Person" by mistake, which reads
// as Person. Without any type it is empty.
func (p *Profile) Kind() string {
	if kind, found := p.Text("@type"); found {
		return kind
	}
	if kind, _ := p.Text("type"); kind == "@Person" {
		return Person
	}
	return ""
}

// set replaces a member where it stands, or adds it at the end.
func (p *Profile) set(key string, value json.RawMessage) {
	for i := range p.fields {
		if p.fields[i].key == key {
			p.fields[i].value = value
			return
		}
	}
	p.fields = append(p.fields, newField(key, value))
}

// unset removes a member and reports whether it was there.
func (p *Profile) unset(key string) bool {
	before := len(p.fields)
	p.fields = slices.DeleteFunc(p.fields, func(f field) bool { return f.key == key })
	return len(p.fields) < before
}

// Account is an entry of the profile's account list: an account elsewhere, a key, or an address to
// be paid at (identity 3.1).
type Account struct {
	Service        string // "twitter", "bitcoin", "ssh"...
	Identifier     string
	Role           string // "payment", "key" or empty
	ProofType      string // "http" or empty
	ProofURL       string
	ProofMessage   string
	ProofSignature string
	ContentURL     string
}

// Accounts gives the entries of the account list that are objects, in order. Members that are not
// text count as absent.
func (p *Profile) Accounts() []Account {
	var accounts []Account
	for _, entry := range p.entries("account") {
		accounts = append(accounts, Account{
			Service:        textOr(entry, "service"),
			Identifier:     textOr(entry, "identifier"),
			Role:           textOr(entry, "role"),
			ProofType:      textOr(entry, "proofType"),
			ProofURL:       textOr(entry, "proofUrl"),
			ProofMessage:   textOr(entry, "proofMessage"),
			ProofSignature: textOr(entry, "proofSignature"),
			ContentURL:     textOr(entry, "contentUrl"),
		})
	}
	return accounts
}

// entries gives the members of each object in a member that is an array.
func (p *Profile) entries(name string) [][]field {
	raw, found := find(p.fields, name)
	if !found {
		return nil
	}
	elems, _ := splitArray(raw)
	var entries [][]field
	for _, e := range elems {
		if fields, isObject := splitObject(e); isObject {
			entries = append(entries, fields)
		}
	}
	return entries
}

func textOr(fields []field, key string) string {
	s, _ := findText(fields, key)
	return s
}
