// Package prompt asks the person at the terminal. Questions and secrets use the terminal itself, so
// that a pipe never swallows a question; where nobody can be asked, the fault names the flag that
// would have answered.
package prompt

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

// Prompter asks the user. Every method returns a needs_input fault that names the question's flag
// when nobody can be asked, and the context's error when it ends while waiting.
type Prompter interface {
	// Secret asks for something that must not be seen on the screen.
	Secret(ctx context.Context, q Question) (*secret.Bytes, error)
	// Confirm asks a yes-or-no question; anything but a clear yes is no.
	Confirm(ctx context.Context, q Question) (bool, error)
	// Choose asks for one of items and returns its position.
	Choose(ctx context.Context, q Question, items []string) (int, error)
	// Text asks for one line, which is expected to be q.Expect.
	Text(ctx context.Context, q Question) (string, error)
	// Reveal shows a secret on the terminal, waits for Enter and takes it off the screen. write
	// draws it; it must not keep w. The secret never touches standard output.
	Reveal(ctx context.Context, q Question, s *secret.Bytes) error
}

// ErrNobody is the cause of every needs_input fault of a question.
var ErrNobody = errors.New("nobody can be asked")

// ErrDeclined is the cause of every declined fault of a question.
var ErrDeclined = errors.New("the user said no")

// Unanswered reports whether a question was answered with no, or nobody could be asked.
func Unanswered(err error) bool { return errors.Is(err, ErrNobody) || errors.Is(err, ErrDeclined) }

// NeedsInput is the fault of a question that nobody can answer.
func NeedsInput(q Question, why string) *fault.Fault {
	f := fault.New("needs_input", "an answer is needed: %s: %s", strings.TrimRight(q.Text, ".?: "), why).Because(ErrNobody)
	if q.Flag != "" {
		f.Hint("answer with %s", q.Flag).Detail("flag", q.Flag)
	}
	return f
}

// Declined is the fault of a question answered with no.
func Declined(what string) *fault.Fault {
	return fault.New("declined", "%s: declined; nothing was done", what).Because(ErrDeclined)
}

// Refusing is the Prompter when questions are forbidden.
type Refusing struct{ Why string }

// Secret refuses.
func (p Refusing) Secret(_ context.Context, q Question) (*secret.Bytes, error) {
	return nil, NeedsInput(q, p.Why)
}

// Confirm refuses.
func (p Refusing) Confirm(_ context.Context, q Question) (bool, error) {
	return false, NeedsInput(q, p.Why)
}

// Choose refuses.
func (p Refusing) Choose(_ context.Context, q Question, _ []string) (int, error) {
	return 0, NeedsInput(q, p.Why)
}

// Text refuses.
func (p Refusing) Text(_ context.Context, q Question) (string, error) {
	return "", NeedsInput(q, p.Why)
}

// Reveal refuses.
func (p Refusing) Reveal(_ context.Context, q Question, _ *secret.Bytes) error {
	return NeedsInput(q, p.Why)
}

// Yes answers ordinary questions with yes and leaves the others to the Prompter below it.
type Yes struct{ Prompter }

// Confirm is yes.
func (Yes) Confirm(context.Context, Question) (bool, error) { return true, nil }
