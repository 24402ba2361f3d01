package commands

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"blockstack/wallet/chain"
)

// configSchema is the schema of the configuration file.
const configSchema = "blockstack/config/v1"

// maxConfigFile bounds what is read of it.
const maxConfigFile = 1 << 20

// configFile is the configuration file: one JSON object. Its grammar (RFC 8259 below the keys):
//
//	config = {
//	  "schema":           "blockstack/config/v1",                     required
//	  "network":          "mainnet" | "testnet" | "signet" | "regtest" | "sandbox",
//	  "registry":         PATH,     the name rules
//	  "sandbox":          PATH,     the home of a running sandbox
//	  "backend":          "btcd" | "bitcoind" | "files" | "neutrino",
//	  "node":             URL,      http or https, without user and password; with the backend files a PATH
//	  "node_auth_file":   PATH,     one line, user:password
//	  "node_cert_file":   PATH,     PEM
//	  "insecure_node":    true | false, a node on another machine without TLS
//	  "peer":             [ *( HOST [ ":" PORT ] ) ],
//	  "proxy":            "socks5://" HOST ":" PORT,
//	  "zonefiles":        [ *( PATH | URL ) ],
//	  "journal_copy":     PATH,     a folder for an encrypted copy of the journal
//	  "confirmations":    1..1000,
//	  "password_file":    PATH,
//	  "password_command": TEXT,
//	  "offline":          true | false
//	}
//
// Every key but schema may be left out; unknown and repeated keys are refused. Paths are relative to the folder of
// the file. No key holds a secret.
type configFile struct {
	Network         *string  `json:"network,omitempty"`
	Registry        *string  `json:"registry,omitempty"`
	Sandbox         *string  `json:"sandbox,omitempty"`
	Backend         *string  `json:"backend,omitempty"`
	Node            *string  `json:"node,omitempty"`
	NodeAuthFile    *string  `json:"node_auth_file,omitempty"`
	NodeCertFile    *string  `json:"node_cert_file,omitempty"`
	InsecureNode    *bool    `json:"insecure_node,omitempty"`
	Peers           []string `json:"peer,omitempty"`
	Proxy           *string  `json:"proxy,omitempty"`
	ZoneFiles       []string `json:"zonefiles,omitempty"`
	JournalCopy     *string  `json:"journal_copy,omitempty"`
	Confirmations   *int     `json:"confirmations,omitempty"`
	PasswordFile    *string  `json:"password_file,omitempty"`
	PasswordCommand *string  `json:"password_command,omitempty"`
	Offline         *bool    `json:"offline,omitempty"`
}

// configKey is one key of the file, as flags and `config set` see it: values as text.
type configKey struct {
	name string
	list bool // takes any number of values
	path bool // a value is a place on disk (or, for zonefiles, a URL)
	get  func(f *configFile) []string
	set  func(f *configFile, values []string) error // no values: take the key out
}

// isPath reports whether a value is a place on disk. What --node takes is one unless it is the address of a node.
func (k configKey) isPath(value string) bool {
	return k.path && (k.name != "node" || filepath.IsAbs(value) || !strings.Contains(value, ":"))
}

// configKeys are the keys of the file, in its order.
func configKeys() []configKey {
	text := func(name string, path bool, field func(f *configFile) **string) configKey {
		return configKey{name: name, path: path,
			get: func(f *configFile) []string {
				if p := *field(f); p != nil {
					return []string{*p}
				}
				return nil
			},
			set: func(f *configFile, values []string) error {
				if *field(f) = nil; len(values) > 0 {
					*field(f) = &values[0]
				}
				return nil
			}}
	}
	return []configKey{
		text("network", false, func(f *configFile) **string { return &f.Network }),
		text("registry", true, func(f *configFile) **string { return &f.Registry }),
		text("sandbox", true, func(f *configFile) **string { return &f.Sandbox }),
		text("backend", false, func(f *configFile) **string { return &f.Backend }),
		text("node", true, func(f *configFile) **string { return &f.Node }),
		text("node_auth_file", true, func(f *configFile) **string { return &f.NodeAuthFile }),
		text("node_cert_file", true, func(f *configFile) **string { return &f.NodeCertFile }),
		yesNo("insecure_node", func(f *configFile) **bool { return &f.InsecureNode }),
		{name: "peer", list: true,
			get: func(f *configFile) []string { return f.Peers },
			set: func(f *configFile, values []string) error {
				f.Peers = values
				return nil
			}},
		text("proxy", false, func(f *configFile) **string { return &f.Proxy }),
		{name: "zonefiles", list: true, path: true,
			get: func(f *configFile) []string { return f.ZoneFiles },
			set: func(f *configFile, values []string) error {
				f.ZoneFiles = values
				return nil
			}},
		text("journal_copy", true, func(f *configFile) **string { return &f.JournalCopy }),
		{name: "confirmations",
			get: func(f *configFile) []string {
				if f.Confirmations == nil {
					return nil
				}
				return []string{strconv.Itoa(*f.Confirmations)}
			},
			set: func(f *configFile, values []string) error {
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
		text("password_file", true, func(f *configFile) **string { return &f.PasswordFile }),
		text("password_command", false, func(f *configFile) **string { return &f.PasswordCommand }),
		yesNo("offline", func(f *configFile) **bool { return &f.Offline }),
	}
}

// yesNo is a key that is true or false.
func yesNo(name string, field func(f *configFile) **bool) configKey {
	return configKey{name: name,
		get: func(f *configFile) []string {
			if b := *field(f); b != nil {
				return []string{strconv.FormatBool(*b)}
			}
			return nil
		},
		set: func(f *configFile, values []string) error {
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

// findConfigKey returns the key of a name.
func findConfigKey(name string) (configKey, error) {
	keys := configKeys()
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	if i := slices.Index(names, strings.ReplaceAll(name, "-", "_")); i >= 0 {
		return keys[i], nil
	}
	f := usagef("no such configuration key: %s", strconv.Quote(name))
	if s := nearest(name, names); s != "" {
		f.hint("did you mean %s?", s)
	}
	return configKey{}, f.hint("the keys are %s", strings.Join(names, ", "))
}

// check applies the grammar's rules to the values.
func (f *configFile) check() error {
	for _, k := range configKeys() {
		for _, v := range k.get(f) {
			if what := keyIn(v); what != "" {
				return fmt.Errorf("%s: it looks like %s; no setting is a secret", k.name, what)
			} else if phraseIn(v) {
				return fmt.Errorf("%s: it looks like a seed phrase; no setting is a secret", k.name)
			}
		}
	}
	if f.Network != nil {
		if err := oneOf(*f.Network, Networks()); err != nil {
			return fmt.Errorf("network: %w", err)
		}
	}
	if f.Backend != nil {
		if err := oneOf(*f.Backend, append(Backends(), backendPeers)); err != nil {
			return fmt.Errorf("backend: %w", err)
		}
	}
	if f.Node != nil {
		if err := checkNode(*f.Node); err != nil {
			return fmt.Errorf("node: %w", err)
		}
	}
	for _, p := range f.Peers {
		if err := checkPeer(p); err != nil {
			return fmt.Errorf("peer: %w", err)
		}
	}
	if f.Proxy != nil {
		if _, err := chain.ParseProxy(*f.Proxy); err != nil {
			return fmt.Errorf("proxy: %w", err)
		}
	}
	for _, z := range f.ZoneFiles {
		if z == "" {
			return errors.New("zonefiles: an empty place")
		}
		if strings.Contains(z, "://") {
			if err := checkURL(z); err != nil {
				return fmt.Errorf("zonefiles: %w", err)
			}
		}
	}
	if f.Confirmations != nil && (*f.Confirmations < 1 || *f.Confirmations > 1000) {
		return fmt.Errorf("confirmations: %d is not between 1 and 1000", *f.Confirmations)
	}
	return nil
}

// parseConfigFile reads the bytes of a configuration file strictly.
func parseConfigFile(b []byte) (*configFile, error) {
	if err := uniqueKeys(b); err != nil {
		return nil, err
	}
	var doc struct {
		Schema string `json:"schema"`
		configFile
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	if doc.Schema != configSchema {
		return nil, fmt.Errorf("schema is %s, not %q", strconv.Quote(doc.Schema), configSchema)
	}
	return &doc.configFile, doc.check()
}

// uniqueKeys refuses an object with a repeated key, and keys that differ from the grammar's only in case, which
// encoding/json would take.
func uniqueKeys(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	if t, err := dec.Token(); err != nil {
		return err
	} else if t != json.Delim('{') {
		return errors.New("not a JSON object")
	}
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		if key != strings.ToLower(key) {
			return fmt.Errorf("unknown key %s", strconv.Quote(key))
		}
		if seen[key] {
			return fmt.Errorf("repeated key %s", strconv.Quote(key))
		}
		seen[key] = true
		var skip json.RawMessage
		if err := dec.Decode(&skip); err != nil {
			return err
		}
	}
	return nil
}

// readConfigFile reads the file; one that does not exist is empty.
func readConfigFile(path string) (*configFile, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &configFile{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(unmarked(f), maxConfigFile+1))
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	if len(b) > maxConfigFile {
		return nil, fault("bad_config", "%s: larger than %d bytes", path, maxConfigFile)
	}
	v, err := parseConfigFile(b)
	if err != nil && newerSchema(b, configSchema) {
		return nil, newerFile(path)
	}
	if err != nil {
		return nil, fault("bad_config", "%s: %v", path, err).
			hint("correct the file, or move it away to start afresh; its grammar: docs/formats.md")
	}
	return v, nil
}

// writeConfigFile replaces the file in one step.
func writeConfigFile(path string, v *configFile) error {
	var doc struct {
		Schema string `json:"schema"`
		configFile
	}
	doc.Schema, doc.configFile = configSchema, *v
	b, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	return replaceFile(path, append(b, '\n'), 0o600)
}
