package commands

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// lastBackupSchema is the schema of last-backup.json in the home, which says when the last backup was written and where
// to. It can be deleted.
const lastBackupSchema = "blockstack/last-backup/v1"

// lastBackup is that file.
type lastBackup struct {
	Schema  string    `json:"schema"`
	File    string    `json:"file"`
	Created time.Time `json:"created"`
}

// LastBackupFile is where it is.
func (c *Config) LastBackupFile() string { return c.Path("last-backup.json") }

// noteBackup remembers that a backup was written.
func (c *Config) noteBackup(file string, at time.Time) error {
	place, err := absolutePlace("", file)
	if err != nil {
		return err
	}
	b, err := json.Marshal(lastBackup{lastBackupSchema, place, at.UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	return replaceFile(c.LastBackupFile(), append(b, '\n'), 0o600)
}

// readLastBackup is nil when none was written, or the file cannot be understood.
func (c *Config) readLastBackup() (*lastBackup, error) {
	b, err := readSmallFile(c.LastBackupFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if newerSchema(b, lastBackupSchema) {
		return nil, newerFile(c.LastBackupFile())
	}
	var l lastBackup
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil || l.Schema != lastBackupSchema {
		return nil, fmt.Errorf("%s: not a file of ours", c.LastBackupFile())
	}
	return &l, nil
}
