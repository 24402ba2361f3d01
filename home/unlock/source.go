package unlock

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"

	"blockstack/home/config"
	"blockstack/wallet/secret"
)

// descriptor is the open file that the password is read from. It is made once: each password is a
// line of it, and a file that nobody holds any more is closed, whatever its number stands for by
// then.
type descriptor struct {
	once sync.Once
	file *os.File // nil: there is no such descriptor
}

// open returns the file of a number; nil: it is not open.
func (d *descriptor) open(number int) *os.File {
	d.once.Do(func() { d.file = os.NewFile(uintptr(number), "password descriptor") })
	return d.file
}

// HasPassword reports whether the configuration says where the password is.
func (k *Keys) HasPassword() bool {
	return k.cfg.PasswordFile != "" || k.cfg.PasswordFD >= 0 || k.cfg.PasswordCommand != ""
}

// Configured reads the password from where the configuration says it is; nil: it does not say. The
// caller wipes it.
func (k *Keys) Configured(ctx context.Context) (*secret.Bytes, error) {
	switch c := k.cfg; {
	case c.PasswordFD >= 0:
		return k.fromDescriptor(c.PasswordFD)
	case c.PasswordCommand != "":
		return k.fromCommand(ctx, c.PasswordCommand)
	case c.PasswordFile == "-":
		return k.fromInput()
	case c.PasswordFile != "":
		return k.FromFile(c.PasswordFile)
	}
	return nil, nil
}

// fromDescriptor reads the next line of an open file.
func (k *Keys) fromDescriptor(number int) (*secret.Bytes, error) {
	bad := func(err error) error {
		return &BadSource{Descriptor: number, Place: fmt.Sprintf("password descriptor %d", number), Err: err}
	}
	f := k.fd.open(number)
	if f == nil {
		return nil, bad(errors.New("not an open file descriptor"))
	}
	s, err := readLine(f)
	if err != nil {
		return nil, bad(err)
	}
	return s, nil
}

// fromInput reads the next line of standard input.
func (k *Keys) fromInput() (*secret.Bytes, error) {
	bad := func(err error) error {
		return &BadSource{Descriptor: -1, Place: "password from standard input", Err: err}
	}
	if k.ports.In == nil {
		return nil, bad(errors.New("there is none"))
	}
	s, err := readLine(k.ports.In)
	if err != nil {
		return nil, bad(err)
	}
	return s, nil
}

// FromFile reads a password from the first line of a file, and warns when others can read it. The
// caller wipes it.
func (k *Keys) FromFile(path string) (*secret.Bytes, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("password file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("password file: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		k.ports.Tell.Warn("%s can be read by other users; run: chmod 600 %s", path, path)
	}
	s, err := readLine(f)
	if err != nil {
		return nil, &BadSource{Descriptor: -1, Place: "password file " + path, Err: err}
	}
	return s, nil
}

// fromCommand runs a command of the user's through the shell and reads the first line of its
// output.
func (k *Keys) fromCommand(ctx context.Context, command string) (*secret.Bytes, error) {
	if err := config.CheckCommand(command); err != nil {
		return nil, &BadSource{Descriptor: -1, Place: "password command", Err: err}
	}
	shell, flag := "sh", "-c"
	if runtime.GOOS == "windows" {
		shell, flag = "cmd", "/c"
	}
	cmd := exec.CommandContext(ctx, shell, flag, command)
	cmd.Stderr = k.ports.CommandErrors
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("password command: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("password command: %w", err)
	}
	s, readErr := readLine(pipe)
	_, drainErr := io.Copy(io.Discard, pipe)
	if err := errors.Join(cmd.Wait(), drainErr); err != nil {
		s.Wipe()
		return nil, &CommandFailed{Err: err}
	}
	if readErr != nil {
		return nil, &CommandFailed{Silent: true, Err: readErr}
	}
	return s, nil
}

// readLine reads the first line, which must not be empty.
func readLine(r io.Reader) (*secret.Bytes, error) {
	s, err := secret.ReadLine(r)
	if errors.Is(err, io.ErrUnexpectedEOF) || (err == nil && s.Len() == 0) {
		return nil, errEmptyLine
	}
	return s, err
}
