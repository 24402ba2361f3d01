package commands

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"blockstack/commands/prompt"
	"blockstack/commands/session"
	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// scriptedPrompter answers in order, and keeps what was asked and shown.
type scriptedPrompter struct {
	answers  []string
	asked    []string
	revealed []string
}

func (p *scriptedPrompter) next(q prompt.Question) (string, error) {
	p.asked = append(p.asked, q.Text)
	if len(p.answers) == 0 {
		return "", prompt.NeedsInput(q, "the script has no more answers")
	}
	a := p.answers[0]
	p.answers = p.answers[1:]
	return a, nil
}

// Secret answers with the next answer.
func (p *scriptedPrompter) Secret(_ context.Context, q prompt.Question) (*secret.Bytes, error) {
	a, err := p.next(q)
	return secret.New([]byte(a)), err
}

// Confirm takes yes for yes.
func (p *scriptedPrompter) Confirm(_ context.Context, q prompt.Question) (bool, error) {
	a, err := p.next(q)
	return a == "yes", err
}

// Choose takes the text of an item.
func (p *scriptedPrompter) Choose(_ context.Context, q prompt.Question, items []string) (int, error) {
	a, err := p.next(q)
	if i := slices.Index(items, a); err != nil || i >= 0 {
		return i, err
	}
	return 0, errors.New("no such item: " + a)
}

// Text answers with the next answer.
func (p *scriptedPrompter) Text(_ context.Context, q prompt.Question) (string, error) {
	return p.next(q)
}

// Reveal keeps what would have been shown.
func (p *scriptedPrompter) Reveal(_ context.Context, q prompt.Question, s *secret.Bytes) error {
	p.asked = append(p.asked, q.Text)
	s.Use(func(b []byte) { p.revealed = append(p.revealed, string(b)) })
	return nil
}

// runAsked runs a verb of the tests with flags and answers, and returns its exit code and what was
// asked.
func runAsked(t *testing.T, flags, answers []string, f func(ctx context.Context, env *session.Session) error) (code int, p *scriptedPrompter, errOut string) {
	t.Helper()
	t.Setenv("BLOCKSTACK_HOME", t.TempDir())
	env, _, stderr := testEnv()
	p = &scriptedPrompter{answers: answers}
	env.Prompter, env.In = p, strings.NewReader("from stdin\nrest")
	code = runVerb(context.Background(), env, append([]string{"blockstack", "test"}, flags...), f)
	return code, p, stderr.String()
}

// TestConfirm: who may say yes to what.
func TestConfirm(t *testing.T) {
	ordinary := func(ctx context.Context, env *session.Session) error { return env.Confirm(ctx, "send 1.00000000 BTC") }
	dangerous := func(ctx context.Context, env *session.Session) error {
		return env.ConfirmDangerous(ctx, "revoke alice.id for good", "alice.id")
	}
	both := func(ctx context.Context, env *session.Session) error {
		return errors.Join(env.ConfirmDangerous(ctx, "pay alice.id", "alice.id"), env.ConfirmDangerous(ctx, "pay bob.id", "bob.id"))
	}
	for _, c := range []struct {
		name           string
		act            func(ctx context.Context, env *session.Session) error
		flags, answers []string
		exit, asked    int
		hint           string
	}{
		{"yes", ordinary, nil, []string{"yes"}, 0, 1, ""},
		{"no", ordinary, nil, []string{"no"}, 4, 1, ""},
		{"--yes", ordinary, []string{"--yes"}, nil, 0, 0, ""},
		{"--no-input", ordinary, []string{"--no-input"}, nil, 4, 0, "hint: answer with --yes\n"},
		{"--no-input --yes", ordinary, []string{"--no-input", "--yes"}, nil, 0, 0, ""},
		{"--confirm is for dangerous acts", ordinary, []string{"--no-input", "--confirm", "alice.id"}, nil, 4, 0, "hint: answer with --yes\n"},
		{"typed", dangerous, nil, []string{"alice.id"}, 0, 1, ""},
		{"typed otherwise", dangerous, nil, []string{"yes"}, 4, 1, ""},
		{"--yes is not enough", dangerous, []string{"--yes"}, []string{""}, 4, 1, ""},
		{"--yes without a person", dangerous, []string{"--yes", "--no-input"}, nil, 4, 0, "hint: answer with --confirm alice.id\n"},
		{"named", dangerous, []string{"--confirm", "alice.id"}, nil, 0, 0, ""},
		{"another named", dangerous, []string{"--confirm", "alicia.id"}, nil, 2, 0, "hint: agree with: --confirm alice.id\n"},
		{"a fee agreed to", dangerous, []string{"--no-input", "--confirm", "fee"}, nil, 4, 0, "hint: answer with --confirm alice.id\n"},
		{"one of several", dangerous, []string{"--confirm", "fee", "--confirm", "alice.id"}, nil, 0, 0, ""},
		{"one of two acts", both, []string{"--no-input", "--confirm", "alice.id"}, nil, 4, 0, "hint: answer with --confirm bob.id\n"},
		{"both of two acts", both, []string{"--confirm", "bob.id", "--confirm", "alice.id"}, nil, 0, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, p, errOut := runAsked(t, c.flags, c.answers, c.act)
			if code != c.exit || len(p.asked) != c.asked || !strings.Contains(errOut, c.hint) {
				t.Errorf("exit %d, asked %q, said %q", code, p.asked, errOut)
			}
		})
	}
}

// TestPassword: every place a password comes from, and every way it can be missing there.
func TestPassword(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("good", "correct horse\r\nsecond line\n", 0o600)
	open := write("open", "correct horse", 0o644)
	empty := write("empty", "\nx", 0o600)
	for _, c := range []struct {
		name           string
		flags, answers []string
		create         bool
		want           string
		exit           int
		said           string
	}{
		{"asked", nil, []string{"correct horse"}, false, "correct horse", 0, ""},
		{"file", []string{"--password-file", good}, nil, false, "correct horse", 0, ""},
		{"file others can read", []string{"--password-file", open}, nil, false, "correct horse", 0, "warning: " + open + " can be read by other users"},
		{"empty first line", []string{"--password-file", empty}, nil, false, "", 2, "the first line is empty"},
		{"no such file", []string{"--password-file", dir + "/none"}, nil, false, "", 5, "password file: "},
		{"standard input", []string{"--password-file", "-"}, nil, false, "from stdin", 0, ""},
		{"command", []string{"--password-command", "printf 'correct horse\\nx'"}, nil, false, "correct horse", 0, ""},
		{"command fails", []string{"--password-command", "echo hunter2; exit 3"}, nil, false, "", 7, "password command: exit status 3"},
		{"command says nothing", []string{"--password-command", "true"}, nil, false, "", 7, "the first line is empty"},
		{"closed descriptor", []string{"--password-fd", "97"}, nil, false, "", 2, "--password-fd 97: "},
		{"two places", []string{"--password-fd", "3", "--password-file", good}, nil, false, "", 2, "one place only"},
		{"nobody to ask", []string{"--no-input"}, nil, false, "", 4, "hint: answer with --password-file FILE"},
		{"new, asked twice", nil, []string{"correct horse", "correct horse"}, true, "correct horse", 0, ""},
		{"new, mistyped, then right", nil, []string{"correct horse", "correct house", "battery", "battery"}, true, "battery", 0, "warning: the two passwords differ; once more"},
		{"new, empty, then right", nil, []string{"", "battery", "battery"}, true, "battery", 0, "warning: an empty password protects nothing"},
		{"new from a file", []string{"--password-file", good}, nil, true, "correct horse", 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.Contains(strings.Join(c.flags, " "), "--password-command") {
				t.Skip("the commands of this test are for a POSIX shell")
			}
			got := ""
			code, p, errOut := runAsked(t, c.flags, c.answers, func(ctx context.Context, env *session.Session) error {
				ask := func(ctx context.Context, env *session.Session) (*secret.Bytes, error) {
					return env.Keys.Password(ctx, func(*secret.Bytes) error { return nil })
				}
				if c.create {
					ask = session.NewPassword
				}
				s, err := ask(ctx, env)
				s.Use(func(b []byte) { got = string(b) })
				return err
			})
			if code != c.exit || got != c.want || len(p.answers) > 0 {
				t.Errorf("exit %d, password %q, answers left %q; want %d, %q", code, got, p.answers, c.exit, c.want)
			}
			if !strings.Contains(errOut, c.said) || strings.Contains(errOut, "correct horse") || strings.Contains(errOut, "hunter2") {
				t.Errorf("said %q, want %q and no password", errOut, c.said)
			}
		})
	}
}

// TestPasswordTries: a typed password is asked for three times, one from elsewhere is tried once.
func TestPasswordTries(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "pw")
	if err := os.WriteFile(file, []byte("wrong\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name           string
		flags, answers []string
		exit, asked    int
	}{
		{"at once", nil, []string{"right"}, 0, 1},
		{"the third time", nil, []string{"a", "b", "right"}, 0, 3},
		{"never", nil, []string{"a", "b", "c", "right"}, 7, 3},
		{"from a file", []string{"--password-file", file}, nil, 7, 0},
		{"nobody to ask", []string{"--no-input"}, nil, 4, 0},
		{"another fault is not asked about again", nil, []string{"broken", "right"}, 1, 1},
	} {
		code, p, errOut := runAsked(t, c.flags, c.answers, func(ctx context.Context, env *session.Session) error {
			_, err := env.Keys.Password(ctx, func(password *secret.Bytes) (err error) {
				password.Use(func(b []byte) {
					switch string(b) {
					case "right":
					case "broken":
						err = keychain.ErrMalformed
					default:
						err = keychain.ErrWrongPassword
					}
				})
				return err
			})
			return err
		})
		if code != c.exit || len(p.asked) != c.asked {
			t.Errorf("%s: exit %d, asked %d times; %s", c.name, code, len(p.asked), errOut)
		}
	}
}
