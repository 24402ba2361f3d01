package commands

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"blockstack/commands/jobrun"
	"blockstack/commands/jobs"
	"blockstack/commands/lists"
	"blockstack/commands/specfile"
	"blockstack/home"
	"blockstack/home/config"
	"blockstack/names"
	"blockstack/storage/textfile"
)

// TestMarksOfFiles: every file of the user's that is text is read with a mark before it as without.
func TestMarksOfFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(textfile.Mark+text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	env, _, _ := testEnv()
	alice, err := names.Parse("alice.id")
	if err != nil {
		t.Fatal(err)
	}
	var registry strings.Builder
	if err := names.WriteRegistry(&registry, names.Mainnet()); err != nil {
		t.Fatal(err)
	}
	spec, err := os.ReadFile("../docs/examples/id.toml")
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func() error{
		"configuration": func() error {
			c, err := config.Read(write("config.json", `{"schema":"`+config.Schema+`","network":"signet"}`))
			if err == nil && (c.Network == nil || *c.Network != "signet") {
				t.Error("the configuration was not read")
			}
			return err
		},
		"registry": func() error {
			_, err := home.ReadRegistry(write("registry.json", registry.String()))
			return err
		},
		"namespace": func() error {
			_, err := specfile.Read(write("id.toml", string(spec)), nil)
			return err
		},
		"list of names": func() error {
			_, _, err := lists.ReadWishes(env, write("names.csv", "name\nalice.id\n"))
			return err
		},
		"names to rescue": func() error {
			list, skipped, err := jobs.ReadNames(write("names", "alice.id\nbob.id\n"), nil)
			if len(list) != 2 || skipped != 0 {
				t.Errorf("%d names, %d skipped", len(list), skipped)
			}
			return err
		},
		"node password": func() error {
			c := &config.Config{Network: "regtest", Node: "http://127.0.0.1:1", NodeAuthFile: write("auth", "user:pass\n")}
			n, err := c.NodeConfig()
			if n.User != "user" {
				t.Errorf("the user is %+q", n.User)
			}
			return err
		},
		"zone file to register": func() error {
			text, err := jobrun.ZoneFileOptions{File: write("z.txt", "$ORIGIN alice.id\n$TTL 3600\n_http._tcp URI 10 1 \"https://a.example/p.json\"\n")}.Text(env, alice)
			if strings.HasPrefix(string(text), textfile.Mark) {
				t.Error("the mark is in the zone file")
			}
			return err
		},
	} {
		if err := read(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
