package commands

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// TestInsecureNode: a node on another machine without TLS is not written down unless somebody asked for it.
func TestInsecureNode(t *testing.T) {
	home := t.TempDir()
	set := func(want int, args ...string) {
		t.Helper()
		if code, _, _, said := blockstack(t, append([]string{"--home", home, "config", "set"}, args...)...); code != want {
			t.Errorf("%v: exit code %d\n%s", args, code, said)
		}
	}
	set(2, "node", "http://node.example.org:8332")
	set(0, "node", "http://127.0.0.1:8332")
	set(0, "node", "http://①②⑦.⓪.⓪.①:8332")
	set(2, "node", "http://nodeaddress.onion:8332")
	set(0, "proxy", "socks5://127.0.0.1:9050")
	set(0, "node", "http://nodeaddress.onion:8332")
	set(2, "proxy")
	set(0, "insecure_node", "true")
	set(0, "node", "http://node.example.org:8332")
	set(2, "insecure_node")
	set(0, "node_cert_file", "cert.pem")
	set(0, "insecure_node")
	auth := writeFile(t, "auth", []byte("user:word\n"))
	c := &Config{Network: "regtest", Node: "http://192.0.2.1:1", NodeAuthFile: auth, InsecureNode: true}
	if cfg, err := c.nodeConfig(); err != nil || !cfg.AllowPlaintext || !cfg.Plaintext() {
		t.Errorf("%v", err)
	}
}

// TestConfigKeys: every key can be set, read back from the file, and is a global flag of the same name; none holds a secret.
func TestConfigKeys(t *testing.T) {
	values := map[string][]string{
		"network": {"regtest"}, "registry": {"/r.json"}, "sandbox": {"/s"}, "backend": {"btcd"}, "node": {"https://127.0.0.1:8334"},
		"peer": {"127.0.0.1:18444", "node.example.org"}, "proxy": {"socks5://127.0.0.1:9050"},
		"node_auth_file": {"/a"}, "node_cert_file": {"/c"}, "insecure_node": {"true"}, "zonefiles": {"/z", "https://example.org/z"}, "journal_copy": {"/j"}, "confirmations": {"12"},
		"password_file": {"/p"}, "password_command": {"pass show blockstack"}, "offline": {"true"},
	}
	path := filepath.Join(t.TempDir(), "deep", "config.json")
	file := &configFile{}
	for _, k := range configKeys() {
		v, ok := values[k.name]
		if !ok {
			t.Errorf("the test has no value for %s", k.name)
			continue
		}
		if err := k.set(file, v); err != nil {
			t.Errorf("%s: %v", k.name, err)
		}
		if findFlag(globalFlags(), strings.ReplaceAll(k.name, "_", "-")) == nil {
			t.Errorf("%s: no global flag", k.name)
		}
	}
	if err := writeConfigFile(path, file); err != nil {
		t.Fatal(err)
	}
	back, err := readConfigFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range configKeys() {
		if got := k.get(back); !slices.Equal(got, values[k.name]) {
			t.Errorf("%s: %q, want %q", k.name, got, values[k.name])
		}
		if err := k.set(back, nil); err != nil || len(k.get(back)) != 0 {
			t.Errorf("%s: cannot be taken out: %v", k.name, err)
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

// TestGlobalFlagsAreDocumented compares the flags with docs/formats.md, where each key of the file has a line.
func TestGlobalFlagsAreDocumented(t *testing.T) {
	b, err := os.ReadFile("../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range configKeys() {
		if !bytes.Contains(b, []byte(`"`+k.name+`"`)) {
			t.Errorf("docs/formats.md does not mention %q", k.name)
		}
	}
	example, found := exampleIn(string(b), "json", `"schema": "`+configSchema+`"`)
	if !found {
		t.Fatal("docs/formats.md has no example of the configuration file")
	}
	if _, err := parseConfigFile([]byte(example)); err != nil {
		t.Errorf("the example in docs/formats.md: %v", err)
	}
	keys := map[string]any{}
	if err := json.Unmarshal([]byte(example), &keys); err != nil || len(keys) != len(configKeys())+1 {
		t.Errorf("the example has %d keys of %d: %v", len(keys), len(configKeys())+1, err)
	}
}

// TestReplaceFile: a failed replacement leaves the old bytes and nothing else.
func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := replaceFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(filepath.Join(dir, "d"), []byte("x"), 0o600); err == nil {
		t.Error("a folder was replaced")
	}
	if err := replaceFile(filepath.Join(dir, "none", "f"), []byte("x"), 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if err := replaceFile(path, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	b, e := os.ReadFile(path)
	if err != nil || e != nil || string(b) != "new" || len(entries) != 2 {
		t.Errorf("%q, %d entries, %v %v", b, len(entries), err, e)
	}
}

// TestFlagPrecedence: a password source given by a flag displaces one of another kind in the file.
func TestFlagPrecedence(t *testing.T) {
	home := t.TempDir()
	file := "/from/file"
	if err := writeConfigFile(filepath.Join(home, "config.json"), &configFile{PasswordFile: &file}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		words         []string
		file, command string
		fd            int
	}{
		{nil, "/from/file", "", -1},
		{[]string{"--password-command", "pass"}, "", "pass", -1},
		{[]string{"--password-fd", "3"}, "", "", 3},
		{[]string{"--password-file", "/other"}, "/other", "", -1},
	} {
		env, _, _ := testEnv()
		app := newApp(env)
		verbs(app)["config show"].Action = func(c *cli.Context) error { return env.configure(c, true) }
		line, err := splitLine(app, append([]string{"config", "show", "--home", home}, c.words...))
		if err != nil {
			t.Fatal(err)
		}
		if err := app.Run(line.argv("blockstack")); err != nil {
			t.Fatal(err)
		}
		if g := env.Config; g.PasswordFile != c.file || g.PasswordCommand != c.command || g.PasswordFD != c.fd {
			t.Errorf("%q: %q %q %d", c.words, g.PasswordFile, g.PasswordCommand, g.PasswordFD)
		}
	}
}

// FuzzConfigFile: any bytes are a configuration or an error; what is accepted survives writing and reading.
func FuzzConfigFile(f *testing.F) {
	f.Add([]byte(`{"schema":"blockstack/config/v1","network":"sandbox","zonefiles":["a","http://x/"],"confirmations":3,"offline":true}`))
	f.Add([]byte(`{"schema":"blockstack/config/v1","node":null}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := parseConfigFile(b)
		if err != nil {
			return
		}
		var doc struct {
			Schema string `json:"schema"`
			configFile
		}
		doc.Schema, doc.configFile = configSchema, *v
		again, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		w, err := parseConfigFile(again)
		if err != nil {
			t.Fatalf("%s was accepted, but not %s: %v", b, again, err)
		}
		for _, k := range configKeys() {
			if !slices.Equal(k.get(v), k.get(w)) {
				t.Fatalf("%s: %s: %q became %q", b, k.name, k.get(v), k.get(w))
			}
		}
	})
}
