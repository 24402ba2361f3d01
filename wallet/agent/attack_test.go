//go:build linux || darwin

package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"blockstack/wallet/keychain"
)

// say sends a line and reads the answer.
func say(t *testing.T, socket, line string) string {
	t.Helper()
	c, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatalf("%.60q: the agent is gone: %v", line, err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, line+"\n"); err != nil {
		t.Errorf("%.60q: %v", line, err)
	}
	var answer json.RawMessage
	if err := json.NewDecoder(c).Decode(&answer); err != nil {
		t.Errorf("%.60q: no answer: %v", line, err)
	}
	return string(answer)
}

// TestAgentOutlivesRequests: whatever is sent is answered, nothing ends the agent, and no op signs
// a hash.
func TestAgentOutlivesRequests(t *testing.T) {
	socket, keys, _ := start(t, context.Background(), time.Hour)
	for _, line := range hostileRequests() {
		answer := say(t, socket, line)
		if strings.Contains(line, "sign_") && !strings.Contains(answer, `"error"`) {
			t.Errorf("%s is answered by %s", line, answer)
		}
	}
	if keys.Locked() {
		t.Error("the keys were locked")
	}
}

// TestAgentAnswersABug: a panic is an answer, and the next request is served.
func TestAgentAnswersABug(t *testing.T) {
	s := &server{work: make(chan struct{}, 1), term: newTerm(time.Now().Add(time.Hour), systemClocks), stop: func() {}} // no keys: a nil pointer
	for range 2 {
		a := s.answer(context.Background(), request{Op: opStatus})
		if err := a.err(); a.Error != "fault" || !errors.Is(err, errFault) || strings.Contains(a.Message, "nil") {
			t.Errorf("%+v", a)
		}
	}
}

// TestAgentIdleConnections: those who say nothing keep nobody out, and cost no descriptor for long.
func TestAgentIdleConnections(t *testing.T) {
	socket, _, _ := start(t, context.Background(), time.Hour)
	var idle []net.Conn
	for i := range 200 {
		c, err := net.Dial("unix", socket)
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		defer c.Close()
		if i%2 == 1 {
			_, _ = io.WriteString(c, `{"op":`) // and no more
		}
		idle = append(idle, c)
	}
	began := time.Now()
	if _, err := New(socket).Status(context.Background()); err != nil || time.Since(began) > patience/2 {
		t.Errorf("after %s: %v", time.Since(began), err)
	}
	open := 0
	for _, c := range idle {
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		if _, err := c.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
			open++
		}
	}
	if open > maxConns {
		t.Errorf("%d idle connections are open", open)
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if _, err := New(socket).Status(context.Background()); err != nil {
				t.Errorf("several at once: %v", err)
			}
		})
	}
	wait.Wait()
}

// TestMain lets the test binary be an agent with few descriptors.
func TestMain(m *testing.M) {
	if n := os.Getenv("AGENT_TEST_DESCRIPTORS"); n != "" {
		os.Exit(starved(os.Args[1]))
	}
	os.Exit(m.Run())
}

// starved is an agent that has descriptors for itself and two connections.
func starved(dir string) int {
	l, err := listen(context.Background(), filepath.Join(dir, "s"))
	if err == nil {
		highest := 0
		for fd := range 64 {
			if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil {
				highest = fd
			}
		}
		err = unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(highest + 3), Max: uint64(highest + 3)})
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	keys, err := keychain.Open(filepath.Join(dir, "keychain"))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	s := &server{keys: keys, term: newTerm(time.Now().Add(time.Minute), systemClocks), stop: func() {}, work: make(chan struct{}, 1)}
	fmt.Println("ready")
	fmt.Println(s.accept(context.Background(), l))
	return 1
}

// TestAgentWithoutDescriptors: an agent that cannot accept a connection for want of descriptors is
// there when it can.
func TestAgentWithoutDescriptors(t *testing.T) {
	socket, _, _ := start(t, context.Background(), time.Hour)
	dir := filepath.Dir(socket) // which has a keychain
	cmd := exec.Command(os.Args[0], dir)
	cmd.Env = append(os.Environ(), "AGENT_TEST_DESCRIPTORS=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	line := make([]byte, 6)
	if _, err := io.ReadFull(out, line); err != nil || !bytes.Equal(line, []byte("ready\n")) {
		t.Fatalf("%q %v", line, err)
	}
	socket = filepath.Join(dir, "s")
	for range 40 {
		c, err := net.Dial("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	// It is locked, and has a term: what counts is that it answers.
	if a := say(t, socket, `{"op":"public_key","path":"m/888'/0'/0'"}`); !strings.Contains(a, `"locked"`) {
		t.Errorf("it says %s", a)
	}
}

// TestAgentSocketTaken: an agent whose socket is gone locks, and leaves another's socket alone.
func TestAgentSocketTaken(t *testing.T) {
	socket, keys, done := start(t, context.Background(), time.Hour)
	if err := os.Remove(socket); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	select {
	case err := <-done:
		if err != nil || !keys.Locked() {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it goes on where nobody can lock it")
	}
	if _, err := os.Lstat(socket); err != nil {
		t.Errorf("the other's socket: %v", err)
	}
}
