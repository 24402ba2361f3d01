package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// place is what lies at the place that a key names.
type place int

const (
	placeFile place = iota + 1
	placeFolder
	placeMadeFolder // which may come later: the program or its user makes it
)

// places are the keys that name places on disk. A URL is none.
var places = map[string]place{
	"registry": placeFile, "node_auth_file": placeFile, "node_cert_file": placeFile, "password_file": placeFile,
	"node": placeFolder, "sandbox": placeMadeFolder, "zonefiles": placeMadeFolder, "journal_copy": placeMadeFolder,
}

// CheckTyped refuses what a key cannot be, as far as this machine can tell now. The grammar is
// checked elsewhere (Values.Check). What has the shape of a path may come later: then warn says so.
func (k Key) CheckTyped(value string, warn func(format string, args ...any)) error {
	if value == "" {
		return fmt.Errorf("an empty value; without a value the key is taken out")
	}
	if k.Name == "password_command" {
		return CheckCommand(value)
	}
	if value == "-" {
		if k.Name == "password_file" {
			return nil
		}
		return k.wrong("- is not taken here")
	}
	kind := places[k.Name]
	if kind == 0 || !k.IsPath(value) || IsURL(value) {
		return nil
	}
	info, err := os.Stat(value)
	switch {
	case errors.Is(err, fs.ErrNotExist) && (kind == placeMadeFolder || pathLike(value)):
		warn("%s: %s is not there yet", k.Name, value)
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return k.wrong("there is no %s here", value)
	case err != nil:
		return err
	case info.IsDir() && kind == placeFile:
		return k.wrong("%s is a folder", value)
	case !info.IsDir() && kind != placeFile:
		return k.wrong("%s is a file", value)
	}
	return nil
}

// wrong is the error about a value that a key cannot be, with what it may be.
func (k Key) wrong(format string, args ...any) error {
	right := "it is the path of a file"
	switch {
	case k.Name == "node":
		right = "it is the URL of a node, such as http://127.0.0.1:8332, or with the backend files the folder of one"
	case k.Name == "zonefiles":
		right = "it is the path of a folder, or an https URL"
	case places[k.Name] != placeFile:
		right = "it is the path of a folder"
	}
	return fmt.Errorf(format+"; %s", append(args, right)...)
}

// pathLike reports whether a text says by its shape that it is a path.
func pathLike(value string) bool {
	return strings.ContainsRune(value, '/') || strings.ContainsRune(value, filepath.Separator) || filepath.Ext(value) != ""
}

// CheckCommand refuses a command that begins with no program: it may be the password itself, and a
// shell would repeat it.
func CheckCommand(command string) error {
	first := strings.TrimLeft(command, " \t\n")
	if i := strings.IndexAny(first, " \t\n;&|<>()"); i >= 0 {
		first = first[:i]
	}
	if runtime.GOOS == "windows" || first == "" || strings.ContainsAny(first, "$`\"'\\{}*?[]#~=!") || slices.Contains(shellsOwn(), first) {
		return nil
	}
	if _, err := exec.LookPath(first); err != nil && !errors.Is(err, exec.ErrDot) {
		return errors.New("it does not begin with a program that is here; it is a command whose output is the password, such as 'pass show wallet'")
	}
	return nil
}

// shellsOwn are the words that a shell's command may begin with and that are no programs.
func shellsOwn() []string {
	return strings.Fields(": . break case cd command continue eval exec exit export for if local read readonly return set shift test times trap true false " +
		"type ulimit umask unset until wait while echo printf pwd")
}
