package config

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestOwned: what others own or may write is refused, whichever of the places it is; what is closed
// to them is not.
func TestOwned(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing on Windows")
	}
	home := func() *Config {
		dir := filepath.Join(t.TempDir(), "mine", "home")
		c := &Config{Home: dir, File: filepath.Join(dir, "config.json"), Network: "regtest"}
		if err := os.MkdirAll(c.NetworkPath(), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{c.File, c.KeychainFile(), c.LabelsFile(), c.JournalFile()} {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return c
	}
	whole := home()
	if err := whole.CheckOwned(); err != nil {
		t.Errorf("a home of one's own: %v", err)
	}
	none := &Config{Home: filepath.Join(whole.Home, "none", "yet"), File: filepath.Join(whole.Home, "none", "config.json"), Network: "regtest"}
	if err := none.CheckOwned(); err != nil {
		t.Errorf("a home that is not there: %v", err)
	}
	places := map[string]func(c *Config) string{
		"home": func(c *Config) string { return c.Home }, "configuration": func(c *Config) string { return c.File },
		"keychain": (*Config).KeychainFile, "labels": (*Config).LabelsFile, "journal": (*Config).JournalFile,
		"network": func(c *Config) string { return c.NetworkPath() }, "above": func(c *Config) string { return filepath.Dir(c.Home) },
	}
	for name, place := range places {
		for _, mode := range []os.FileMode{0o720, 0o702, 0o777} {
			c := home()
			if err := os.Chmod(place(c), mode); err != nil {
				t.Fatal(err)
			}
			var exposed *Exposed
			if err := c.CheckOwned(); !errors.As(err, &exposed) || exposed.Path != place(c) || exposed.What == 0 || exposed.Error() == "" {
				t.Errorf("%s with mode %o: %v", name, mode, err)
			}
			if err := os.Chmod(place(c), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := c.CheckOwned(); err != nil {
				t.Errorf("%s that others may read: %v", name, err)
			}
		}
		if os.Geteuid() == 0 && name != "above" {
			c := home()
			if err := os.Chown(place(c), 12345, 12345); err != nil {
				t.Fatal(err)
			}
			if err := c.CheckOwned(); !errors.As(err, new(*Exposed)) {
				t.Errorf("%s of another user: %v", name, err)
			}
		}
	}
	// A folder like /tmp: everybody may write, and nobody may replace what is not his.
	c := home()
	if err := os.Chmod(filepath.Dir(c.Home), 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	if err := c.CheckOwned(); err != nil {
		t.Errorf("in a folder like /tmp: %v", err)
	}
	// A link leads to where others may write.
	open := home()
	if err := os.Chmod(filepath.Dir(open.Home), 0o777); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(open.Home, link); err != nil {
		t.Fatal(err)
	}
	through := &Config{Home: link, File: filepath.Join(link, "config.json"), Network: "regtest"}
	if err := through.CheckOwned(); !errors.As(err, new(*Exposed)) {
		t.Errorf("through a link: %v", err)
	}
}
