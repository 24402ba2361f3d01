package session

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

// LinkedCost is what a try of a password costs in the programs that the transcripts run, "TIME MEMORY_KIB THREADS"; only
// the linker sets it. Empty: keychain.DefaultCost.
var LinkedCost string

// PasswordCost is what a try of a new password costs.
func PasswordCost() keychain.Cost {
	c := keychain.DefaultCost()
	if LinkedCost != "" {
		if _, err := fmt.Sscan(LinkedCost, &c.Time, &c.MemoryKiB, &c.Threads); err != nil {
			panic("bug: the cost of passwords is linked wrongly")
		}
	}
	return c
}

// PasswordThat returns the wallet password, once open has taken it. A wrong one that a person typed is asked for again. The
// caller wipes it.
func PasswordThat(ctx context.Context, e *Session, open func(password *secret.Bytes) error) (*secret.Bytes, error) {
	if !e.HasPassword() {
		return TypedSecretThat(ctx, e, prompt.Question{Text: "Wallet password", Flag: prompt.PasswordFlags}, open)
	}
	password, err := givenPassword(ctx, e)
	if err != nil {
		return nil, err
	}
	if err := open(password); err != nil {
		password.Wipe()
		return nil, err
	}
	return password, nil
}

// TypedSecretThat asks for a password until open takes it, passwordTries times at most.
func TypedSecretThat(ctx context.Context, e *Session, q prompt.Question, open func(password *secret.Bytes) error) (*secret.Bytes, error) {
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

// OldPassword is PasswordThat for the password of an old client's file: from a file, else typed.
func OldPassword(ctx context.Context, e *Session, file, question string, open func(password *secret.Bytes) error) (*secret.Bytes, error) {
	if file == "" {
		return TypedSecretThat(ctx, e, prompt.Question{Text: question, Flag: "--old-password-file FILE"}, open)
	}
	password, err := ReadSecretFile(file)
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
func unlockWith(ctx context.Context, e *Session, w *wallet.Wallet) error {
	password, err := PasswordThat(ctx, e, func(password *secret.Bytes) error { return w.Unlock(ctx, password) })
	if err != nil {
		return err
	}
	defer password.Wipe()
	done, err := wallet.Strengthen(ctx, w, password, PasswordCost())
	strengthened(e, done, err)
	return Unlocked(e, w, nil)
}

// UnlockKeys is unlockWith for a keychain. The caller wipes the password.
func UnlockKeys(ctx context.Context, e *Session, keys *keychain.Keychain) (*secret.Bytes, error) {
	password, err := PasswordThat(ctx, e, func(password *secret.Bytes) error { return keys.Unlock(ctx, password) })
	if err == nil {
		done, err := keys.Strengthen(ctx, password, PasswordCost())
		strengthened(e, done, err)
	}
	return password, err
}

// strengthened says what came of writing the password again. What failed is tried again at the next unlock: the keychain
// opens as before.
func strengthened(e *Session, done bool, err error) {
	switch {
	case err != nil:
		e.Out.Warn("the password in the keychain is protected as older programs did it, and could not be written again: %v", err)
	case done:
		e.Out.Note("the keychain file was written again: the password is the same, trying others costs more now, and it opens however it is typed")
	}
}

// JudgePassword says how fast a weak password falls.
func JudgePassword(e *Session, password *secret.Bytes) {
	if falls := PasswordCost().FallsWithin(password); falls < soonFallen {
		e.Out.Warn("this password is weak: a thief of the file finds it within %s, by trying on a few machines; five words drawn by dice hold", Roughly(falls))
	}
}

// Roughly says how long something takes, in a unit that fits.
func Roughly(d time.Duration) string {
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
