//go:build unix

package agent

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// TestSocketFits: the socket of every home has a path that every system takes, and an agent listens
// there.
func TestSocketFits(t *testing.T) {
	long := filepath.Join(t.TempDir(), strings.Repeat("a long folder/", 20))
	if err := os.MkdirAll(long, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, runtimeDir := range []string{"", "relative", filepath.Join(long, "nowhere"), long} {
		t.Setenv("XDG_RUNTIME_DIR", runtimeDir)
		socket, err := MakeSocketFolder(long)
		if err != nil || len(socket) > maxSocket || socket != Socket(long) {
			t.Fatalf("%q of %d bytes, or %q: %v", socket, len(socket), Socket(long), err)
		}
	}
	path := filepath.Join(long, "keychain")
	if err := keychain.Create(path, secret.New([]byte(phrase)), secret.New([]byte("pw")), keychain.TestCost()); err != nil {
		t.Fatal(err)
	}
	keys, err := keychain.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	done, ready := make(chan error, 1), make(chan struct{})
	go func() {
		done <- Serve(context.Background(), Socket(long), keys, time.Now().Add(time.Minute), func() error { close(ready); return nil })
	}()
	select {
	case <-ready:
	case err := <-done:
		t.Fatal(err)
	}
	if _, err := Of(long).Lock(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestSocketFolder: a folder that others can enter, or a link, holds no socket; another one is
// taken.
func TestSocketFolder(t *testing.T) {
	run, err := os.MkdirTemp("", "run")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(run)
	t.Setenv("XDG_RUNTIME_DIR", run)
	in := func(home string) string {
		t.Helper()
		s, err := MakeSocketFolder(home)
		if err != nil {
			t.Fatal(err)
		}
		return filepath.Dir(s)
	}
	home := t.TempDir()
	mine := filepath.Join(run, "blockstack")
	if dir := in(home); dir != mine {
		t.Errorf("it is in %s", dir)
	}
	if info, err := os.Stat(mine); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info, err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(home, link); err != nil {
		t.Fatal(err)
	}
	if Socket(home) != Socket(link) || Socket(home) == Socket(link+"2") {
		t.Error("a home has one socket, by whichever path it is reached")
	}
	if err := os.Chmod(mine, 0o750); err != nil {
		t.Fatal(err)
	}
	if dir := in(home); dir == mine || Socket(home) == filepath.Join(mine, socketName(home)) {
		t.Errorf("a folder that others can enter: %s", dir)
	}
	if err := os.Remove(mine); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(home, mine); err != nil {
		t.Fatal(err)
	}
	if dir := in(home); dir == mine {
		t.Error("a link was followed")
	}
	if err := os.Chmod(run, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(mine); err != nil {
		t.Fatal(err)
	}
	if dir := in(home); dir == mine {
		t.Error("a folder in one that others can enter")
	}
	if err := makeFolder("/"); err == nil {
		t.Error("a folder of everybody")
	}
	if err := makeFolder(filepath.Join(run, "a", "b")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
