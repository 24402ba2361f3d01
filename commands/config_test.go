package commands

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/home/config"
)

// TestInsecureNode: a node on another machine without TLS is not written down unless somebody asked
// for it.
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
	c := &config.Config{Network: "regtest", Node: "http://192.0.2.1:1", NodeAuthFile: auth, InsecureNode: true}
	if cfg, err := c.NodeConfig(); err != nil || !cfg.AllowPlaintext || !cfg.Plaintext() {
		t.Errorf("%v", err)
	}
}

// TestKeysAreFlags: every key is a global flag, and what its variable says is the same to the flags
// as to a program without them.
func TestKeysAreFlags(t *testing.T) {
	values := map[string]string{"insecure_node": "1", "network": "regtest", "backend": "btcd", "node": "http://127.0.0.1:1", "proxy": "socks5://127.0.0.1:9050", "peer": "a.example"}
	for _, k := range config.Keys() {
		f := line.FindFlag(line.Flags(), k.Flag())
		if f == nil {
			t.Errorf("%s: no global flag", k.Name)
			continue
		}
		var variable string
		if f != nil && len(line.Doc(f).GetEnvVars()) > 0 {
			variable = line.Doc(f).GetEnvVars()[0]
		}
		if variable != k.Variable() {
			t.Errorf("%s: the flag reads %q, others %q", k.Name, variable, k.Variable())
		}
		if variable == "" {
			continue
		}
		value := values[k.Name]
		if value == "" {
			value = "/" + k.Name
		}
		t.Setenv(variable, value)
	}
	env, _, _ := testEnv()
	app := newApp(env)
	var got config.Given
	verbs(app)["config show"].Action = func(c *cli.Context) (err error) {
		got, err = line.Chosen(c)
		return err
	}
	if err := app.RunContext(t.Context(), []string{"blockstack", "config", "show"}); err != nil {
		t.Fatal(err)
	}
	want, err := config.FromEnvironment(os.Getenv)
	if err != nil || !reflect.DeepEqual(got.Values, want.Values) || got.Home != want.Home {
		t.Errorf("%+v by flags, %+v without, %v", got, want, err)
	}
	if len(want.Values.Peers) == 0 || want.Values.InsecureNode == nil {
		t.Errorf("the variables were not read: %+v", want.Values)
	}
}

// TestGlobalFlagsAreDocumented compares the flags with docs/formats.md, where each key of the file
// has a line.
func TestGlobalFlagsAreDocumented(t *testing.T) {
	b, err := os.ReadFile("../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range config.Keys() {
		if !bytes.Contains(b, []byte(`"`+k.Name+`"`)) {
			t.Errorf("docs/formats.md does not mention %q", k.Name)
		}
	}
	example, found := exampleIn(string(b), "json", `"schema": "`+config.Schema+`"`)
	if !found {
		t.Fatal("docs/formats.md has no example of the configuration file")
	}
	if _, err := config.Parse([]byte(example)); err != nil {
		t.Errorf("the example in docs/formats.md: %v", err)
	}
	keys := map[string]any{}
	if err := json.Unmarshal([]byte(example), &keys); err != nil || len(keys) != len(config.Keys())+1 {
		t.Errorf("the example has %d keys of %d: %v", len(keys), len(config.Keys())+1, err)
	}
}

// TestFlagPrecedence: a password source given by a flag displaces one of another kind in the file.
func TestFlagPrecedence(t *testing.T) {
	home := t.TempDir()
	file := "/from/file"
	if err := config.Write(filepath.Join(home, "config.json"), &config.Values{PasswordFile: &file}); err != nil {
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
		verbs(app)["config show"].Action = func(c *cli.Context) error { return env.Configure(c, true) }
		typed, err := line.Split(app, append([]string{"config", "show", "--home", home}, c.words...))
		if err != nil {
			t.Fatal(err)
		}
		if err := app.RunContext(t.Context(), typed.Argv("blockstack")); err != nil {
			t.Fatal(err)
		}
		if g := env.Config; g.PasswordFile != c.file || g.PasswordCommand != c.command || g.PasswordFD != c.fd {
			t.Errorf("%q: %q %q %d", c.words, g.PasswordFile, g.PasswordCommand, g.PasswordFD)
		}
	}
}
