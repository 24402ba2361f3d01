package commands

import (
	"context"
	"errors"
	"io"

	"github.com/urfave/cli/v2"

	"blockstack/commands/prompt"
	"blockstack/commands/voice"
	"blockstack/home/config"
	"blockstack/txbuilder/registrar"
)

// Env is what a verb may need. Rooms are opened on first use and closed, last first, when the command ends; so a verb
// opens only what it touches, and `name show` never sees the keychain.
type Env struct {
	// Config is ready when the verb runs.
	Config *config.Config
	// Out prints.
	Out *voice.Printer
	// Ask asks the user.
	Ask prompt.Prompter
	// In is standard input, for arguments that are -.
	In io.Reader

	rooms

	said     prompt.Answers // what the command line says to questions
	echo     prompt.Echo    // of the terminal that is asked on
	closers  []func() error
	reserved registrar.Reservations // what jobs need, as it was when the journal was last opened
	agreed   agreedHere
	asked    []registrar.ID // jobs that the request of this command is the same as

	prompter prompt.Prompter // what tests answer with; nil: the terminal
	testVerb *cli.Command    // what tests run beside the program's commands; nil: nothing
	atWrite  func()          // what tests do around each write and each sending of a payment, such as ending the process; nil: nothing
}

// configure completes the Env from flags, environment and configuration file.
func (e *Env) configure(c *cli.Context, file bool) error {
	e.Out.SetModes(voice.Modes{JSON: c.Bool("json"), Quiet: c.Bool("quiet"), Verbose: c.Bool("verbose"), NoColour: c.Bool("no-color")})
	cfg, err := loadConfig(c, file)
	if err != nil {
		return err
	}
	if file {
		if err := cfg.CheckOwned(); err != nil {
			return err
		}
	}
	e.Config, e.said = cfg, answersOf(c)
	ask := e.prompter
	if ask == nil {
		ask = prompt.NewTerminal(e.Out, &e.echo)
	}
	e.Ask = e.said.Prompter(ask)
	return nil
}

// wrote marks a place before or after a write or a sending of a payment.
func (e *Env) wrote() {
	if e.atWrite != nil {
		e.atWrite()
	}
}

// OnClose lets f run when the command ends, before what was registered earlier.
func (e *Env) OnClose(f func() error) { e.closers = append(e.closers, f) }

// close ends everything the command opened.
func (e *Env) close() error {
	var errs []error
	for i := len(e.closers) - 1; i >= 0; i-- {
		errs = append(errs, e.closers[i]())
	}
	e.closers = nil
	return errors.Join(errs...)
}

// lazy is a room that is opened on first use.
type lazy[T any] struct {
	value T
	open  bool
}

// get returns the room, opening it if nobody has; a failed opening is tried again by the next caller.
// closing may be nil.
func (l *lazy[T]) get(ctx context.Context, e *Env, open func(ctx context.Context) (value T, closing func() error, err error)) (T, error) {
	if l.open {
		return l.value, nil
	}
	value, closing, err := open(ctx)
	if err != nil {
		return value, err
	}
	l.value, l.open = value, true
	if closing != nil {
		e.OnClose(func() error {
			l.open = false
			return closing()
		})
	}
	return value, nil
}
