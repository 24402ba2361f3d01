package scripttest

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/commands"
	"blockstack/commands/line"
	"blockstack/commands/prompt"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// askOnce is the program `ask KIND`: one question on the real terminal, its answer as the result.
// With `password-then-KIND` a password is asked for before, and the program works until there is a
// file `go on` in its home.
func askOnce(ctx context.Context, env *session.Session, kind string) (err error) {
	if then, ok := strings.CutPrefix(kind, "password-then-"); ok {
		kind = then
		s, err := env.Ask.Secret(ctx, prompt.Question{Text: "The password", Flag: "--password-file FILE"})
		if err != nil {
			return err
		}
		s.Wipe()
		env.Out.Note("working")
		for {
			if _, err := os.Stat(env.Config.Path("go on")); err == nil {
				break
			}
			if ctx.Err() != nil {
				if kind != "deaf" {
					return ctx.Err()
				}
				env.Out.Note("heard")
				select {}
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	answer := ""
	switch kind {
	case "panic":
		panic("bug: of a test")
	case "secret":
		var s *secret.Bytes
		s, err = env.Ask.Secret(ctx, prompt.Question{Text: "The password", Flag: "--password-file FILE"})
		s.Use(func(b []byte) { answer = string(b) })
	case "tries":
		tries := 0
		_, err = session.TypedSecret(ctx, env, prompt.Question{Text: "The password"}, func(*secret.Bytes) error {
			if tries++; tries == 1 {
				return keychain.ErrWrongPassword
			}
			return nil
		})
		answer = strconv.Itoa(tries)
	case "confirm":
		if err = env.Confirm(ctx, "Go on"); err == nil {
			answer = "agreed"
		}
	case "dangerous":
		err = env.ConfirmDangerous(ctx, "revoke alice.id", "alice.id")
	case "choose":
		items := []string{"apple", "pear\x1b[2J", "plum"}
		var i int
		i, err = env.Ask.Choose(ctx, prompt.Question{Text: "Which", Flag: "--fruit"}, items)
		answer = strconv.Itoa(i)
	case "reveal":
		err = env.Ask.Reveal(ctx, prompt.Question{Text: "Write these words down"}, secret.New([]byte("1 legal  2 winner")))
		answer = "shown"
	case "wait": // for an interruption, once it can be taken
		if err = os.WriteFile("ready", nil, 0o600); err == nil {
			<-ctx.Done()
			err = fmt.Errorf("wait for blocks: %w", ctx.Err())
		}
	}
	if err != nil {
		return err
	}
	return env.Out.Result("ask", map[string]string{"answer": answer}, func(t *voice.Text) { t.Line("%s", answer) })
}

// runVerb runs the program with one more verb, `test`, in place of the others.
func runVerb(ctx context.Context, env *session.Session, words []string, f func(ctx context.Context, env *session.Session) error) int {
	return commands.Run(ctx, env, words, &cli.Command{
		Name: "test", Usage: "a verb of the tests",
		Action: line.PlainVerb(line.NoOptions, func(ctx context.Context, env *session.Session, _ line.None) error { return f(ctx, env) }),
	})
}
