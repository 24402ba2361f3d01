package session

import (
	"errors"
	"io"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/prompt"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/home/jobports"
	"blockstack/home/unlock"
	"blockstack/names/index"
	"blockstack/txbuilder/registrar"
)

// Session is what a verb may need. Rooms are opened on first use and closed, last first, when the
// command ends; so a verb opens only what it touches, and `name show` never sees the keychain.
type Session struct {
	// Out prints.
	Out *voice.Printer
	// Ask asks the user.
	Ask prompt.Prompter
	// In is standard input, for arguments that are -.
	In io.Reader

	*home.Home // with its Config, ready when the verb runs
	// Keys open the keys of its wallet.
	Keys *unlock.Keys

	index    untilClosed[*index.Index]
	bitcoin  untilClosed[home.Bitcoin]
	Said     prompt.Answers // what the command line says to questions
	echo     prompt.Echo    // of the terminal that is asked on
	closers  []func() error
	reserved registrar.Reservations // what jobs need, as it was when the journal was last opened
	agreed   jobports.Agreed
	Asked    []registrar.ID // jobs that the request of this command is the same as

	Prompter prompt.Prompter // what tests answer with; nil: the terminal
	Given    home.Given      // what tests open before
}

// Configure completes the Session from flags, environment and configuration file.
func (e *Session) Configure(c *cli.Context, file bool) error {
	e.Out.SetModes(voice.Modes{JSON: c.Bool("json"), Quiet: c.Bool("quiet"), Verbose: c.Bool("verbose"), NoColour: c.Bool("no-color")})
	cfg, err := line.Config(c, file)
	if err != nil {
		return err
	}
	if file {
		if err := cfg.CheckOwned(); err != nil {
			return err
		}
	}
	e.Said = line.Answers(c)
	e.Use(cfg)
	e.OnClose(e.endLeases)
	ask := e.Prompter
	if ask == nil {
		ask = prompt.NewTerminal(e.Out, &e.echo)
	}
	e.Ask = e.Said.Prompter(ask)
	return nil
}

// Wrote marks a place before or after a write or a sending of a payment.
func (e *Session) Wrote() {
	if e.Given.AtWrite != nil {
		e.Given.AtWrite()
	}
}

// OnClose lets f run when the command ends, before what was registered earlier.
func (e *Session) OnClose(f func() error) { e.closers = append(e.closers, f) }

// RestoreTerminal lets the terminal show again what is typed.
func (e *Session) RestoreTerminal() { e.echo.Restore() }

// Close ends everything the command opened.
func (e *Session) Close() error {
	var errs []error
	for i := len(e.closers) - 1; i >= 0; i-- {
		errs = append(errs, e.closers[i]())
	}
	e.closers = nil
	return errors.Join(errs...)
}
