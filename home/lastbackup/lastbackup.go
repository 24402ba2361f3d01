// Package lastbackup is last-backup.json in a home: when the last backup was written, where to, and
// of what.
package lastbackup

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"blockstack/home/config"
	"blockstack/storage/textfile"
	"blockstack/wallet/keychain"
)

// lastBackupSchema is the schema of last-backup.json in the home, which says when the last backup
// was written and where to. It can be deleted.
const lastBackupSchema = "blockstack/last-backup/v1"

// LastBackup is that file.
type LastBackup struct {
	Schema  string    `json:"schema"`
	File    string    `json:"file"`
	Created time.Time `json:"created"`
	// Passwords are the ids of the passwords of its keychain; nil: not known, an older program
	// wrote the file.
	Passwords []string `json:"passwords,omitempty"`
	// Contents are hashes over what its stores hold, by their names.
	Contents map[string]string `json:"contents,omitempty"`
}

// PasswordIDs are the ids of the passwords that open a keychain, sorted. A password that is written
// again keeps its id.
func PasswordIDs(keys *keychain.Keychain) []string {
	var ids []string
	for _, u := range keys.Unlockers() {
		if u.Type == "password" {
			ids = append(ids, u.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// NoteBackup remembers that a backup was written.
func NoteBackup(c *config.Config, file string, at time.Time, passwords []string, contents map[string]string) error {
	place, err := config.Absolute("", file)
	if err != nil {
		return err
	}
	b, err := json.Marshal(LastBackup{lastBackupSchema, place, at.UTC().Truncate(time.Second), passwords, contents})
	if err != nil {
		return err
	}
	return textfile.Replace(c.LastBackupFile(), append(b, '\n'), 0o600)
}

// ReadLastBackup is nil when none was written, or the file cannot be understood.
func ReadLastBackup(c *config.Config) (*LastBackup, error) {
	b, err := textfile.ReadSmall(c.LastBackupFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if textfile.NewerSchema(b, lastBackupSchema) {
		return nil, &textfile.Newer{Path: c.LastBackupFile()}
	}
	var l LastBackup
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil || l.Schema != lastBackupSchema {
		return nil, fmt.Errorf("%s: not a file of ours", c.LastBackupFile())
	}
	return &l, nil
}
