package scripttest

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// underShell is the program `ask under-a-shell KIND`: what of a shell the terminal sees. It runs
// `ask KIND` in the foreground; when that is stopped, it reads what to do: bg, stop, fg.
func underShell(words []string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	fd := int(tty.Fd())
	cmd := &exec.Cmd{Path: program, Args: append([]string{"ask"}, words...), Stdin: tty, Stdout: tty, Stderr: tty,
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true, Foreground: true, Ctty: fd}}
	if err := cmd.Start(); err != nil {
		return err
	}
	signal.Ignore(syscall.SIGTTOU) // as shells do; the program has not inherited it
	foreground := func(group int) error { return unix.IoctlSetPointerInt(fd, unix.TIOCSPGRP, group) }
	for {
		var status syscall.WaitStatus
		if _, err := syscall.Wait4(cmd.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil {
			return err
		}
		if !status.Stopped() {
			return foreground(unix.Getpgrp())
		}
		if err := foreground(unix.Getpgrp()); err != nil {
			return err
		}
		fmt.Fprintln(tty, "stopped")
		command := make([]byte, 16)
		n, err := tty.Read(command)
		if err != nil {
			return err
		}
		switch strings.TrimSpace(string(command[:n])) {
		case "fg":
			if err := foreground(cmd.Process.Pid); err != nil {
				return err
			}
			fmt.Fprintln(tty, "in the foreground")
		case "bg":
			fmt.Fprintln(tty, "in the background")
			if err := syscall.Kill(cmd.Process.Pid, syscall.SIGCONT); err != nil {
				return err
			}
			if _, err := tty.Read(command); err != nil { // stop
				return err
			}
			if err := syscall.Kill(cmd.Process.Pid, syscall.SIGTSTP); err != nil {
				return err
			}
			continue
		}
		if err := syscall.Kill(cmd.Process.Pid, syscall.SIGCONT); err != nil {
			return err
		}
	}
}
