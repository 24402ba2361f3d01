package faults

import (
	"os"
	"path/filepath"
	"testing"

	"blockstack/home/config"
	"blockstack/home/lastbackup"
)

// TestNewerSchema tells files of a newer version from damaged ones.
func TestNewerSchema(t *testing.T) {
	dir := t.TempDir()
	cfg := &config.Config{Home: dir, File: filepath.Join(dir, "config.json")}
	code := func(err error) string {
		if err == nil {
			return ""
		}
		return Of(t.Context(), err).Code
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
		if _, err := config.Read(cfg.File); code(err) != want {
			t.Errorf("configuration %s: %v", text, err)
		}
	}
	if err := os.WriteFile(cfg.LastBackupFile(), []byte(`{"schema":"blockstack/last-backup/v3"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := lastbackup.ReadLastBackup(cfg); code(err) != "newer_version" {
		t.Errorf("last backup: %v", err)
	}
}

// TestMissingNodeFiles: that a file of the configuration is not there does not look like a name
// that is not there.
func TestMissingNodeFiles(t *testing.T) {
	dir := t.TempDir()
	auth, missing := filepath.Join(dir, "auth"), filepath.Join(dir, "nothing")
	if err := os.WriteFile(auth, []byte("user:word\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*config.Config{
		{Network: "mainnet", Node: "http://127.0.0.1:1", NodeAuthFile: missing},
		{Network: "mainnet", Node: "https://127.0.0.1:1", NodeAuthFile: auth, NodeCertFile: missing},
	} {
		_, err := c.NodeConfig()
		if f := Of(t.Context(), err); err == nil || f.Code != "bad_config" {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
