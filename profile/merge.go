package profile

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Merge puts together what two sides made of one profile: the changes from base to mine are made in
// theirs. Objects are merged member by member; the accounts and pictures by what they are (role,
// service and identifier; name); other lists as wholes. Where both sides changed the same thing and
// not to the same, the paths are in clashes, and the result has theirs there.
func Merge(base, mine, theirs *Profile) (merged *Profile, clashes []string) {
	m := mergeRun{}
	return &Profile{fields: m.fields("", base.fields, mine.fields, theirs.fields)}, m.clashes
}

type mergeRun struct{ clashes []string }

// fields merges members: those of theirs in their order, then what is new in mine.
func (m *mergeRun) fields(path string, base, mine, theirs []field) []field {
	was, my, their := byKey(base), byKey(mine), byKey(theirs)
	var out []field
	for _, key := range keysOf(theirs, mine) {
		if v := m.value(join(path, key), was[key], my[key], their[key]); v != nil {
			out = append(out, newField(key, v))
		}
	}
	return out
}

// keysOf lists the keys of both, once each.
func keysOf(lists ...[]field) []string {
	seen := map[string]bool{}
	var keys []string
	for _, f := range slices.Concat(lists...) {
		if !seen[f.key] {
			seen[f.key] = true
			keys = append(keys, f.key)
		}
	}
	return keys
}

// value merges one value; nil stands for one that is not there.
func (m *mergeRun) value(path string, base, mine, theirs json.RawMessage) json.RawMessage {
	switch {
	case bytes.Equal(mine, base), bytes.Equal(mine, theirs):
		return theirs
	case bytes.Equal(theirs, base):
		return mine
	}
	myFields, isObject := splitObject(mine)
	theirFields, areObjects := splitObject(theirs)
	if baseFields, wasObject := splitObject(base); isObject && areObjects && (wasObject || base == nil) {
		return joinObject(m.fields(path, baseFields, myFields, theirFields))
	}
	if merged, ok := m.list(path, base, mine, theirs); ok {
		return merged
	}
	m.clashes = append(m.clashes, path)
	return theirs
}

// list merges lists whose entries say what they are.
func (m *mergeRun) list(path string, base, mine, theirs json.RawMessage) (json.RawMessage, bool) {
	var sides [3][]field
	for i, raw := range []json.RawMessage{base, mine, theirs} {
		if raw == nil {
			continue
		}
		elems, isArray := splitArray(raw)
		if !isArray {
			return nil, false
		}
		for _, elem := range elems {
			id := identity(path, elem)
			if id == "" || slices.ContainsFunc(sides[i], func(f field) bool { return f.key == id }) {
				return nil, false // which entry is which cannot be told
			}
			sides[i] = append(sides[i], newField(id, elem))
		}
	}
	var elems []json.RawMessage
	for _, f := range m.fields("", sides[0], sides[1], sides[2]) {
		elems = append(elems, f.value)
	}
	if len(elems) == 0 {
		return nil, true
	}
	return joinArray(elems), true
}

// identity tells an entry of a list from the others: empty when it does not say.
func identity(path string, elem json.RawMessage) string {
	label := entryLabel(path, elem)
	if label == "" {
		return ""
	}
	if fields, _ := splitObject(elem); path == "account" {
		label += " " + textOr(fields, "identifier")
	}
	return label
}
