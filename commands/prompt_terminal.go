package commands

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

// terminalPrompter asks on the terminal itself, whatever standard input and output are, so a pipe never swallows a
// question and never gets one.
type terminalPrompter struct {
	out  *voice.Printer // whose progress line has to make room
	echo *echo          // off from the first question on
}

// terminal is the controlling terminal.
type terminal struct {
	in, out *os.File
}

// openTerminal opens the controlling terminal, or says that there is none.
func openTerminal(q Question) (*terminal, error) {
	none := func() error { return needsInput(q, "there is no terminal to ask on") }
	if runtime.GOOS == "windows" {
		in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
		if err != nil {
			return nil, none()
		}
		out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
		if err != nil {
			return nil, errors.Join(none(), in.Close())
		}
		return &terminal{in, out}, nil
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, none()
	}
	if !term.IsTerminal(int(tty.Fd())) {
		return nil, errors.Join(none(), tty.Close())
	}
	return &terminal{tty, tty}, nil
}

// close releases the terminal.
func (t *terminal) close() {
	t.in.Close()
	if t.out != t.in {
		t.out.Close()
	}
}

// session opens the terminal and calls ask. When the context ends first the terminal is put back as it was; the
// reading goroutine ends with the process. A panic of ask is one of the caller, who gives the terminal back.
func (p *terminalPrompter) session(ctx context.Context, q Question, ask func(t *terminal) error) error {
	p.out.ClearProgress()
	t, err := openTerminal(q)
	if err != nil {
		return err
	}
	p.echo.off(ctx)
	state, err := term.GetState(int(t.in.Fd()))
	if err != nil {
		t.close()
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
		t.close()
		return err
	case r := <-broken:
		panic(r)
	case <-ctx.Done():
		if err := term.Restore(int(t.in.Fd()), state); err != nil {
			return fmt.Errorf("terminal: %w", err)
		}
		fmt.Fprintln(t.out)
		return ctx.Err()
	}
}

// Secret asks without showing what is typed, not even its length.
func (p *terminalPrompter) Secret(ctx context.Context, q Question) (s *secret.Bytes, err error) {
	err = p.session(ctx, q, func(t *terminal) error {
		fmt.Fprintf(t.out, "%s: ", voice.Shown(q.Text, voice.LongestText))
		b, err := readHidden(t.in)
		fmt.Fprintln(t.out)
		if err != nil {
			return noAnswer(err)
		}
		s = secret.New(b)
		return nil
	})
	return s, err
}

// hidden asks and reads a line without showing what is typed: a password that is typed too early must not stand on the screen. What
// show makes of the line is shown in its place. What was typed before the question is no answer to it.
func (t *terminal) hidden(question string, show func(line string) string) (string, error) {
	if err := t.put(question); err != nil {
		return "", err
	}
	b, err := readHidden(t.in)
	line := strings.TrimSpace(string(b))
	secret.Zero(b)
	if err != nil {
		fmt.Fprintln(t.out)
		return "", noAnswer(err)
	}
	fmt.Fprintln(t.out, voice.Clean(show(line)))
	return line, nil
}

// put writes a question that only what is typed from now on can answer.
func (t *terminal) put(question string) error {
	if err := dropTyped(t.in); err != nil {
		return fmt.Errorf("terminal: %w", err)
	}
	_, err := fmt.Fprint(t.out, question)
	return err
}

// Confirm takes y or yes for yes.
func (p *terminalPrompter) Confirm(ctx context.Context, q Question) (yes bool, err error) {
	err = p.session(ctx, q, func(t *terminal) error {
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
func (p *terminalPrompter) Text(ctx context.Context, q Question) (answer string, err error) {
	err = p.session(ctx, q, func(t *terminal) error {
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

// Choose lists the items and takes the number of one. There is no default: Enter alone never decides where money goes.
func (p *terminalPrompter) Choose(ctx context.Context, q Question, items []string) (choice int, err error) {
	err = p.session(ctx, q, func(t *terminal) error {
		fmt.Fprintf(t.out, "%s\n", voice.Shown(q.Text, voice.LongestText))
		for i, item := range items {
			fmt.Fprintf(t.out, "  %d  %s\n", i+1, voice.Shown(item, voice.LongestCell))
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

// Reveal draws on the terminal's second screen where there is one, so that nothing stays in the scrollback.
func (p *terminalPrompter) Reveal(ctx context.Context, q Question, s *secret.Bytes) error {
	const enter, leave = "\x1b[?1049h\x1b[H\x1b[2J", "\x1b[H\x1b[2J\x1b[3J\x1b[?1049l"
	err := p.session(ctx, q, func(t *terminal) error {
		fmt.Fprintf(t.out, "%s%s\n\n", enter, voice.Shown(q.Text, voice.LongestText))
		var err error
		s.Use(func(b []byte) { _, err = t.out.Write(b) })
		if err != nil {
			return err
		}
		if err := t.put("\n\nPress Enter to go on; this is then taken off the screen. "); err != nil {
			return err
		}
		_, err = bufio.NewReader(t.in).ReadSlice('\n')
		fmt.Fprint(t.out, leave)
		if err != nil {
			return noAnswer(err)
		}
		return nil
	})
	if ctx.Err() != nil {
		if t, e := openTerminal(q); e == nil {
			fmt.Fprint(t.out, leave)
			t.close()
		}
	}
	return err
}

// noAnswer says that the user ended the input instead of answering.
func noAnswer(err error) error {
	if errors.Is(err, io.EOF) {
		return fault.New("declined", "no answer").Because(err)
	}
	return err
}
