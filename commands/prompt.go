package commands

import (
	"context"
	"errors"
	"strings"

	"blockstack/commands/fault"
	"blockstack/wallet/secret"
)

// Question is what a person is asked.
type Question struct {
	// Text is the question, without colon or question mark at its end where the Prompter adds them.
	Text string
	// Flag is what would have answered it in a script, such as "--password-file FILE".
	Flag string
	// Expect is the one answer to Text that is shown on the screen.
	Expect string
}

// Prompter asks the user. Every method returns a needs_input fault that names the question's flag when nobody can be
// asked, and the context's error when it ends while waiting.
type Prompter interface {
	// Secret asks for something that must not be seen on the screen.
	Secret(ctx context.Context, q Question) (*secret.Bytes, error)
	// Confirm asks a yes-or-no question; anything but a clear yes is no.
	Confirm(ctx context.Context, q Question) (bool, error)
	// Choose asks for one of items and returns its position.
	Choose(ctx context.Context, q Question, items []string) (int, error)
	// Text asks for one line, which is expected to be q.Expect.
	Text(ctx context.Context, q Question) (string, error)
	// Reveal shows a secret on the terminal, waits for Enter and takes it off the screen. write draws it; it must not
	// keep w. The secret never touches standard output.
	Reveal(ctx context.Context, q Question, s *secret.Bytes) error
}

// errNobodyToAsk is the cause of every needs_input fault of a question.
var errNobodyToAsk = errors.New("nobody can be asked")

// needsInput is the fault of a question that nobody can answer.
func needsInput(q Question, why string) *fault.Fault {
	f := fault.New("needs_input", "an answer is needed: %s: %s", strings.TrimRight(q.Text, ".?: "), why).Because(errNobodyToAsk)
	if q.Flag != "" {
		f.Hint("answer with %s", q.Flag).Detail("flag", q.Flag)
	}
	return f
}

// declined is the fault of a question answered with no.
func declined(what string) *fault.Fault {
	return fault.New("declined", "%s: declined; nothing was done", what)
}

// refusingPrompter is the Prompter when questions are forbidden.
type refusingPrompter struct{ why string }

func (p refusingPrompter) Secret(_ context.Context, q Question) (*secret.Bytes, error) {
	return nil, needsInput(q, p.why)
}

func (p refusingPrompter) Confirm(_ context.Context, q Question) (bool, error) {
	return false, needsInput(q, p.why)
}

func (p refusingPrompter) Choose(_ context.Context, q Question, _ []string) (int, error) {
	return 0, needsInput(q, p.why)
}

func (p refusingPrompter) Text(_ context.Context, q Question) (string, error) {
	return "", needsInput(q, p.why)
}

func (p refusingPrompter) Reveal(_ context.Context, q Question, _ *secret.Bytes) error {
	return needsInput(q, p.why)
}

// yesPrompter answers ordinary questions with yes and leaves the others to the Prompter below it.
type yesPrompter struct{ Prompter }

func (yesPrompter) Confirm(context.Context, Question) (bool, error) { return true, nil }

// Confirm asks an ordinary question and returns a declined fault for no. --yes answers it.
func (e *Env) Confirm(ctx context.Context, question string) error {
	ok, err := e.Ask.Confirm(ctx, Question{Text: question, Flag: "--yes"})
	if err != nil {
		return err
	}
	if !ok {
		return declined(question)
	}
	return nil
}
