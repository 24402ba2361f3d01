package interrupted

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"blockstack/commands/fault"
)

// console is a terminal of its own with the program `ask` in its foreground (see package
// scripttest).
type console struct {
	t      *testing.T
	master *os.File
	cmd    *exec.Cmd
	home   string
	mu     sync.Mutex
	seen   string // all that stood on the screen
	read   int    // of it was expected already
}

// openConsole runs `ask WORDS…` on a terminal.
func openConsole(t *testing.T, words ...string) *console {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	t.Cleanup(func() { master.Close() })
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &console{t: t, master: master, home: t.TempDir()}
	c.cmd = &exec.Cmd{Path: program, Args: append([]string{"ask"}, words...), Stdin: slave, Stdout: slave, Stderr: slave,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true, Setctty: true},
		Env:         append(os.Environ(), "BLOCKSTACK_NO_INPUT=", "BLOCKSTACK_HOME="+c.home)}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.cmd.Process.Kill() })
	go func() {
		b := make([]byte, 4096)
		for {
			n, err := master.Read(b)
			c.mu.Lock()
			c.seen += string(b[:n])
			c.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return c
}

// expect waits until a text stands on the screen, behind what was expected before.
func (c *console) expect(text string) {
	c.t.Helper()
	c.until("on the screen: "+text, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		at := strings.Index(c.seen[c.read:], text)
		if at >= 0 {
			c.read += at + len(text)
		}
		return at >= 0
	})
}

// until waits for something.
func (c *console) until(what string, done func() bool) {
	c.t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("not in a minute: %s; the screen: %q", what, c.screen())
		}
	}
}

// keys presses keys.
func (c *console) keys(text string) {
	c.t.Helper()
	if _, err := c.master.WriteString(text); err != nil {
		c.t.Fatal(err)
	}
}

// screen is all that stood on the screen.
func (c *console) screen() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen
}

// echoes reports whether the terminal shows what is typed.
func (c *console) echoes() bool {
	c.t.Helper()
	now, err := unix.IoctlGetTermios(int(c.master.Fd()), unix.TCGETS)
	if err != nil {
		c.t.Fatal(err)
	}
	return now.Lflag&unix.ECHO != 0
}

// goOn lets the program pass the place where it waits.
func (c *console) goOn() {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.home, "go on"), nil, 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// end waits for the end of the program and checks that the terminal is as it was.
func (c *console) end() *os.ProcessState {
	c.t.Helper()
	err := c.cmd.Wait()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		c.t.Error(err)
	}
	c.until("the echo is back", c.echoes)
	return c.cmd.ProcessState
}

// TestTypedEarly: what is typed while a command works is not shown and answers no question that
// matters, and the terminal is given back as it was however the command ends.
func TestTypedEarly(t *testing.T) {
	const early = "hunter2 battery"
	working := func(t *testing.T, words ...string) *console {
		c := openConsole(t, words...)
		c.expect("The password: ")
		c.keys("correct horse\r")
		c.expect("working")
		if c.echoes() {
			t.Error("the echo is on while the command works")
		}
		c.keys(early + "\ry\ralice.id\r1\r")
		return c
	}
	for _, q := range []struct{ kind, asks, answer, ends string }{
		{"confirm", "Go on? [y/N]: ", "y\r", "agreed"},
		{"confirm", "Go on? [y/N]: ", "\r", "declined"},
		{"dangerous", "to agree: ", "alice.id\r", "alice.id"},
		{"choose", "Number, 1 to 3: ", "3\r", "2"},
		{"reveal", "Press Enter to go on; this is then taken off the screen. ", "\r", "shown"},
	} {
		t.Run(q.kind, func(t *testing.T) {
			t.Parallel()
			c := working(t, "password-then-"+q.kind)
			c.goOn()
			c.expect(q.asks)
			time.Sleep(50 * time.Millisecond)
			if c.echoes() {
				t.Error("the echo is on in the question")
			}
			if strings.Contains(c.screen()[c.read:], "\n") {
				t.Errorf("answered by what was typed before it: %q", c.screen())
			}
			c.keys(q.answer)
			c.expect(q.ends)
			c.end()
			if s := c.screen(); strings.Contains(s, "hunter2") || strings.Contains(s, "battery") {
				t.Errorf("shown: %q", s)
			}
		})
	}
	t.Run("panic", func(t *testing.T) {
		t.Parallel()
		c := working(t, "password-then-panic")
		c.goOn()
		c.expect("bug: of a test")
		c.end()
	})
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			c := working(t, "password-then-confirm")
			if err := c.cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			c.end()
		})
	}
	t.Run("a second Ctrl-C", func(t *testing.T) {
		t.Parallel()
		c := working(t, "password-then-deaf")
		c.keys("\x03")
		c.expect("heard")
		c.keys("\x03")
		if s, ok := c.end().Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGINT {
			t.Errorf("ended with %v", c.cmd.ProcessState)
		}
	})
	for _, kind := range []string{"confirm", "dangerous", "choose", "reveal", "secret"} {
		t.Run("Ctrl-D for "+kind, func(t *testing.T) {
			t.Parallel()
			c := openConsole(t, kind)
			c.until("the question", func() bool { return strings.Contains(c.screen(), ": ") || strings.Contains(c.screen(), "screen. ") })
			time.Sleep(50 * time.Millisecond)
			c.keys("\x04")
			c.expect("no answer")
			c.end()
		})
	}
	t.Run("Ctrl-C in a question", func(t *testing.T) {
		t.Parallel()
		c := working(t, "password-then-confirm")
		c.goOn()
		c.expect("[y/N]: ")
		c.keys("\x03")
		if code := c.end().ExitCode(); code != int(fault.ExitInterrupted) {
			t.Errorf("exit %d", code)
		}
	})
}

// TestStoppedCommand: a command that is stopped with Ctrl-Z leaves the terminal as it was, takes it
// again in the foreground, and does not touch it in the background.
func TestStoppedCommand(t *testing.T) {
	t.Parallel()
	c := openConsole(t, "under-a-shell", "password-then-confirm")
	c.expect("The password: ")
	c.keys("correct horse\r")
	c.expect("working")
	if c.echoes() {
		t.Error("the echo is on while the command works")
	}
	c.keys("\x1a")
	c.expect("stopped")
	if !c.echoes() {
		t.Error("a stopped command leaves the echo off")
	}
	c.keys("bg\r")
	c.expect("in the background")
	time.Sleep(300 * time.Millisecond)
	if !c.echoes() {
		t.Error("a command in the background turns the echo off")
	}
	c.keys("stop\r")
	c.expect("stopped")
	c.keys("fg\r")
	c.expect("in the foreground")
	c.until("the echo is off again", func() bool { return !c.echoes() })
	c.goOn()
	c.expect("[y/N]: ")
	c.keys("y\r")
	c.expect("agreed")
	c.end()
}
