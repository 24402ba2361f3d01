package session

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"blockstack/commands/prompt"
	"blockstack/commands/voice"
	"blockstack/home/config"
	"blockstack/home/unlock"
	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// soonFallen is the time below which a password is called weak.
const soonFallen = 100 * 365 * 24 * time.Hour

// LinkedCost is what a try of a password costs in the programs that the transcripts run, "TIME
// MEMORY_KIB THREADS"; only the linker sets it. Empty: keychain.DefaultCost.
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

// useKeys makes the keys those of a home.
func (e *Session) useKeys(cfg *config.Config) {
	if e.Keys != nil {
		e.Keys = e.Keys.For(cfg)
		return
	}
	e.Keys = unlock.New(cfg, unlock.Ports{
		Ask: asking(e, prompt.Question{Text: "Wallet password", Flag: prompt.PasswordFlags}), Tell: e.Out,
		In: e.In, CommandErrors: e.Out.Errors(), Cost: PasswordCost(),
	})
}

// asking asks the person at the terminal.
func asking(e *Session, q prompt.Question) unlock.Ask {
	return func(ctx context.Context) (*secret.Bytes, error) { return e.Ask.Secret(ctx, q) }
}

// TypedSecret asks for a password until open takes it, a few times at most. The caller wipes it.
func TypedSecret(ctx context.Context, e *Session, q prompt.Question, open func(password *secret.Bytes) error) (*secret.Bytes, error) {
	return unlock.Asked(ctx, asking(e, q), e.Out, open)
}

// NewPassword returns a password that is about to be set: from where the configuration says, else a
// person types it twice. A weak one is said to be weak. The caller wipes it.
func NewPassword(ctx context.Context, e *Session) (*secret.Bytes, error) {
	s, err := e.Keys.Configured(ctx)
	if s == nil && err == nil {
		return TypedNewPassword(ctx, e, prompt.PasswordFlags)
	}
	if err == nil {
		JudgePassword(e, s)
	}
	return s, err
}

// TypedNewPassword asks twice for a password that is about to be set; flag is what would have
// answered.
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

// OldPassword is the password of an old client's file, once open has taken it: from a file, else
// typed. The caller wipes it.
func OldPassword(ctx context.Context, e *Session, file, question string, open func(password *secret.Bytes) error) (*secret.Bytes, error) {
	if file == "" {
		return TypedSecret(ctx, e, prompt.Question{Text: question, Flag: "--old-password-file FILE"}, open)
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

// ReadSecretFile reads the first line of a file.
func ReadSecretFile(path string) (*secret.Bytes, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return secret.ReadLine(f)
}

// JudgePassword says how fast a weak password falls.
func JudgePassword(e *Session, password *secret.Bytes) {
	if falls := PasswordCost().FallsWithin(password); falls < soonFallen {
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
