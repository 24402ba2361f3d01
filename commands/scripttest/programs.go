package scripttest

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"blockstack/commands"
	"blockstack/commands/session"
	"blockstack/commands/voice"
)

// Main is the TestMain of a package with transcripts: it lets the test binary be the program when a
// script calls it.
func Main(m *testing.M) {
	session.LinkedCost = cost
	testscript.Main(m, map[string]func(){
		"blockstack": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			context.AfterFunc(ctx, stop)
			os.Exit(commands.Main(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr))
		},
		"killed":      func() { os.Exit(killedProgram(context.Background(), os.Args)) },
		"interrupted": func() { os.Exit(interruptedProgram(context.Background(), os.Args)) },
		"ask": func() {
			if os.Args[1] == "under-a-shell" {
				if err := underShell(os.Args[2:]); err != nil {
					fmt.Println(err)
				}
				return
			}
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			context.AfterFunc(ctx, stop)
			env := &session.Session{In: os.Stdin, Out: voice.New(os.Stdout, os.Stderr)}
			os.Exit(runVerb(ctx, env, append([]string{"blockstack", "test"}, os.Args[2:]...), func(ctx context.Context, env *session.Session) error {
				return askOnce(ctx, env, os.Args[1])
			}))
		},
	})
}

// killedProgram is the program `killed N ARGUMENTS…`: the same program, killed at the Nth place
// before or after a write or the sending of a payment. Fewer places than N: it ends as it would.
func killedProgram(ctx context.Context, args []string) int {
	at, err := strconv.Atoi(args[1])
	if err != nil {
		return 1
	}
	env := &session.Session{In: os.Stdin, Out: voice.New(os.Stdout, os.Stderr)}
	env.Given.AtWrite = func() {
		if at--; at > 0 {
			return
		}
		if p, err := os.FindProcess(os.Getpid()); err == nil && p.Kill() == nil {
			select {} // until it is over
		}
		os.Exit(1)
	}
	return commands.Run(ctx, env, append([]string{"blockstack"}, args[2:]...))
}

// interruptedProgram is killedProgram with Ctrl-C in place of a kill.
func interruptedProgram(ctx context.Context, args []string) int {
	at, err := strconv.Atoi(args[1])
	if err != nil {
		return 1
	}
	ctx, stop := context.WithCancel(ctx)
	env := &session.Session{In: os.Stdin, Out: voice.New(os.Stdout, os.Stderr)}
	env.Given.AtWrite = func() {
		if at--; at == 0 {
			stop()
		}
	}
	return commands.Run(ctx, env, append([]string{"blockstack"}, args[2:]...))
}
