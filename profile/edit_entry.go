package profile

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// entry describes entries of a list that a path means.
type entry struct {
	list    string
	matches func(fields []field) bool
	fresh   []string // keys and texts of a new entry
	// clears are members that belong to the old value of the main member and go when it changes.
	main   string
	clears []string
	// lastWins says that of several entries the last one is the one shown, so it is the one to
	// edit.
	lastWins bool
}

// proofMembers belong to one identifier.
func proofMembers() []string {
	return []string{"proofType", "proofUrl", "proofMessage", "proofSignature"}
}

func website() entry {
	return entry{
		list: "website", main: "url", fresh: []string{"@type", "WebSite"},
		matches: func(fields []field) bool { return true },
	}
}

// entryAt says which entries a path means, and which of their members.
func entryAt(path, head, rest string) (e entry, member string, err error) {
	service, member, _ := strings.Cut(rest, ".")
	if service == "" {
		return entry{}, "", badEdit(path, "empty name")
	}
	is := func(fields []field, key, value string) bool { return textOr(fields, key) == value }
	switch head {
	case "image":
		if member != "" {
			return entry{}, "", badEdit(path, "a picture has only its URL")
		}
		return entry{
			list: "image", main: "contentUrl", fresh: []string{"@type", "ImageObject", "name", service}, lastWins: true,
			matches: func(fields []field) bool { return is(fields, "name", service) },
		}, "contentUrl", nil
	case "account":
		if service == "bitcoin" {
			return entry{}, "", badEdit(path, "an address to be paid at is payment.bitcoin")
		}
		e = entry{
			fresh:   []string{"@type", "Account", "service", service},
			matches: func(fields []field) bool { return is(fields, "service", service) && is(fields, "role", "") },
		}
	case "payment":
		e = entry{
			fresh: []string{"@type", "Account", "role", "payment", "service", service},
			matches: func(fields []field) bool {
				role := textOr(fields, "role")
				// Payee reads a bitcoin account without a role too, so editing must reach it.
				return is(fields, "service", service) && (role == "payment" || role == "" && service == "bitcoin")
			},
		}
	case "key":
		e = entry{
			fresh:   []string{"@type", "Account", "role", "key", "service", service},
			matches: func(fields []field) bool { return is(fields, "service", service) && is(fields, "role", "key") },
		}
	default:
		return entry{}, "", badEdit(path, "not known; for a member of any other kind edit the document")
	}
	e.list, e.main, e.clears = "account", "identifier", proofMembers()
	switch member {
	case "":
		member = e.main
	case "identifier", "proofType", "proofUrl", "proofMessage", "proofSignature", "contentUrl", "placeholder":
	default:
		return entry{}, "", badEdit(path, "an entry of the account list has no "+quote(member))
	}
	return e, member, nil
}

// setEntry sets a member of the entry that fits, or makes a new entry. Several that fit are an
// error, because it is not clear which one is meant.
func (p *Profile) setEntry(path string, e entry, member, value string) error {
	elems, err := p.list(path, e.list)
	if err != nil {
		return err
	}
	at := fitting(elems, e)
	switch {
	case len(at) > 1 && !e.lastWins:
		return badEdit(path, "several entries fit; unset them first")
	case len(at) == 0 && member != e.main:
		return badEdit(path, "there is no such entry yet")
	case len(at) == 0:
		elems = append(elems, textObject(append(slices.Clone(e.fresh), e.main, value)...))
	default:
		i := at[len(at)-1]
		fields, _ := splitObject(elems[i])
		inner := &Profile{fields: fields}
		old, _ := inner.Text(member)
		inner.set(member, quoteJSON(value))
		if member == e.main && old != value {
			for _, key := range e.clears {
				inner.unset(key)
			}
		}
		elems[i] = joinObject(inner.fields)
	}
	p.set(e.list, joinArray(elems))
	return nil
}

// PutAccount sets members of the entry of one account: that at the path ("account.github",
// "key.ssh", …) with this identifier. Another account of the same service stays as it is; a proof
// that the entry had is dropped. Errors wrap ErrBadEdit.
func (p *Profile) PutAccount(path, identifier string, members [][2]string) error {
	e, err := accountAt(path, identifier)
	if err != nil {
		return err
	}
	if !utf8.ValidString(identifier) || identifier == "" {
		return badEdit(path, "the identifier is empty or not valid UTF-8")
	}
	for _, key := range e.clears {
		p.unsetEntries(e, key)
	}
	if err := p.setEntry(path, e, e.main, identifier); err != nil {
		return err
	}
	for _, m := range members {
		if _, _, err := accountMember(path, m[0]); err != nil {
			return err
		}
		if !utf8.ValidString(m[1]) {
			return badEdit(path+"."+m[0], "not valid UTF-8")
		}
		if err := p.setEntry(path, e, m[0], m[1]); err != nil {
			return err
		}
	}
	return nil
}

// DropAccount removes the entry of one account and reports whether it was there. Errors wrap
// ErrBadEdit.
func (p *Profile) DropAccount(path, identifier string) (bool, error) {
	e, err := accountAt(path, identifier)
	if err != nil {
		return false, err
	}
	return p.unsetEntries(e, ""), nil
}

// Identifiers lists the accounts at a path.
func (p *Profile) Identifiers(path string) []string {
	head, rest, _ := strings.Cut(path, ".")
	e, _, err := entryAt(path, head, rest)
	elems, lerr := p.list(path, e.list)
	if err != nil || lerr != nil {
		return nil
	}
	var ids []string
	for _, i := range fitting(elems, e) {
		fields, _ := splitObject(elems[i])
		ids = append(ids, textOr(fields, e.main))
	}
	return ids
}

// accountAt narrows what a path means to one identifier.
func accountAt(path, identifier string) (entry, error) {
	e, _, err := accountMember(path, "")
	if err != nil {
		return entry{}, err
	}
	all := e.matches
	e.matches = func(fields []field) bool { return all(fields) && textOr(fields, e.main) == identifier }
	return e, nil
}

// accountMember is entryAt for a member of an account.
func accountMember(path, member string) (entry, string, error) {
	head, rest, _ := strings.Cut(path, ".")
	if head == "image" || strings.Contains(rest, ".") {
		return entry{}, "", badEdit(path, "not an account")
	}
	if member != "" {
		rest += "." + member
	}
	return entryAt(path, head, rest)
}

// unsetEntries removes a member of every entry that fits, or with an empty member the entries.
func (p *Profile) unsetEntries(e entry, member string) bool {
	elems, err := p.list("", e.list)
	if err != nil {
		return false
	}
	at := fitting(elems, e)
	changed := false
	kept := make([]json.RawMessage, 0, len(elems))
	for i, elem := range elems {
		if !slices.Contains(at, i) {
			kept = append(kept, elem)
			continue
		}
		if member == "" {
			changed = true
			continue
		}
		fields, _ := splitObject(elem)
		inner := &Profile{fields: fields}
		if inner.unset(member) {
			changed = true
			elem = joinObject(inner.fields)
		}
		kept = append(kept, elem)
	}
	switch {
	case !changed:
	case len(kept) == 0:
		p.unset(e.list)
	default:
		p.set(e.list, joinArray(kept))
	}
	return changed
}

// getEntry gives a member of the entry that would be edited.
func (p *Profile) getEntry(e entry, member string) (string, bool) {
	elems, err := p.list("", e.list)
	if err != nil {
		return "", false
	}
	at := fitting(elems, e)
	if len(at) == 0 {
		return "", false
	}
	fields, _ := splitObject(elems[at[len(at)-1]])
	return findText(fields, member)
}

// list gives the elements of a member that is an array or missing.
func (p *Profile) list(path, name string) ([]json.RawMessage, error) {
	raw, found := p.Field(name)
	if !found {
		return nil, nil
	}
	elems, isArray := splitArray(raw)
	if !isArray {
		return nil, badEdit(path, name+" is not a list; unset it first")
	}
	return elems, nil
}

func fitting(elems []json.RawMessage, e entry) []int {
	var at []int
	for i, elem := range elems {
		if fields, isObject := splitObject(elem); isObject && e.matches(fields) {
			at = append(at, i)
		}
	}
	return at
}
