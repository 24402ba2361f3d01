package lookup

import (
	"errors"
	"fmt"
	"strings"

	"blockstack/names"
	"blockstack/names/zonefile"
	"blockstack/profile"
)

// Form is what stands where a zone file is expected.
type Form string

// The forms.
const (
	FormZoneFile Form = "zonefile"
	FormLegacy   Form = "legacy_profile" // a profile of before 2016; its hash on the chain is its only authority
	FormOther    Form = "other"
)

// ZoneText is a text that a name's record may commit to, read as far as it can be.
type ZoneText struct {
	Hash     names.ZoneFileHash
	Text     []byte
	Form     Form
	ZoneFile *zonefile.ZoneFile // of FormZoneFile
	Profile  *profile.Profile   // of FormLegacy
	URLs     []string
	DataKeys []string
	Problems []string
}

// ReadZoneText reads all forms that names ever had.
func ReadZoneText(text []byte) *ZoneText {
	z := &ZoneText{Hash: names.HashZoneFile(text), Text: text, Form: FormZoneFile}
	parsed, err := zonefile.Parse(text)
	if errors.Is(err, zonefile.ErrJSON) {
		if p, e := profile.Parse(text); e == nil && profile.IsLegacy(p) {
			z.Form, z.Profile = FormLegacy, profile.FromLegacy(p)
			return z
		}
	}
	if err != nil {
		z.Form, z.Problems = FormOther, []string{err.Error()}
		return z
	}
	z.ZoneFile = parsed
	for _, p := range parsed.Problems {
		z.Problems = append(z.Problems, fmt.Sprintf("line %d: %s", p.Line, p.Reason))
	}
	if z.URLs, err = parsed.URLs(); err != nil {
		z.Problems = append(z.Problems, err.Error())
	}
	z.DataKeys = parsed.DataKeys()
	return z
}

// CheckZoneFile checks that a text would serve a name: it can be read, belongs to the name, and
// leads to a profile that somebody can have signed. Its Problems, and Plain, are no errors.
func CheckZoneFile(n names.Name, text []byte) (*ZoneText, error) {
	parsed, err := zonefile.Parse(text)
	if err != nil {
		return nil, err
	}
	urls, err := parsed.ProfileURLs(n)
	if err != nil {
		return nil, err
	}
	z := ReadZoneText(text)
	z.URLs = urls
	if len(z.DataKeys) > 0 {
		if _, err := profile.OwnerRecord(names.Record{Name: n}, z.DataKeys...); err != nil {
			return nil, &DataKeyError{err}
		}
	}
	return z, nil
}

// DataKeyError says why no profile can be signed for a zone file: of its data keys there is not one
// that can have signed.
type DataKeyError struct{ Err error }

// Error gives the cause.
func (e *DataKeyError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *DataKeyError) Unwrap() error { return e.Err }

// Plain lists the URLs that are read over plain http, where anybody on the way can hold back a
// newer profile.
func (z *ZoneText) Plain() (urls []string) {
	for _, u := range z.URLs {
		if strings.HasPrefix(u, "http://") {
			urls = append(urls, u)
		}
	}
	return urls
}
