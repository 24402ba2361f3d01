package prompt

import (
	"context"
	"slices"
	"strings"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
)

// ForFee is what --confirm says for a fee that is out of proportion.
const ForFee = "fee"

// Answers are what the command line says to questions before they are asked.
type Answers struct {
	// Yes answers ordinary questions with yes.
	Yes bool
	// NoInput forbids questions.
	NoInput bool
	// Confirm names the dangerous acts that are agreed to.
	Confirm []string

	used []string // of Confirm, so far
}

// Prompter is ask with the answers before it.
func (a *Answers) Prompter(ask Prompter) Prompter {
	if a.NoInput {
		ask = Refusing{Why: "--no-input forbids questions"}
	}
	if a.Yes {
		ask = Yes{Prompter: ask}
	}
	return ask
}

// Agrees reports whether --confirm names what is at stake, which is noted as used.
func (a *Answers) Agrees(what string) bool {
	if !slices.Contains(a.Confirm, what) {
		return false
	}
	a.used = append(a.used, what)
	return true
}

// Dangerous asks about an act that cannot be undone or that costs more than it seems. Yes does not
// answer it: what is at stake is typed, or given with --confirm: a name, a transaction, or the word
// fee. --confirm may be given several times, since one command may have to ask about several
// things.
func (a *Answers) Dangerous(ctx context.Context, ask Prompter, act, what string) error {
	if a.Agrees(what) {
		return nil
	}
	flag := "--confirm " + what
	for _, other := range a.Confirm {
		if stake(other) == stake(what) && !slices.Contains(a.used, other) {
			return fault.Usage("--confirm names %s, but %s is about %s", voice.Clean(other), act, what).Hint("agree with: %s", flag)
		}
	}
	answer, err := ask.Text(ctx, Question{Text: act + "; type " + what + " to agree", Flag: flag, Expect: what})
	if err != nil {
		return err
	}
	if answer != what {
		return Declined(act)
	}
	return nil
}

// stake tells what a value of --confirm can be about: values of one kind are mistaken for each
// other, others are not.
func stake(value string) string {
	switch {
	case value == ForFee:
		return "fee"
	case len(value) == 2*chainhash.HashSize && strings.Trim(value, "0123456789abcdef") == "":
		return "transaction"
	}
	return "name"
}

// Ordinary asks an ordinary question and returns a declined fault for no.
func Ordinary(ctx context.Context, ask Prompter, question string) error {
	ok, err := ask.Confirm(ctx, Question{Text: question, Flag: "--yes"})
	if err != nil {
		return err
	}
	if !ok {
		return Declined(question)
	}
	return nil
}

// PasswordFlags is what answers a question for the wallet password.
const PasswordFlags = "--password-file FILE, --password-fd N or --password-command COMMAND"
