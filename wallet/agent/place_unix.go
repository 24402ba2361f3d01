//go:build unix

package agent

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
)

// folders are those that may hold sockets, best first.
func folders() []string {
	uid := strconv.Itoa(os.Getuid())
	var list []string
	add := func(runtimeDir string) {
		dir := filepath.Join(runtimeDir, "blockstack")
		if filepath.IsAbs(runtimeDir) && ownFolder(runtimeDir) == nil && !slices.Contains(list, dir) {
			list = append(list, dir)
		}
	}
	add(os.Getenv("XDG_RUNTIME_DIR"))
	if runtime.GOOS == "linux" {
		add("/run/user/" + uid)
	}
	return append(list, "/tmp/blockstack-"+uid)
}

// usable says whether a folder can hold a socket: it is ours alone, or is not there yet.
func usable(dir string) error {
	if _, err := os.Lstat(dir); os.IsNotExist(err) {
		return nil
	}
	return ownFolder(dir)
}

// makeFolder makes a folder that only its owner can enter; one that is there must be so.
func makeFolder(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !os.IsExist(err) {
		return err
	}
	return ownFolder(dir)
}

// ownFolder refuses what is not a folder of this user that nobody else can enter, and a link to
// one.
func ownFolder(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.IsDir() || !ok:
		return fmt.Errorf("%s is not a folder", dir)
	case int(st.Uid) != os.Getuid():
		return fmt.Errorf("%s belongs to user %d", dir, st.Uid)
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("%s can be entered by others: its mode is %04o, not 0700", dir, info.Mode().Perm())
	}
	return nil
}
