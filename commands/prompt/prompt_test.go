package prompt

import (
	"context"
	"errors"
	"slices"
	"testing"

	"blockstack/commands/fault"
	"blockstack/wallet/secret"
)

// said answers every question with one text and remembers what was asked.
type said struct {
	answer string
	asked  []string
}

func (s *said) Secret(_ context.Context, q Question) (*secret.Bytes, error) {
	s.asked = append(s.asked, q.Text)
	return secret.New([]byte(s.answer)), nil
}

func (s *said) Confirm(_ context.Context, q Question) (bool, error) {
	s.asked = append(s.asked, q.Text)
	return s.answer == "yes", nil
}

func (s *said) Choose(context.Context, Question, []string) (int, error) { return 0, nil }

func (s *said) Text(_ context.Context, q Question) (string, error) {
	s.asked = append(s.asked, q.Text)
	return s.answer, nil
}

func (s *said) Reveal(context.Context, Question, *secret.Bytes) error { return nil }

// code is the error code of a fault; empty: none.
func code(err error) string {
	var f *fault.Fault
	if errors.As(err, &f) {
		return f.Code
	}
	return ""
}

// TestAnswers: who may say yes to what.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name      string
		answers   Answers
		person    string
		ordinary  string // the code of what comes of an ordinary question
		dangerous string
		asked     int
	}{
		{"a person says yes", Answers{}, "yes", "", "declined", 2},
		{"a person types the name", Answers{}, "alice.id", "declined", "", 2},
		{"--yes", Answers{Yes: true}, "yes", "", "declined", 1},
		{"--no-input", Answers{NoInput: true}, "yes", "needs_input", "needs_input", 0},
		{"both", Answers{NoInput: true, Yes: true}, "yes", "", "needs_input", 0},
		{"the name agreed to", Answers{NoInput: true, Confirm: []string{"alice.id"}}, "", "needs_input", "", 0},
		{"another name agreed to", Answers{Yes: true, Confirm: []string{"alicia.id"}}, "alice.id", "", "usage", 0},
		{"a fee agreed to", Answers{NoInput: true, Confirm: []string{ForFee}}, "", "needs_input", "needs_input", 0},
	} {
		person := &said{answer: c.person}
		ask := c.answers.Prompter(person)
		if got := code(Ordinary(t.Context(), ask, "send")); got != c.ordinary {
			t.Errorf("%s: an ordinary question: %q", c.name, got)
		}
		if got := code(c.answers.Dangerous(t.Context(), ask, "revoke alice.id", "alice.id")); got != c.dangerous {
			t.Errorf("%s: a dangerous act: %q", c.name, got)
		}
		if len(person.asked) != c.asked {
			t.Errorf("%s: asked %q", c.name, person.asked)
		}
	}
}

// TestAgreesTwice: one agreement is used up by what it names, so that the next act with another
// name is asked about.
func TestAgreesTwice(t *testing.T) {
	a := Answers{NoInput: true, Confirm: []string{"bob.id", "alice.id"}}
	ask := a.Prompter(nil)
	for _, name := range []string{"alice.id", "bob.id"} {
		if !a.Agrees(name) {
			t.Errorf("%s was agreed to", name)
		}
	}
	err := a.Dangerous(t.Context(), ask, "revoke carol.id", "carol.id")
	if code(err) != "needs_input" || !errors.Is(err, ErrNobody) {
		t.Errorf("%v", err)
	}
}

// TestRefusing: each refusal names the flag that would have answered.
func TestRefusing(t *testing.T) {
	r, q := Refusing{Why: "nobody is here"}, Question{Text: "Really?", Flag: "--really"}
	_, err1 := r.Secret(t.Context(), q)
	_, err2 := r.Confirm(t.Context(), q)
	_, err3 := r.Choose(t.Context(), q, nil)
	_, err4 := r.Text(t.Context(), q)
	for _, err := range []error{err1, err2, err3, err4, r.Reveal(t.Context(), q, nil)} {
		var f *fault.Fault
		if !errors.As(err, &f) || !errors.Is(err, ErrNobody) || !slices.Contains(f.Hints, "answer with --really") || f.Details["flag"] != "--really" {
			t.Errorf("%v", err)
		}
	}
}
