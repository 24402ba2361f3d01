//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package prompt

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Echo keeps what is typed off the screen, from a command's first question to its end: a password
// may be typed before it is asked for. The terminal is given back as it was whenever another
// program gets it: at the end, when the program is stopped with Ctrl-Z and when a signal ends it.
// While the program runs in the background the terminal is not ours and is not touched.
//
// What ends the program without asking it (SIGKILL, a panic in a goroutine) leaves the echo off.
type Echo struct {
	mu    sync.Mutex
	tty   *os.File      // nil: no question has been asked
	shown *unix.Termios // the terminal with echo, while it is off; nil: it is not off
	stop  func()        // ends the watch for signals
}

// off turns the echo off, now and whenever the program comes back to the foreground. ctx is the
// program's: a first SIGINT or SIGTERM ends it, the next one the program.
func (e *Echo) off(ctx context.Context) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.tty == nil {
		tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
		if err != nil {
			return // nothing is typed where there is no terminal
		}
		e.tty = tty
		e.watch(ctx)
	}
	e.hide()
}

// Restore turns the echo on again. What was typed unseen is dropped: the shell would show it.
func (e *Echo) Restore() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.tty == nil {
		return
	}
	e.stop()
	e.show()
	e.tty.Close()
	e.tty = nil
}

// hide turns the echo off. A terminal that is gone shows nothing, so its errors are passed over
// here and in show.
func (e *Echo) hide() {
	fd := int(e.tty.Fd())
	now, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil || now.Lflag&unix.ECHO == 0 || !foreground(fd) {
		return
	}
	hidden := *now
	hidden.Lflag &^= unix.ECHO
	if unix.IoctlSetTermios(fd, setTermios, &hidden) == nil {
		e.shown = now
	}
}

// show puts the terminal back as it was.
func (e *Echo) show() {
	if fd := int(e.tty.Fd()); e.shown != nil && foreground(fd) {
		_ = unix.IoctlSetTermios(fd, setTermiosDropping, e.shown)
	}
	e.shown = nil
}

// foreground reports whether the terminal is ours now. Who changes it from the background is
// stopped.
func foreground(fd int) bool {
	group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// watch gives the terminal back before a signal ends or stops the program.
func (e *Echo) watch(ctx context.Context) {
	signals, done := make(chan os.Signal, 8), make(chan struct{})
	for _, s := range []os.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT, unix.SIGTSTP} {
		if !signal.Ignored(s) { // nohup
			signal.Notify(signals, s)
		}
	}
	signal.Notify(signals, unix.SIGCONT)
	e.stop = sync.OnceFunc(func() {
		signal.Stop(signals)
		close(done)
	})
	asked := ctx.Err() != nil // to end
	act := func(f func()) {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.tty != nil {
			f()
		}
	}
	go func() {
		for {
			select {
			case <-done:
				return
			case s := <-signals:
				switch sig := s.(unix.Signal); {
				case sig == unix.SIGCONT:
					act(e.hide)
				case sig == unix.SIGTSTP:
					act(e.show)
					// SIGTTIN stops as SIGTSTP does, and the run-time system leaves it alone. Where
					// nobody could go on with the program it stops nothing, and no SIGCONT comes.
					_ = unix.Kill(unix.Getpid(), unix.SIGTTIN)
					time.AfterFunc(200*time.Millisecond, func() { act(e.hide) })
				case (sig == unix.SIGINT || sig == unix.SIGTERM) && !asked:
					asked = true // main ends ctx, and the command ends by itself
				default:
					act(e.show)
					signal.Reset(sig)
					_ = unix.Kill(unix.Getpid(), sig)
				}
			}
		}
	}()
}

// readHidden reads a line without showing it. term.ReadPassword takes the end of the input, which
// is a read of nothing, for nothing at all and reads on.
func readHidden(tty *os.File) (line []byte, err error) {
	fd := int(tty.Fd())
	before, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, err
	}
	hidden := *before
	hidden.Lflag = hidden.Lflag&^unix.ECHO | unix.ICANON | unix.ISIG
	hidden.Iflag |= unix.ICRNL
	if err := unix.IoctlSetTermios(fd, setTermios, &hidden); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unix.IoctlSetTermios(fd, setTermios, before)) }()
	for b := make([]byte, 1); ; {
		n, err := unix.Read(fd, b)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return line, err
		case n == 0:
			return line, io.EOF
		case b[0] == '\n':
			return line, nil
		case b[0] == '\b':
			line = line[:max(0, len(line)-1)]
		case b[0] != '\r':
			line = append(line, b[0])
		}
	}
}

// dropTyped throws away what has been typed and not read.
func dropTyped(tty *os.File) error {
	now, err := unix.IoctlGetTermios(int(tty.Fd()), getTermios)
	if err != nil {
		return err
	}
	return unix.IoctlSetTermios(int(tty.Fd()), setTermiosDropping, now)
}
