package wallets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/process"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home/config"
	"blockstack/wallet"
	"blockstack/wallet/agent"
	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// longestUnlock is the longest time that an agent runs.
const longestUnlock = 24 * time.Hour

// UnlockCommand is `wallet unlock`.
func UnlockCommand() *cli.Command {
	return &cli.Command{
		Name:  "unlock",
		Usage: "let an agent sign for a while, so that commands do not ask for the password",
		Description: "The agent is a process of its own. It signs for commands of the same user over a socket (config path says where) and\n" +
			"never hands out a key. It forgets them when its time is over, also while the machine sleeps, or with:\n" +
			"blockstack wallet lock.\n\n" + line.Examples(
			"blockstack wallet unlock --for 1h", "blockstack wallet lock"),
		Flags: []cli.Flag{
			&cli.DurationFlag{Name: "for", Value: 15 * time.Minute, Usage: "forget the keys after `DURATION`, such as 90s, 15m or 8h"},
			&cli.BoolFlag{Name: "foreground", Usage: "be the agent instead of starting one"},
		},
		Action: line.Verb(func(c *cli.Context) (unlockOptions, error) {
			o := unlockOptions{For: c.Duration("for"), Foreground: c.Bool("foreground")}
			if o.For < time.Second || o.For > longestUnlock {
				return o, fault.Usage("--for %s is not between 1s and 24h", o.For)
			}
			return o, nil
		}, runWalletUnlock),
	}
}

// LockCommand is `wallet lock`.
func LockCommand() *cli.Command {
	return &cli.Command{
		Name:        "lock",
		Usage:       "end the agent and forget the keys",
		Description: "No agent running is no error.\n\n" + line.Examples("blockstack wallet lock"),
		Action:      line.Verb(line.NoOptions, runWalletLock),
	}
}

// unlockOptions say for how long.
type unlockOptions struct {
	For        time.Duration
	Foreground bool
}

// agentDoc is what `wallet unlock` prints.
type agentDoc struct {
	Socket   string    `json:"socket"`
	Keychain string    `json:"keychain"`
	Until    time.Time `json:"until"`
}

// runWalletUnlock starts an agent, or is one.
func runWalletUnlock(ctx context.Context, env *session.Session, o unlockOptions) error {
	keys, err := session.OpenKeychain(ctx, env)
	if err != nil {
		return err
	}
	if o.Foreground {
		return serveAgent(ctx, env, keys, o)
	}
	// One that runs already is replaced, after the new password was found right.
	password, err := env.Keys.UnlockKeychain(ctx, keys)
	if err != nil {
		return err
	}
	defer password.Wipe()
	keys.Lock()
	if err := provePassword(ctx, env, password); err != nil {
		return err
	}
	if err := endAgent(ctx, env); err != nil {
		return err
	}
	doc, err := startAgent(ctx, env, o, password)
	if err != nil {
		return err
	}
	return env.Out.Result("wallet.unlock", doc, func(t *voice.Text) {
		t.Line("unlocked until %s; to lock: blockstack wallet lock", doc.Until.Local().Format(time.DateTime))
	})
}

// provePassword unlocks the wallet of the network, where there is one, so that its list of scripts
// is checked and made: an agent vouches for it, and cannot write it.
func provePassword(ctx context.Context, e *session.Session, password *secret.Bytes) error {
	w, err := e.Wallet(ctx)
	if errors.Is(err, wallet.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	defer w.Lock()
	if err := w.Unlock(ctx, password); err != nil {
		return err
	}
	e.Keys.Report(w)
	return nil
}

// serveAgent is the agent's process. Its one line of output says that it is ready.
func serveAgent(ctx context.Context, env *session.Session, keys *keychain.Keychain, o unlockOptions) error {
	if err := agent.Harden(); err != nil {
		return err
	}
	password, err := env.Keys.UnlockKeychain(ctx, keys)
	if err != nil {
		return err
	}
	password.Wipe()
	socket, err := agent.MakeSocketFolder(env.Config.Home)
	if err != nil {
		return err
	}
	doc := agentDoc{Socket: socket, Keychain: keys.ID(), Until: time.Now().Add(o.For).UTC().Truncate(time.Second)}
	return agent.Serve(ctx, doc.Socket, keys, time.Now().Add(o.For), func() error {
		return env.Out.Stream("wallet.unlock", doc, func(t *voice.Text) { t.Line("unlocked until %s", doc.Until.Local().Format(time.DateTime)) })
	})
}

// startAgent starts this program as the agent. The password goes through a pipe, never through
// words or variables.
func startAgent(ctx context.Context, env *session.Session, o unlockOptions, password *secret.Bytes) (*agentDoc, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("agent: %w", err)
	}
	args := []string{"wallet", "unlock", "--foreground", "--for", o.For.String(), "--json", "--no-input", "--password-fd", "0"}
	if home, _, err := config.DefaultFolders(); err != nil || home != env.Config.Home {
		args = append(args, "--home", env.Config.Home)
	}
	cmd := exec.Command(exe, args...)
	cmd.Args[0] = "blockstack"
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "BLOCKSTACK_PASSWORD_FILE=") })
	process.Detach(cmd)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("agent: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("agent: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("agent: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	password.Use(func(b []byte) {
		if _, err = in.Write(b); err == nil {
			_, err = in.Write([]byte("\n"))
		}
	})
	err = errors.Join(err, in.Close())
	var doc agentDoc
	if err == nil {
		err = json.NewDecoder(io.LimitReader(out, 64<<10)).Decode(&doc)
	}
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fault.New("internal", "the agent did not start").Because(err).Hint("see why: blockstack wallet unlock --foreground")
	}
	return &doc, cmd.Process.Release()
}

// endAgent ends the agent of this home, if there is one.
func endAgent(ctx context.Context, env *session.Session) error {
	_, err := agent.Of(env.Config.Home).Lock(ctx)
	if err != nil && !errors.Is(err, agent.ErrNoAgent) {
		return err
	}
	for range 100 { // the socket goes last
		if _, err := agent.Of(env.Config.Home).Status(ctx); errors.Is(err, agent.ErrNoAgent) {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// runWalletLock ends the agent.
func runWalletLock(ctx context.Context, env *session.Session, _ line.None) error {
	_, err := agent.Of(env.Config.Home).Status(ctx)
	running := err == nil
	if err := endAgent(ctx, env); err != nil {
		return err
	}
	return env.Out.Result("wallet.lock", map[string]any{"was_unlocked": running}, func(t *voice.Text) {
		if running {
			t.Line("locked")
		} else {
			t.Line("no agent was running")
		}
	})
}
