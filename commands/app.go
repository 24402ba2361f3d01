package commands

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/health"
	"blockstack/commands/identities"
	"blockstack/commands/indexes"
	"blockstack/commands/jobs"
	"blockstack/commands/line"
	"blockstack/commands/namespaces"
	"blockstack/commands/naming"
	"blockstack/commands/paying"
	"blockstack/commands/profiles"
	"blockstack/commands/sandboxes"
	"blockstack/commands/session"
	"blockstack/commands/settings"
	"blockstack/commands/voice"
	"blockstack/commands/wallets"
	"blockstack/wallet/agent"
)

// commandTree is every command. A verb that is not built does not appear.
func commandTree() []*cli.Command {
	return []*cli.Command{
		nameCommand(),
		naming.ShortRegisterCommand(),
		namespaces.NamespaceCommand(),
		jobs.JobCommand(),
		jobs.WatchCommand(),
		profiles.LookupCommand(),
		profiles.ProfileCommand(),
		profiles.ProofCommand(),
		profiles.ZoneFileCommand(),
		paying.PayCommand(),
		wallets.RequestCommand(),
		walletCommand(),
		paying.BalanceCommand(),
		paying.HistoryCommand(),
		paying.BumpCommand(),
		identities.IdentityCommand(),
		indexes.IndexCommand(),
		sandboxes.SandboxCommand(),
		line.Noun("config", "the choices that hold for all commands", line.Program,
			settings.PathCommand(),
			settings.ShowCommand(),
			settings.SetCommand(),
			settings.ExplainCommand(),
		),
		health.DoctorCommand(),
		completionCommand(),
		helpCommand(),
		versionCommand(),
	}
}

// newApp makes the program around an Env; more are commands beside its own.
func newApp(env *session.Session, more ...*cli.Command) *cli.App {
	app := &cli.App{
		Name:            "blockstack",
		HelpName:        "blockstack",
		Usage:           "names, profiles and money on Bitcoin, on your own terms",
		Flags:           line.Flags(),
		Commands:        append(commandTree(), more...),
		Metadata:        map[string]any{line.EnvKey: env},
		HideHelp:        true, // --help is found in any place by line.Split
		HideVersion:     true,
		HideHelpCommand: true,
		Reader:          env.In,
		Writer:          io.Discard,
		ErrWriter:       io.Discard,
		ExitErrHandler:  func(*cli.Context, error) {},
		OnUsageError:    usageError,

		DisableSliceFlagSeparator: true, // a folder or URL may have a comma
	}
	app.Setup() // once; it writes help names that the next lines make whole
	line.Each(app.Commands, app.HelpName, func(c *cli.Command, name string) {
		c.HelpName, c.HideHelp, c.OnUsageError = name, true, usageError
	})
	return app
}

// usageError turns what the cli package says about a flag's value into our own error. Its text
// quotes the value, which the Printer hides unless it is harmless.
func usageError(_ *cli.Context, err error, _ bool) error {
	return fault.Usage("%s", strings.ReplaceAll(strings.ReplaceAll(err.Error(), `flag -`, "flag --"), "\n", " ")).Because(err)
}

// Main runs the program: args are the program's name and its words. It returns the exit code.
func Main(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) (exitCode int) {
	_ = agent.NoCoreDumps() // doctor tells where it does not help
	return Run(ctx, &session.Session{In: in, Out: voice.New(out, errOut)}, args)
}

// Run is Main around an Env; more are commands beside those of the program.
func Run(ctx context.Context, env *session.Session, args []string, more ...*cli.Command) (exitCode int) {
	defer env.RestoreTerminal()
	defer func() {
		if r := recover(); r != nil {
			f := panicFault(r)
			if env.Out.Verbose() {
				for typedLine := range strings.Lines(string(debug.Stack())) {
					env.Out.Detail("%s", strings.TrimRight(typedLine, "\n"))
				}
			} else {
				f.Hint("with --verbose it says where")
			}
			env.Out.Report(f)
			exitCode = int(fault.ExitFailed)
		}
	}()
	words := args[min(1, len(args)):]
	err := dispatch(ctx, env, words, more...)
	if e := env.Close(); e != nil && err == nil {
		err = fmt.Errorf("close: %w", e)
	} else if e != nil {
		env.Out.Warn("close: %v", e)
	}
	if err == nil {
		if err = env.Out.Commit(); err == nil {
			return int(fault.ExitDone)
		}
	}
	f := faults.Of(ctx, err)
	if f.KeepResult {
		if e := env.Out.Commit(); e != nil {
			f = faults.Of(ctx, e)
		}
	}
	env.Out.Report(f)
	return int(f.Exit())
}

// dispatch finds the command and runs it.
func dispatch(ctx context.Context, env *session.Session, words []string, more ...*cli.Command) error {
	if len(words) > 0 && words[0] == completeWord {
		return complete(ctx, env, words[1:])
	}
	end := slices.Index(words, "--")
	if end < 0 {
		end = len(words)
	}
	env.Out.SetModes(voice.Modes{JSON: slices.Contains(words[:end], "--json")}) // for errors found before the flags are read
	app := newApp(env, more...)
	typed := line.NewTyped(app, words)
	env.Out.SetHide(typed.Hide)
	if err := line.RefuseSecrets(words); err != nil {
		return err
	}
	typedLine, err := line.Split(app, words)
	if err != nil {
		return err
	}
	if err := line.RefuseBareKeys(typedLine, words); err != nil {
		return err
	}
	env.Out.SetHere(line.NewHere(typedLine.Globals, wordsOfCommands(app), typed).Put)
	if typedLine.Help || (len(typedLine.Path) == 0 && !typedLine.Version) || (len(typedLine.Path) > 0 && typedLine.Path[len(typedLine.Path)-1].Action == nil) {
		return line.Help(env.Out, app, typedLine.Path)
	}
	if typedLine.Version {
		return runVersion(ctx, env, line.None{})
	}
	return app.RunContext(ctx, typedLine.Argv(app.Name))
}

// wordsOfCommands are the words that a command may begin with.
func wordsOfCommands(app *cli.App) (list []string) {
	for _, c := range app.Commands {
		if c.Name != "help" && c.Name != "version" && c.Name != "completion" {
			list = append(list, c.Name)
		}
	}
	return list
}

// panicFault reports a state that cannot be reached. Only texts that are known to hold no data are
// shown: our own, which begin with `bug:`, and those of the run-time system.
func panicFault(r any) *fault.Fault {
	f := fault.New("internal", "bug: unexpected panic")
	switch v := r.(type) {
	case runtime.Error:
		f.Message = "bug: " + v.Error()
	case string:
		if strings.HasPrefix(v, "bug:") {
			f.Message = v
		}
	case error:
		if strings.HasPrefix(v.Error(), "bug:") {
			f.Message = v.Error()
		}
	}
	f.Hint("this is a fault of the program; what was written before it is kept: the same command again goes on")
	return f
}
