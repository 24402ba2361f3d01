package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Key is one key of the file, as flags and `config set` see it: values as text.
type Key struct {
	// Name is how the file writes it.
	Name string
	// List says that it takes any number of values.
	List bool

	path     bool // a value is a place on disk (or, for zonefiles, a URL)
	yesNo    bool // it is true or false
	variable bool // an environment variable says the same
	get      func(f *Values) []string
	set      func(f *Values, values []string) error // no values: take the key out
}

// Get are the values of the key; nil: it has none.
func (k Key) Get(v *Values) []string { return k.get(v) }

// Set sets the key; without values it is taken out.
func (k Key) Set(v *Values, values []string) error { return k.set(v, values) }

// Flag is the name of the flag that says the same.
func (k Key) Flag() string { return strings.ReplaceAll(k.Name, "_", "-") }

// Variable is the environment variable that says the same; empty: there is none.
func (k Key) Variable() string {
	if !k.variable {
		return ""
	}
	return "BLOCKSTACK_" + strings.ToUpper(k.Name)
}

// IsPath reports whether a value is a place on disk. What node takes is one unless it is the
// address of a node.
func (k Key) IsPath(value string) bool {
	return k.path && (k.Name != "node" || filepath.IsAbs(value) || !strings.Contains(value, ":"))
}

// withoutVariable are the keys that no environment variable sets.
var withoutVariable = []string{"sandbox", "zonefiles", "confirmations", "password_command", "offline"}

// Keys are the keys of the file, in its order.
func Keys() []Key {
	keys := keyTable()
	for i := range keys {
		keys[i].variable = !slices.Contains(withoutVariable, keys[i].Name)
	}
	return keys
}

// keyTable is what each key reads and writes.
func keyTable() []Key {
	text := func(name string, path bool, field func(f *Values) **string) Key {
		return Key{Name: name, path: path,
			get: func(f *Values) []string {
				if p := *field(f); p != nil {
					return []string{*p}
				}
				return nil
			},
			set: func(f *Values, values []string) error {
				if *field(f) = nil; len(values) > 0 {
					*field(f) = &values[0]
				}
				return nil
			}}
	}
	return []Key{
		text("network", false, func(f *Values) **string { return &f.Network }),
		text("registry", true, func(f *Values) **string { return &f.Registry }),
		text("sandbox", true, func(f *Values) **string { return &f.Sandbox }),
		text("backend", false, func(f *Values) **string { return &f.Backend }),
		text("node", true, func(f *Values) **string { return &f.Node }),
		text("node_auth_file", true, func(f *Values) **string { return &f.NodeAuthFile }),
		text("node_cert_file", true, func(f *Values) **string { return &f.NodeCertFile }),
		yesNo("insecure_node", func(f *Values) **bool { return &f.InsecureNode }),
		{Name: "peer", List: true,
			get: func(f *Values) []string { return f.Peers },
			set: func(f *Values, values []string) error {
				f.Peers = values
				return nil
			}},
		text("proxy", false, func(f *Values) **string { return &f.Proxy }),
		{Name: "zonefiles", List: true, path: true,
			get: func(f *Values) []string { return f.ZoneFiles },
			set: func(f *Values, values []string) error {
				f.ZoneFiles = values
				return nil
			}},
		text("journal_copy", true, func(f *Values) **string { return &f.JournalCopy }),
		{Name: "confirmations",
			get: func(f *Values) []string {
				if f.Confirmations == nil {
					return nil
				}
				return []string{strconv.Itoa(*f.Confirmations)}
			},
			set: func(f *Values, values []string) error {
				if f.Confirmations = nil; len(values) == 0 {
					return nil
				}
				n, err := strconv.Atoi(values[0])
				if err != nil {
					return fmt.Errorf("not a whole number between 1 and 1000: %s", strconv.Quote(values[0]))
				}
				f.Confirmations = &n
				return nil
			}},
		text("password_file", true, func(f *Values) **string { return &f.PasswordFile }),
		text("password_command", false, func(f *Values) **string { return &f.PasswordCommand }),
		yesNo("offline", func(f *Values) **bool { return &f.Offline }),
	}
}

// yesNo is a key that is true or false.
func yesNo(name string, field func(f *Values) **bool) Key {
	return Key{Name: name, yesNo: true,
		get: func(f *Values) []string {
			if b := *field(f); b != nil {
				return []string{strconv.FormatBool(*b)}
			}
			return nil
		},
		set: func(f *Values, values []string) error {
			if *field(f) = nil; len(values) == 0 {
				return nil
			}
			if values[0] != "true" && values[0] != "false" {
				return fmt.Errorf("neither true nor false: %s", strconv.Quote(values[0]))
			}
			b := values[0] == "true"
			*field(f) = &b
			return nil
		}}
}

// FindKey returns the key of a name, which may be written as a flag's is.
func FindKey(name string) (Key, error) {
	keys := Keys()
	underscored := strings.ReplaceAll(name, "-", "_")
	if i := slices.IndexFunc(keys, func(k Key) bool { return k.Name == underscored }); i >= 0 {
		return keys[i], nil
	}
	return Key{}, &UnknownKey{Name: name}
}

// KeyNames are the names of all keys.
func KeyNames() []string {
	var list []string
	for _, k := range Keys() {
		list = append(list, k.Name)
	}
	return list
}
