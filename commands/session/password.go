package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"

	"blockstack/commands/fault"
	"blockstack/commands/prompt"
	"blockstack/home/config"
	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
) // Password returns the wallet password: from the file, descriptor or command that the configuration names, else by
// asking. The caller wipes it.
func (e *Session) Password(ctx context.Context) (*secret.Bytes, error) {
	if s, err := givenPassword(ctx, e); s != nil || err != nil {
		return s, err
	}
	return e.Ask.Secret(ctx, prompt.Question{Text: "Wallet password", Flag: prompt.PasswordFlags})
}

// NewPassword returns a password that is about to be set. A person types it twice. A weak one is said to be weak.
func (e *Session) NewPassword(ctx context.Context) (*secret.Bytes, error) {
	s, err := givenPassword(ctx, e)
	if s == nil && err == nil {
		return TypedNewPassword(ctx, e, prompt.PasswordFlags)
	}
	if err == nil {
		JudgePassword(e, s)
	}
	return s, err
}

// TypedNewPassword asks twice for a password that is about to be set; flag is what would have answered.
func TypedNewPassword(ctx context.Context, e *Session, flag string) (*secret.Bytes, error) {
	for {
		first, err := e.Ask.Secret(ctx, prompt.Question{Text: "New wallet password", Flag: flag})
		if err != nil {
			return nil, err
		}
		if first.Len() == 0 {
			e.Out.Warn("an empty password protects nothing")
			continue
		}
		second, err := e.Ask.Secret(ctx, prompt.Question{Text: "The same password again", Flag: flag})
		if err != nil {
			first.Wipe()
			return nil, err
		}
		same := first.Equal(second)
		second.Wipe()
		if same {
			JudgePassword(e, first)
			return first, nil
		}
		first.Wipe()
		e.Out.Warn("the two passwords differ; once more")
	}
}

// HasPassword reports whether a password can be had without asking.
func (e *Session) HasPassword() bool {
	return e.Config.PasswordFile != "" || e.Config.PasswordFD >= 0 || e.Config.PasswordCommand != ""
}

// givenPassword reads the password from where the configuration says; nil when it does not say.
func givenPassword(ctx context.Context, e *Session) (*secret.Bytes, error) {
	switch c := e.Config; {
	case c.PasswordFD >= 0:
		f := os.NewFile(uintptr(c.PasswordFD), "password descriptor")
		if f == nil {
			return nil, fault.Usage("--password-fd %d: not an open file descriptor", c.PasswordFD)
		}
		s, err := readPassword(f)
		if err != nil {
			return nil, fault.Usage("--password-fd %d: %v", c.PasswordFD, err).Because(err)
		}
		return s, nil
	case c.PasswordCommand != "":
		return commandPassword(ctx, e, c.PasswordCommand)
	case c.PasswordFile == "-":
		s, err := readPassword(e.In)
		if err != nil {
			return nil, fault.Usage("password from standard input: %v", err).Because(err)
		}
		return s, nil
	case c.PasswordFile != "":
		return FilePassword(e, c.PasswordFile)
	}
	return nil, nil
}

// readPassword reads the first line, which must not be empty.
func readPassword(r io.Reader) (*secret.Bytes, error) {
	s, err := secret.ReadLine(r)
	if errors.Is(err, io.ErrUnexpectedEOF) || (err == nil && s.Len() == 0) {
		return nil, errors.New("the first line is empty")
	}
	return s, err
}

// FilePassword reads the password from a file and warns when others can read it.
func FilePassword(e *Session, path string) (*secret.Bytes, error) {
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
		e.Out.Warn("%s can be read by other users; run: chmod 600 %s", path, path)
	}
	s, err := readPassword(f)
	if err != nil {
		return nil, fault.Usage("password file %s: %v", path, err).Because(err)
	}
	return s, nil
}

// commandPassword runs a command of the user's through the shell and reads the first line of its output.
func commandPassword(ctx context.Context, e *Session, command string) (*secret.Bytes, error) {
	if err := config.CheckCommand(command); err != nil {
		return nil, fault.Usage("password command: %v", err)
	}
	shell, flag := "sh", "-c"
	if runtime.GOOS == "windows" {
		shell, flag = "cmd", "/c"
	}
	cmd := exec.CommandContext(ctx, shell, flag, command)
	cmd.Stderr = e.Out.Errors() // the command's own questions and complaints
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("password command: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("password command: %w", err)
	}
	s, readErr := readPassword(pipe)
	_, drainErr := io.Copy(io.Discard, pipe)
	if err := errors.Join(cmd.Wait(), drainErr); err != nil {
		s.Wipe()
		return nil, fault.New("locked", "password command: %v", err).Because(errors.Join(keychain.ErrLocked, err)).Hint("run it by hand to see what is wrong")
	}
	if readErr != nil {
		return nil, fault.New("locked", "password command: %v", readErr).Because(errors.Join(keychain.ErrLocked, readErr))
	}
	return s, nil
}

// ReadSecretFile reads the first line of a file.
func ReadSecretFile(path string) (*secret.Bytes, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return secret.ReadLine(f)
}
