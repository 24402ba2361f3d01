package profile

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Change is one difference between two profiles.
type Change struct {
	Path string          // as for Set where Set knows it: "name", "account.twitter.identifier"; else with list indexes: "knows[0]"
	Old  json.RawMessage // nil: was not there
	New  json.RawMessage // nil: is no longer there
}

// Diff gives what changes from one profile to another, in the order of the old one and then of what
// is new: what a person must see before signing. Objects are compared member by member; entries of
// lists by what they are (service and role, name of a picture) and else by position. Members or
// entries that only changed places are one change of the whole object or list, so that two
// documents without a change between them are signed as the same bytes.
func Diff(old, new *Profile) []Change {
	if changes := diffFields("", old.fields, new.fields); changes != nil || old.Equal(new) {
		return changes
	}
	return []Change{{Path: "", Old: joinObject(old.fields), New: joinObject(new.fields)}}
}

func diffFields(path string, old, new []field) []Change {
	var changes []Change
	was, is := byKey(old), byKey(new)
	for _, o := range old {
		n, found := is[o.key]
		if !found {
			changes = append(changes, Change{Path: join(path, o.key), Old: o.value})
			continue
		}
		changes = append(changes, diffValues(join(path, o.key), o.value, n)...)
	}
	for _, n := range new {
		if _, found := was[n.key]; !found {
			changes = append(changes, Change{Path: join(path, n.key), New: n.value})
		}
	}
	return changes
}

// byKey is an index of members, so that large documents take no longer than their length.
func byKey(fields []field) map[string]json.RawMessage {
	m := make(map[string]json.RawMessage, len(fields))
	for _, f := range fields {
		m[f.key] = f.value
	}
	return m
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func diffValues(path string, old, new json.RawMessage) []Change {
	if bytes.Equal(old, new) {
		return nil
	}
	whole := []Change{{Path: path, Old: old, New: new}}
	oldFields, wasObject := splitObject(old)
	newFields, isObject := splitObject(new)
	if wasObject && isObject {
		if changes := diffFields(path, oldFields, newFields); changes != nil {
			return changes
		}
		return whole
	}
	oldElems, wasArray := splitArray(old)
	newElems, isArray := splitArray(new)
	if wasArray && isArray {
		if changes := diffFields("", labelled(path, oldElems), labelled(path, newElems)); changes != nil {
			return changes
		}
	}
	return whole
}

// labelled makes members of the elements of a list, called by what they are. No two get the same
// label, whatever they call themselves, so that no difference can hide behind another.
func labelled(path string, elems []json.RawMessage) []field {
	fields := make([]field, len(elems))
	used := map[string]bool{}
	for i, elem := range elems {
		label := entryLabel(path, elem)
		if label == "" || used[label] {
			label = fmt.Sprintf("%s[%d]", path, i)
		}
		for used[label] {
			label += "'"
		}
		used[label] = true
		fields[i] = newField(label, elem)
	}
	return fields
}

// entryLabel names an entry of a list in the way Set does, or not at all.
func entryLabel(path string, elem json.RawMessage) string {
	fields, isObject := splitObject(elem)
	if !isObject {
		return ""
	}
	switch path {
	case "account":
		service, role := textOr(fields, "service"), textOr(fields, "role")
		switch {
		case service == "":
		case role == "payment", role == "" && service == "bitcoin":
			return "payment." + service
		case role == "key":
			return "key." + service
		case role == "":
			return "account." + service
		}
	case "image":
		if name := textOr(fields, "name"); name != "" {
			return "image." + name
		}
	}
	return ""
}
