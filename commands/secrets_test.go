package commands

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	knownPhrase   = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
	knownPassword = "correct-horse-battery"
)

// TestProcShowsNoSecret: what other programs can read of a running command, its words and its
// variables, while it holds the password, and what they can read of the agent.
func TestProcShowsNoSecret(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, s string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(s+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	words, pw, ready := write("words", knownPhrase), write("pw", knownPassword), filepath.Join(dir, "ready")
	program := func(args ...string) *exec.Cmd {
		ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
		t.Cleanup(stop)
		cmd := exec.CommandContext(ctx, exe, append([]string{"--home", filepath.Join(dir, "home"), "--network", "regtest", "--no-input"}, args...)...)
		cmd.Args[0] = "blockstack" // which TestMain makes the program
		return cmd
	}
	if out, err := program("wallet", "create", "--import-file", words, "--password-file", pw).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	look := func(what string, pid int) {
		t.Helper()
		seen := 0
		for _, file := range []string{"cmdline", "environ"} {
			b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
			if errors.Is(err, os.ErrPermission) {
				continue // not even to the same user
			}
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			seen += len(b)
			for _, s := range []string{knownPassword, "abandon", "correct"} {
				if bytes.Contains(b, []byte(s)) {
					t.Errorf("%s of %s shows a secret", file, what)
				}
			}
		}
		if seen == 0 {
			t.Errorf("nothing was read of %s", what)
		}
	}
	// The command has read the password when the file is there, and goes on when the shell ends.
	cmd := program("wallet", "sign-message", "n1M8ZVQtL7QoFvGMg24D6b2ojWvFXKGpoS", "hello",
		"--password-command", "cat '"+pw+"'; touch '"+ready+"'; while test -f '"+ready+"'; do sleep 0.05; done")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(ready); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the command did not ask for the password")
		}
	}
	look("a command", cmd.Process.Pid)
	if err := os.Remove(ready); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // the address need not be one of the wallet's

	// Keys come through standard input, and so does what is typed while a shell completes it.
	for _, args := range [][]string{{"wallet", "sweep", "-"}, {"wallet", "create", "--watch-only", "-", "--network", "testnet"}, {completeWord, "bash", ":="}} {
		cmd := program(args...)
		if args[0] == completeWord {
			cmd.Args = append(cmd.Args[:1], args...)
		}
		if args[1] == "create" {
			cmd.Args = slices.Delete(cmd.Args, 3, 5) // the network is another one
		}
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintf(in, "blockstack --password %s %s\n", knownPassword, knownPhrase); err != nil {
			t.Fatal(err)
		}
		look(args[0]+" "+args[1], cmd.Process.Pid) // it waits for the end of its input
		if err := in.Close(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // what it read is nothing of use
		if strings.Contains(said.String(), "abandon") || strings.Contains(said.String(), knownPassword) {
			t.Errorf("%v repeats a secret: %s", args, said.String())
		}
	}

	served := program("wallet", "unlock", "--foreground", "--password-file", pw, "--json")
	out, err := served.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := served.Start(); err != nil {
		t.Fatal(err)
	}
	var doc struct { // of its readiness
		Keychain string `json:"keychain"`
	}
	if err := json.NewDecoder(out).Decode(&doc); err != nil || doc.Keychain == "" {
		t.Fatalf("%+v, %v", doc, err)
	}
	look("the agent", served.Process.Pid)
	if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", served.Process.Pid)); err == nil {
		for line := range strings.Lines(string(b)) {
			if strings.HasPrefix(line, "Max core file size") && strings.Fields(line)[4] != "0" {
				t.Errorf("core dumps are on: %s", line)
			}
		}
	}
	if out, err := program("wallet", "lock").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if err := served.Wait(); err != nil {
		t.Errorf("the agent: %v", err)
	}
}
