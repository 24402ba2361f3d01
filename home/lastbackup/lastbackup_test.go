package lastbackup

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"blockstack/home/config"
	"blockstack/storage/textfile"
)

// TestLastBackup reads what was noted; no file is no backup, and one that cannot be understood is
// an error and never a backup.
func TestLastBackup(t *testing.T) {
	c := &config.Config{Home: t.TempDir()}
	if l, err := ReadLastBackup(c); l != nil || err != nil {
		t.Errorf("before the first one: %+v, %v", l, err)
	}
	at, file := time.Date(2020, 1, 2, 3, 4, 5, 678, time.FixedZone("x", 3600)), filepath.Join(c.Home, "b.backup")
	contents := map[string]string{"wallet": "aa"}
	if err := NoteBackup(c, file, at, []string{"one", "two"}, contents); err != nil {
		t.Fatal(err)
	}
	l, err := ReadLastBackup(c)
	if err != nil || l == nil || l.File != file || !l.Created.Equal(at.Truncate(time.Second)) || !slices.Equal(l.Passwords, []string{"one", "two"}) || !maps.Equal(l.Contents, contents) {
		t.Errorf("%+v, %v", l, err)
	}
	if info, err := os.Stat(c.LastBackupFile()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	for what, text := range map[string]string{
		"no JSON":             "x",
		"nothing":             "",
		"another schema":      `{"schema":"blockstack/config/v1"}`,
		"a key of no meaning": `{"schema":"blockstack/last-backup/v1","file":"f","created":"2020-01-02T03:04:05Z","x":1}`,
		"of a newer program":  `{"schema":"blockstack/last-backup/v2","file":"f"}`,
	} {
		if err := os.WriteFile(c.LastBackupFile(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := ReadLastBackup(c)
		if l != nil || err == nil || errors.As(err, new(*textfile.Newer)) != (what == "of a newer program") {
			t.Errorf("%s: %+v, %v", what, l, err)
		}
	}
}
