package commands

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestNewerSchema tells files of a newer version from damaged ones.
func TestNewerSchema(t *testing.T) {
	dir := t.TempDir()
	cfg := &Config{Home: dir, File: filepath.Join(dir, "config.json")}
	code := func(err error) string {
		var f *Fault
		if errors.As(err, &f) {
			return f.Code
		}
		return ""
	}
	for text, want := range map[string]string{
		`{"schema":"blockstack/config/v2","moon":1}`: "newer_version",
		`{"schema":"blockstack/config/v02x"}`:        "bad_config",
		`{"schema":"blockstack/other/v2"}`:           "bad_config",
		`{"schema":"blockstack/config/v0"}`:          "bad_config",
		`{`:                                          "bad_config",
	} {
		if err := os.WriteFile(cfg.File, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readConfigFile(cfg.File); code(err) != want {
			t.Errorf("configuration %s: %v", text, err)
		}
	}
	if err := os.WriteFile(cfg.LastBackupFile(), []byte(`{"schema":"blockstack/last-backup/v3"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := cfg.readLastBackup(); code(err) != "newer_version" {
		t.Errorf("last backup: %v", err)
	}
}

// TestReplaceKeepsLink writes through a link.
func TestReplaceKeepsLink(t *testing.T) {
	dir := t.TempDir()
	there, link := filepath.Join(dir, "there"), filepath.Join(dir, "link")
	if err := os.Symlink("there", link); err != nil {
		t.Skip(err)
	}
	for _, text := range []string{"a", "b"} {
		if err := replaceFile(link, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(there); err != nil || string(b) != text {
			t.Errorf("behind the link: %q %v", b, err)
		}
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
}
