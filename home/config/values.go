package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"blockstack/storage/dial"
	"blockstack/storage/textfile"
	"blockstack/wallet/secretform"
)

// Schema is the schema of the configuration file.
const Schema = "blockstack/config/v1"

// maxFile bounds what is read of it.
const maxFile = 1 << 20

// Values is the configuration file: one JSON object. Its grammar (RFC 8259 below the keys):
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
// Every key but schema may be left out; unknown and repeated keys are refused. Paths are relative
// to the folder of the file. No key holds a secret.
type Values struct {
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

// Check applies the grammar's rules to the values.
func (f *Values) Check() error {
	for _, k := range Keys() {
		for _, v := range k.Get(f) {
			if what := secretform.Key(v); what != "" {
				return fmt.Errorf("%s: it looks like %s; no setting is a secret", k.Name, what)
			} else if secretform.Phrase(v) {
				return fmt.Errorf("%s: it looks like a seed phrase; no setting is a secret", k.Name)
			}
		}
	}
	if f.Network != nil {
		if err := oneOf(*f.Network, Networks()); err != nil {
			return fmt.Errorf("network: %w", err)
		}
	}
	if f.Backend != nil {
		if err := oneOf(*f.Backend, append(Backends(), BackendPeers)); err != nil {
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
		if _, err := dial.ParseProxy(*f.Proxy); err != nil {
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

// Parse reads the bytes of a configuration file strictly.
func Parse(b []byte) (*Values, error) {
	if err := textfile.UniqueKeys(b); err != nil {
		return nil, err
	}
	var doc struct {
		Schema string `json:"schema"`
		Values
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	if doc.Schema != Schema {
		return nil, fmt.Errorf("schema is %s, not %q", strconv.Quote(doc.Schema), Schema)
	}
	return &doc.Values, doc.Check()
}

// Read reads the file; one that does not exist is empty.
func Read(path string) (*Values, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Values{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(textfile.Unmarked(f), maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	if len(b) > maxFile {
		return nil, &BadFile{Path: path, Err: fmt.Errorf("larger than %d bytes", maxFile)}
	}
	v, err := Parse(b)
	if err != nil && textfile.NewerSchema(b, Schema) {
		return nil, &textfile.Newer{Path: path}
	}
	if err != nil {
		return nil, &BadFile{Path: path, Err: err}
	}
	return v, nil
}

// Write replaces the file in one step.
func Write(path string, v *Values) error {
	var doc struct {
		Schema string `json:"schema"`
		Values
	}
	doc.Schema, doc.Values = Schema, *v
	b, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	return textfile.Replace(path, append(b, '\n'), 0o600)
}
