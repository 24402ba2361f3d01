package unlock

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"blockstack/home/config"
	"blockstack/wallet/secret"
)

// heard is a Teller that keeps what it is told.
type heard struct {
	mu           sync.Mutex
	warns, notes []string
}

func (h *heard) Warn(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.warns = append(h.warns, fmt.Sprintf(format, args...))
}

func (h *heard) Note(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.notes = append(h.notes, fmt.Sprintf(format, args...))
}

// text is what a secret says.
func text(s *secret.Bytes) (out string) {
	s.Use(func(b []byte) { out = string(b) })
	return out
}

// write makes a file with a mode.
func write(t *testing.T, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "password")
	if err := errors.Join(os.WriteFile(path, []byte(content), mode), os.Chmod(path, mode)); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestConfigured: every place a password comes from, every way it can be missing there, and nothing
// of it in an error.
func TestConfigured(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes and commands of POSIX")
	}
	const password = "correct horse"
	good, open := write(t, password+"\r\nsecond line\n", 0o600), write(t, password, 0o640)
	for _, c := range []struct {
		name  string
		cfg   config.Config
		in    string
		want  string // empty: an error
		is    func(err error) bool
		says  string
		warns int
	}{
		{name: "file", cfg: config.Config{PasswordFD: -1, PasswordFile: good}, want: password},
		{name: "file that others can read", cfg: config.Config{PasswordFD: -1, PasswordFile: open}, want: password, warns: 1},
		{name: "empty file", cfg: config.Config{PasswordFD: -1, PasswordFile: write(t, "\n"+password, 0o600)}, is: bad(-1), says: "the first line is empty"},
		{name: "no file", cfg: config.Config{PasswordFD: -1, PasswordFile: good + ".none"}, is: isAny(fs.ErrNotExist), says: "password file: "},
		{name: "too long", cfg: config.Config{PasswordFD: -1, PasswordFile: write(t, strings.Repeat(password, 1000), 0o600)}, is: isAny(secret.ErrTooLong), says: "password file "},
		{name: "input", cfg: config.Config{PasswordFD: -1, PasswordFile: "-"}, in: password + "\nrest", want: password},
		{name: "empty input", cfg: config.Config{PasswordFD: -1, PasswordFile: "-"}, is: bad(-1), says: "password from standard input: the first line is empty"},
		{name: "closed descriptor", cfg: config.Config{PasswordFD: 97}, is: bad(97), says: "password descriptor 97: "},
		{name: "command", cfg: config.Config{PasswordFD: -1, PasswordCommand: "printf 'correct horse\\nx'"}, want: password},
		{name: "command fails", cfg: config.Config{PasswordFD: -1, PasswordCommand: "echo correct horse; exit 3"}, is: failed(false), says: "password command: exit status 3"},
		{name: "silent command", cfg: config.Config{PasswordFD: -1, PasswordCommand: "true"}, is: failed(true), says: "password command: the first line is empty"},
		{name: "no command", cfg: config.Config{PasswordFD: -1, PasswordCommand: "no-such-program-here"}, is: bad(-1), says: "password command: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &heard{}
			k := New(&c.cfg, Ports{Tell: h, In: strings.NewReader(c.in)})
			s, err := k.Configured(t.Context())
			defer s.Wipe()
			if !k.HasPassword() || text(s) != c.want || len(h.warns) != c.warns {
				t.Errorf("%q, %v; warned %q", text(s), err, h.warns)
			}
			if c.want == "" && (err == nil || !c.is(err) || !strings.Contains(err.Error(), c.says)) || c.want != "" && err != nil {
				t.Errorf("%v", err)
			}
			for _, said := range append(slices.Clone(h.warns), fmt.Sprintf("%v %+v %#v %v", err, err, s, s)) {
				if strings.Contains(said, password) {
					t.Errorf("told: %s", said)
				}
			}
		})
	}
	k := New(&config.Config{PasswordFD: -1}, Ports{Tell: &heard{}})
	if s, err := k.Configured(t.Context()); s != nil || err != nil || k.HasPassword() {
		t.Errorf("nothing configured: %v, %v", s, err)
	}
	k = New(&config.Config{PasswordFD: -1, PasswordFile: "-"}, Ports{Tell: &heard{}})
	if _, err := k.Configured(t.Context()); !bad(-1)(err) {
		t.Errorf("no input: %v", err)
	}
}

func bad(descriptor int) func(error) bool {
	return func(err error) bool {
		var e *BadSource
		return errors.As(err, &e) && e.Descriptor == descriptor
	}
}

func failed(silent bool) func(error) bool {
	return func(err error) bool {
		var e *CommandFailed
		return errors.As(err, &e) && e.Silent == silent
	}
}

func isAny(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

// TestCommandErrors: what a command says beside the password goes where the caller wants it.
func TestCommandErrors(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a command of POSIX")
	}
	var said strings.Builder
	k := New(&config.Config{PasswordFD: -1, PasswordCommand: "echo asking >&2; echo word"}, Ports{Tell: &heard{}, CommandErrors: &said})
	s, err := k.Configured(t.Context())
	if text(s) != "word" || err != nil || said.String() != "asking\n" {
		t.Errorf("%q, %v, said %q", text(s), err, said.String())
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := k.Configured(ended); err == nil {
		t.Error("a command ran after the end")
	}
}
