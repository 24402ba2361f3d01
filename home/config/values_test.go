package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestKeys: every key can be set, read back from the file.
func TestKeys(t *testing.T) {
	values := map[string][]string{
		"network": {"regtest"}, "registry": {"/r.json"}, "sandbox": {"/s"}, "backend": {"btcd"}, "node": {"https://127.0.0.1:8334"},
		"peer": {"127.0.0.1:18444", "node.example.org"}, "proxy": {"socks5://127.0.0.1:9050"},
		"node_auth_file": {"/a"}, "node_cert_file": {"/c"}, "insecure_node": {"true"}, "zonefiles": {"/z", "https://example.org/z"}, "journal_copy": {"/j"}, "confirmations": {"12"},
		"password_file": {"/p"}, "password_command": {"pass show blockstack"}, "offline": {"true"},
	}
	path := filepath.Join(t.TempDir(), "deep", "config.json")
	file := &Values{}
	for _, k := range Keys() {
		v, ok := values[k.Name]
		if !ok {
			t.Errorf("the test has no value for %s", k.Name)
			continue
		}
		if err := k.Set(file, v); err != nil {
			t.Errorf("%s: %v", k.Name, err)
		}
	}
	if err := Write(path, file); err != nil {
		t.Fatal(err)
	}
	back, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range Keys() {
		if got := k.Get(back); !slices.Equal(got, values[k.Name]) {
			t.Errorf("%s: %q, want %q", k.Name, got, values[k.Name])
		}
		if err := k.Set(back, nil); err != nil || len(k.Get(back)) != 0 {
			t.Errorf("%s: cannot be taken out: %v", k.Name, err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.tmp")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

// FuzzValues: any bytes are a configuration or an error; what is accepted survives writing and
// reading.
func FuzzValues(f *testing.F) {
	f.Add([]byte(`{"schema":"blockstack/config/v1","network":"sandbox","zonefiles":["a","http://x/"],"confirmations":3,"offline":true}`))
	f.Add([]byte(`{"schema":"blockstack/config/v1","node":null}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Parse(b)
		if err != nil {
			return
		}
		var doc struct {
			Schema string `json:"schema"`
			Values
		}
		doc.Schema, doc.Values = Schema, *v
		again, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		w, err := Parse(again)
		if err != nil {
			t.Fatalf("%s was accepted, but not %s: %v", b, again, err)
		}
		for _, k := range Keys() {
			if !slices.Equal(k.Get(v), k.Get(w)) {
				t.Fatalf("%s: %s: %q became %q", b, k.Name, k.Get(v), k.Get(w))
			}
		}
	})
}
