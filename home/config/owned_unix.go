//go:build unix

package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// nobody is the user whom Linux shows as the owner of what belongs to a user of another name space:
// in a container, of folders of the machine around it. Nobody can be that user there.
const nobody = 65534

// writableByOthers are the bits of group and world.
const writableByOthers = 0o022

// owned refuses a file or folder that somebody else owns or may write.
func owned(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil
	}
	if err != nil {
		return err
	}
	if uid, ok := owner(info); ok && uid != 0 && uid != uint32(os.Geteuid()) {
		return &Exposed{Path: path, What: OthersOwn, User: uid}
	}
	if info.Mode().Perm()&writableByOthers != 0 {
		return &Exposed{Path: path, What: OthersWrite}
	}
	return nil
}

// ownedAbove refuses a place in which somebody else could put another thing under the same name.
// The folders of the path and those that its links lead to are looked at; those that are not there
// yet will be this user's.
func ownedAbove(path string) error {
	places := []string{path}
	if real, err := filepath.EvalSymlinks(path); err == nil && real != path {
		places = append(places, real)
	}
	for _, place := range places {
		for dir := filepath.Dir(place); ; dir = filepath.Dir(dir) {
			if err := safeFolder(dir); err != nil {
				return err
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return nil
}

// safeFolder refuses a folder in which others may replace what is not theirs.
func safeFolder(dir string) error {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil
	}
	if err != nil {
		return err
	}
	if uid, ok := owner(info); ok && uid != 0 && uid != nobody && uid != uint32(os.Geteuid()) && os.Geteuid() != 0 {
		return &Exposed{Path: dir, What: OwnerReplaces, User: uid}
	}
	if info.Mode().Perm()&writableByOthers != 0 && info.Mode()&fs.ModeSticky == 0 {
		return &Exposed{Path: dir, What: OthersReplace}
	}
	return nil
}

// owner is the number of the user who owns a file.
func owner(info fs.FileInfo) (uint32, bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return s.Uid, true
}
