package profile

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Edits address a profile by paths:
//
//	path     = field                                    a member that is text: name, description, email...
//	         / "address." field                         a part of the postal address: address.addressLocality
//	         / "image." name                            the picture's URL: image.avatar
//	         / "website"                                the one website's URL
//	         / "account." service [ "." member ]        an account elsewhere: account.twitter, account.twitter.proofUrl
//	         / "payment." service [ "." member ]        where to be paid: payment.bitcoin
//	         / "key." service [ "." member ]            a public key: key.ssh, key.pgp.contentUrl
//	         / "apps." origin                           an app's storage: apps.https://app.example.com
//
// Without a member, account, payment and key mean the identifier.

// Set gives a path a text. Members that the path does not name keep their bytes. A changed
// identifier of an account drops the proof that belonged to the old one. Errors wrap ErrBadEdit.
func (p *Profile) Set(path, value string) error {
	if !utf8.ValidString(path) || !utf8.ValidString(value) {
		return badEdit(path, "not valid UTF-8")
	}
	head, rest, dotted := strings.Cut(path, ".")
	switch {
	case path == "website":
		return p.setEntry(path, website(), "url", value)
	case listFields()[path]:
		return badEdit(path, "is a list; name an entry, for instance "+example(path))
	case !dotted:
		return p.setText(path, value)
	case rest == "":
		return badEdit(path, "nothing stands after the dot")
	case head == "address":
		return p.setInside(path, head, rest, textObject("@type", "PostalAddress"), value)
	case head == "apps":
		return p.setInside(path, head, rest, json.RawMessage("{}"), value)
	}
	e, member, err := entryAt(path, head, rest)
	if err != nil {
		return err
	}
	return p.setEntry(path, e, member, value)
}

// SetJSON gives a top-level member any JSON value, as an editor would. Errors wrap ErrBadEdit.
func (p *Profile) SetJSON(field string, value []byte) error {
	if field == "" || !utf8.ValidString(field) {
		return badEdit(field, "not the name of a field")
	}
	if err := checkJSON(value); err != nil {
		return badEdit(field, err.Error())
	}
	p.set(field, compact(value))
	return nil
}

// Unset removes what a path names and reports whether anything was there. Of a list it removes
// every entry that fits; a list or object left empty goes too. Errors wrap ErrBadEdit.
func (p *Profile) Unset(path string) (bool, error) {
	head, rest, dotted := strings.Cut(path, ".")
	switch {
	case !dotted:
		return p.unset(path), nil
	case rest == "":
		return false, badEdit(path, "nothing stands after the dot")
	case head == "address" || head == "apps":
		return p.unsetInside(head, rest), nil
	}
	e, member, err := entryAt(path, head, rest)
	if err != nil {
		return false, err
	}
	if strings.Count(rest, ".") == 0 {
		member = ""
	}
	return p.unsetEntries(e, member), nil
}

// Get gives the text at a path; false when there is none or it is not text.
func (p *Profile) Get(path string) (string, bool) {
	head, rest, dotted := strings.Cut(path, ".")
	switch {
	case path == "website":
		return p.getEntry(website(), "url")
	case !dotted:
		return p.Text(path)
	case head == "address" || head == "apps":
		raw, _ := p.Field(head)
		fields, _ := splitObject(raw)
		return findText(fields, rest)
	}
	e, member, err := entryAt(path, head, rest)
	if err != nil {
		return "", false
	}
	return p.getEntry(e, member)
}

// setText sets a top-level member, unless that would throw away something that is not text.
func (p *Profile) setText(field, value string) error {
	if field == "" {
		return badEdit(field, "empty name of a field")
	}
	if raw, found := p.Field(field); found {
		if _, isText := text(raw); !isText && string(raw) != "null" {
			return badEdit(field, "holds something else than text; unset it first")
		}
	}
	p.set(field, quoteJSON(value))
	return nil
}

// setInside sets a member of a top-level object, which is made when missing.
func (p *Profile) setInside(path, object, key string, fresh json.RawMessage, value string) error {
	raw, found := p.Field(object)
	if !found {
		raw = fresh
	}
	fields, isObject := splitObject(raw)
	if !isObject {
		return badEdit(path, object+" is not an object; unset it first")
	}
	inner := &Profile{fields: fields}
	inner.set(key, quoteJSON(value))
	p.set(object, joinObject(inner.fields))
	return nil
}

func (p *Profile) unsetInside(object, key string) bool {
	raw, _ := p.Field(object)
	fields, _ := splitObject(raw)
	inner := &Profile{fields: fields}
	if !inner.unset(key) {
		return false
	}
	if slices.ContainsFunc(inner.fields, func(f field) bool { return f.key != "@type" }) {
		p.set(object, joinObject(inner.fields))
	} else {
		p.unset(object)
	}
	return true
}

// listFields are the members that are lists or objects, which a plain text would destroy.
func listFields() map[string]bool {
	return map[string]bool{
		"account": true, "accounts": true, "image": true, "address": true, "apps": true, "appsMeta": true, "api": true,
		"worksFor": true, "knows": true, "payment": true, "key": true,
	}
}

func example(field string) string {
	switch field {
	case "image":
		return "image.avatar"
	case "address":
		return "address.addressLocality"
	case "payment":
		return "payment.bitcoin"
	case "key":
		return "key.ssh"
	}
	return "account.twitter"
}

func badEdit(path, reason string) error {
	return fmt.Errorf("%w: %s: %s", ErrBadEdit, quote(path), reason)
}
