package commands

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"blockstack/commands/prompt"
	"blockstack/commands/voice"
	"blockstack/wallet"
	"blockstack/wallet/backup"
	"blockstack/wallet/keychain"
	"blockstack/wallet/legacy"
	"blockstack/wallet/secret"
)

// passwordTries is how often a person is asked for a password that exists already.
const passwordTries = 3

// soonFallen is the time below which a password is called weak.
const soonFallen = 100 * 365 * 24 * time.Hour

// linkedCost is what a try of a password costs in the programs that the transcripts run, "TIME MEMORY_KIB THREADS"; only
// the linker sets it. Empty: keychain.DefaultCost.
var linkedCost string

// passwordCost is what a try of a new password costs.
func passwordCost() keychain.Cost {
	c := keychain.DefaultCost()
	if linkedCost != "" {
		if _, err := fmt.Sscan(linkedCost, &c.Time, &c.MemoryKiB, &c.Threads); err != nil {
			panic("bug: the cost of passwords is linked wrongly")
		}
	}
	return c
}

// passwordThat returns the wallet password, once open has taken it. A wrong one that a person typed is asked for again. The
// caller wipes it.
func (e *Env) passwordThat(ctx context.Context, open func(password *secret.Bytes) error) (*secret.Bytes, error) {
	if !e.HasPassword() {
		return e.typedSecretThat(ctx, prompt.Question{Text: "Wallet password", Flag: prompt.PasswordFlags}, open)
	}
	password, err := e.givenPassword(ctx)
	if err != nil {
		return nil, err
	}
	if err := open(password); err != nil {
		password.Wipe()
		return nil, err
	}
	return password, nil
}

// typedSecretThat asks for a password until open takes it, passwordTries times at most.
func (e *Env) typedSecretThat(ctx context.Context, q prompt.Question, open func(password *secret.Bytes) error) (*secret.Bytes, error) {
	for left := passwordTries - 1; ; left-- {
		password, err := e.Ask.Secret(ctx, q)
		if err != nil {
			return nil, err
		}
		if err = open(password); err == nil {
			return password, nil
		}
		password.Wipe()
		if left == 0 || !wrongPassword(err) {
			return nil, err
		}
		e.Out.Warn("wrong password; once more (%d of %d)", passwordTries-left+1, passwordTries)
	}
}

// oldPassword is passwordThat for the password of an old client's file: from a file, else typed.
func (e *Env) oldPassword(ctx context.Context, file, question string, open func(password *secret.Bytes) error) (*secret.Bytes, error) {
	if file == "" {
		return e.typedSecretThat(ctx, prompt.Question{Text: question, Flag: "--old-password-file FILE"}, open)
	}
	password, err := readSecretFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", strings.ToLower(question), err)
	}
	if err := open(password); err != nil {
		password.Wipe()
		return nil, err
	}
	return password, nil
}

// wrongPassword reports whether an error says that a password does not open what it should.
func wrongPassword(err error) bool {
	return errors.Is(err, keychain.ErrWrongPassword) || errors.Is(err, backup.ErrWrongPassword) || errors.Is(err, legacy.ErrWrongPassword)
}

// unlockWith unlocks a wallet with its password, and writes a password again that stands in the keychain as older programs
// wrote it.
func (e *Env) unlockWith(ctx context.Context, w *wallet.Wallet) error {
	password, err := e.passwordThat(ctx, func(password *secret.Bytes) error { return w.Unlock(ctx, password) })
	if err != nil {
		return err
	}
	defer password.Wipe()
	e.strengthened(wallet.Strengthen(ctx, w, password, passwordCost()))
	return e.unlocked(w, nil)
}

// unlockKeys is unlockWith for a keychain. The caller wipes the password.
func (e *Env) unlockKeys(ctx context.Context, keys *keychain.Keychain) (*secret.Bytes, error) {
	password, err := e.passwordThat(ctx, func(password *secret.Bytes) error { return keys.Unlock(ctx, password) })
	if err == nil {
		e.strengthened(keys.Strengthen(ctx, password, passwordCost()))
	}
	return password, err
}

// strengthened says what came of writing the password again. What failed is tried again at the next unlock: the keychain
// opens as before.
func (e *Env) strengthened(done bool, err error) {
	switch {
	case err != nil:
		e.Out.Warn("the password in the keychain is protected as older programs did it, and could not be written again: %v", err)
	case done:
		e.Out.Note("the keychain file was written again: the password is the same, trying others costs more now, and it opens however it is typed")
	}
}

// judgePassword says how fast a weak password falls.
func (e *Env) judgePassword(password *secret.Bytes) {
	if falls := passwordCost().FallsWithin(password); falls < soonFallen {
		e.Out.Warn("this password is weak: a thief of the file finds it within %s, by trying on a few machines; five words drawn by dice hold", roughly(falls))
	}
}

// roughly says how long something takes, in a unit that fits.
func roughly(d time.Duration) string {
	const day, year = 24 * time.Hour, 365 * 24 * time.Hour
	switch {
	case d < time.Minute:
		return "seconds"
	case d < 2*time.Hour:
		return "minutes"
	case d < 2*day:
		return "hours"
	case d < 60*day:
		return voice.Count(int(d/day), "day")
	case d < 2*year:
		return voice.Count(int(d/(30*day)), "month")
	}
	return voice.Count(int(d/year), "year")
}
