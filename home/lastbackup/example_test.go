package lastbackup_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"blockstack/home/config"
	"blockstack/home/lastbackup"
)

// The file is written after a backup, and read to say how old that is. A file that was cut is told
// from none.
func ExampleNoteBackup() {
	home, err := os.MkdirTemp("", "home")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(home)
	c, err := config.Load(config.Given{Home: home}, false)
	if err != nil {
		panic(err)
	}
	none, err := lastbackup.ReadLastBackup(c)
	fmt.Println(none, err)

	file := filepath.Join(home, "wallet.backup")
	at := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
	if err := lastbackup.NoteBackup(c, file, at, []string{"0123456789abcdef"}, map[string]string{"mainnet/labels.db": "5feceb66"}); err != nil {
		panic(err)
	}
	raw, err := os.ReadFile(c.LastBackupFile())
	if err != nil {
		panic(err)
	}
	fmt.Print(strings.ReplaceAll(string(raw), home+string(filepath.Separator), "/home/alice/"))
	last, err := lastbackup.ReadLastBackup(c)
	if err != nil {
		panic(err)
	}
	fmt.Println(last.File == file, last.Created.Equal(at), last.Passwords, last.Contents["mainnet/labels.db"])

	if err := os.WriteFile(c.LastBackupFile(), raw[:20], 0o600); err != nil {
		panic(err)
	}
	_, err = lastbackup.ReadLastBackup(c)
	fmt.Println(strings.ReplaceAll(err.Error(), home+string(filepath.Separator), ""))
	// Output:
	// <nil> <nil>
	// {"schema":"blockstack/last-backup/v1","file":"/home/alice/wallet.backup","created":"2026-01-02T15:04:05Z","passwords":["0123456789abcdef"],"contents":{"mainnet/labels.db":"5feceb66"}}
	// true true [0123456789abcdef] 5feceb66
	// last-backup.json: not a file of ours
}
