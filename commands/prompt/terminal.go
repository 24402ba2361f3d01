package prompt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/term"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/wallet/secret"
)

// onTerminal asks on the terminal itself, whatever standard input and output are, so a pipe never
// swallows a question and never gets one.
type onTerminal struct {
	out  *voice.Printer // whose progress line has to make room
	echo *Echo          // off from the first question on
}

// NewTerminal asks on the terminal, with echo off from the first question on.
func NewTerminal(out *voice.Printer, e *Echo) Prompter { return &onTerminal{out: out, echo: e} }

// Console is the controlling terminal.
type Console struct {
	In, Out *os.File
}

// OpenConsole opens the controlling terminal, or says that there is none.
func OpenConsole(q Question) (*Console, error) {
	none := func() error { return NeedsInput(q, "there is no terminal to ask on") }
	if runtime.GOOS == "windows" {
		in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
		if err != nil {
			return nil, none()
		}
		out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
		if err != nil {
			return nil, errors.Join(none(), in.Close())
		}
		return &Console{in, out}, nil
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, none()
	}
	if !term.IsTerminal(int(tty.Fd())) {
		return nil, errors.Join(none(), tty.Close())
	}
	return &Console{tty, tty}, nil
}

// Close releases the terminal.
func (t *Console) Close() {
	t.In.Close()
	if t.Out != t.In {
		t.Out.Close()
	}
}

// session opens the terminal and calls ask. When the context ends first the terminal is put back as
// it was; the reading goroutine ends with the process. A panic of ask is one of the caller, who
// gives the terminal back.
func (p *onTerminal) session(ctx context.Context, q Question, ask func(t *Console) error) error {
	p.out.ClearProgress()
	t, err := OpenConsole(q)
	if err != nil {
		return err
	}
	p.echo.off(ctx)
	state, err := term.GetState(int(t.In.Fd()))
	if err != nil {
		t.Close()
		return fmt.Errorf("terminal: %w", err)
	}
	done, broken := make(chan error, 1), make(chan any, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				broken <- r
			}
		}()
		done <- ask(t)
	}()
	select {
	case err := <-done:
		t.Close()
		return err
	case r := <-broken:
		panic(r)
	case <-ctx.Done():
		if err := term.Restore(int(t.In.Fd()), state); err != nil {
			return fmt.Errorf("terminal: %w", err)
		}
		fmt.Fprintln(t.Out)
		return ctx.Err()
	}
}

// Secret asks without showing what is typed, not even its length.
func (p *onTerminal) Secret(ctx context.Context, q Question) (s *secret.Bytes, err error) {
	err = p.session(ctx, q, func(t *Console) error {
		fmt.Fprintf(t.Out, "%s: ", voice.Shown(q.Text, voice.LongestText))
		b, err := readHidden(t.In)
		fmt.Fprintln(t.Out)
		if err != nil {
			return noAnswer(err)
		}
		s = secret.New(b)
		return nil
	})
	return s, err
}

// hidden asks and reads a line without showing what is typed: a password that is typed too early
// must not stand on the screen. What show makes of the line is shown in its place. What was typed
// before the question is no answer to it.
func (t *Console) hidden(question string, show func(line string) string) (string, error) {
	if err := t.put(question); err != nil {
		return "", err
	}
	b, err := readHidden(t.In)
	line := strings.TrimSpace(string(b))
	secret.Zero(b)
	if err != nil {
		fmt.Fprintln(t.Out)
		return "", noAnswer(err)
	}
	fmt.Fprintln(t.Out, voice.Clean(show(line)))
	return line, nil
}

// put writes a question that only what is typed from now on can answer.
func (t *Console) put(question string) error {
	if err := dropTyped(t.In); err != nil {
		return fmt.Errorf("terminal: %w", err)
	}
	_, err := fmt.Fprint(t.Out, question)
	return err
}

// Confirm takes y or yes for yes.
func (p *onTerminal) Confirm(ctx context.Context, q Question) (yes bool, err error) {
	err = p.session(ctx, q, func(t *Console) error {
		_, err := t.hidden(voice.Shown(q.Text, voice.LongestText)+"? [y/N]: ", func(line string) string {
			line = strings.ToLower(line)
			if yes = line == "y" || line == "yes"; yes {
				return "yes"
			}
			return "no"
		})
		return err
	})
	return yes, err
}

// Text reads one line, and shows it when it is the one that is expected.
func (p *onTerminal) Text(ctx context.Context, q Question) (answer string, err error) {
	err = p.session(ctx, q, func(t *Console) error {
		answer, err = t.hidden(voice.Shown(q.Text, voice.LongestText)+": ", func(line string) string {
			if line == q.Expect {
				return line
			}
			return "something else, which is not shown"
		})
		return err
	})
	return answer, err
}

// Choose lists the items and takes the number of one. There is no default: Enter alone never
// decides where money goes.
func (p *onTerminal) Choose(ctx context.Context, q Question, items []string) (choice int, err error) {
	err = p.session(ctx, q, func(t *Console) error {
		fmt.Fprintf(t.Out, "%s\n", voice.Shown(q.Text, voice.LongestText))
		for i, item := range items {
			fmt.Fprintf(t.Out, "  %d  %s\n", i+1, voice.Shown(item, voice.LongestCell))
		}
		for range 100 { // a terminal that only says nonsense is not asked for ever
			found := false
			_, err := t.hidden(fmt.Sprintf("Number, 1 to %d: ", len(items)), func(line string) string {
				n, err := strconv.Atoi(line)
				if found = err == nil && n >= 1 && n <= len(items); !found {
					return "not one of them"
				}
				choice = n - 1
				return strconv.Itoa(n)
			})
			if found || err != nil {
				return err
			}
		}
		return noAnswer(io.EOF)
	})
	return choice, err
}

// Reveal draws on the terminal's second screen where there is one, so that nothing stays in the
// scrollback.
func (p *onTerminal) Reveal(ctx context.Context, q Question, s *secret.Bytes) error {
	const enter, leave = "\x1b[?1049h\x1b[H\x1b[2J", "\x1b[H\x1b[2J\x1b[3J\x1b[?1049l"
	err := p.session(ctx, q, func(t *Console) error {
		fmt.Fprintf(t.Out, "%s%s\n\n", enter, voice.Shown(q.Text, voice.LongestText))
		var err error
		s.Use(func(b []byte) { _, err = t.Out.Write(b) })
		if err != nil {
			return err
		}
		if err := t.put("\n\nPress Enter to go on; this is then taken off the screen. "); err != nil {
			return err
		}
		_, err = bufio.NewReader(t.In).ReadSlice('\n')
		fmt.Fprint(t.Out, leave)
		if err != nil {
			return noAnswer(err)
		}
		return nil
	})
	if ctx.Err() != nil {
		if t, e := OpenConsole(q); e == nil {
			fmt.Fprint(t.Out, leave)
			t.Close()
		}
	}
	return err
}

// noAnswer says that the user ended the input instead of answering.
func noAnswer(err error) error {
	if errors.Is(err, io.EOF) {
		return fault.New("declined", "no answer").Because(errors.Join(ErrDeclined, err))
	}
	return err
}
