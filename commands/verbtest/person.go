package verbtest

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/prompt"
	"blockstack/commands/session"
	"blockstack/home/config"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/secret"
)

// Person is somebody at a terminal, who answers questions one after the other and then goes away.
type Person struct {
	Answers []string // yes is yes
	Asked   []prompt.Question
}

// answer is the next one.
func (p *Person) answer(ctx context.Context, q prompt.Question) (string, error) {
	p.Asked = append(p.Asked, q)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if len(p.Answers) == 0 {
		return "", prompt.NeedsInput(q, "the person is gone")
	}
	a := p.Answers[0]
	p.Answers = p.Answers[1:]
	return a, nil
}

// Secret is the next answer.
func (p *Person) Secret(ctx context.Context, q prompt.Question) (*secret.Bytes, error) {
	a, err := p.answer(ctx, q)
	if err != nil {
		return nil, err
	}
	return secret.New([]byte(a)), nil
}

// Confirm says whether the next answer is yes.
func (p *Person) Confirm(ctx context.Context, q prompt.Question) (bool, error) {
	a, err := p.answer(ctx, q)
	return a == "yes", err
}

// Choose is the place of the next answer.
func (p *Person) Choose(ctx context.Context, q prompt.Question, items []string) (int, error) {
	a, err := p.answer(ctx, q)
	return slices.Index(items, a), err
}

// Text is the next answer.
func (p *Person) Text(ctx context.Context, q prompt.Question) (string, error) {
	return p.answer(ctx, q)
}

// Reveal notes that something was shown.
func (p *Person) Reveal(ctx context.Context, q prompt.Question, _ *secret.Bytes) error {
	_, err := p.answer(ctx, q)
	return err
}

// Inside runs f as a verb of the home, with the words of its command line. p answers what it asks;
// nil: nobody does.
func (h Home) Inside(t *testing.T, p *Person, f func(e *session.Session) error, words ...string) Outcome {
	t.Helper()
	ran := false
	c := &cli.Command{Name: "test", Action: line.Verb(line.NoOptions, func(_ context.Context, e *session.Session, _ line.None) error {
		ran = true
		if p != nil {
			e.Ask = p
		}
		return f(e)
	})}
	o := h.Run(t, c, words...)
	if !ran {
		t.Fatalf("%q: %v", words, o.Fault)
	}
	return o
}

// WithJobs writes jobs into the journal of the home.
func (h Home) WithJobs(t *testing.T, jobs ...*registrar.Job) Home {
	t.Helper()
	cfg := &config.Config{Home: h.Dir, Network: "regtest"}
	if err := os.MkdirAll(cfg.NetworkPath(), 0o700); err != nil {
		t.Fatal(err)
	}
	j, err := registrar.OpenJournal(cfg.JournalFile(), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range jobs {
		err = errors.Join(err, j.Save(t.Context(), one))
	}
	if err := errors.Join(err, j.Close()); err != nil {
		t.Fatal(err)
	}
	return h
}
