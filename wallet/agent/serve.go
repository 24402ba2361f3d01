package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"time"

	"blockstack/wallet/keychain"
)

// patience is how long one request may take to arrive, and its answer to be taken.
const patience = 10 * time.Second

// Serve answers at a socket until its time is over by any clock (see term), ctx ends, the socket is
// taken away, or it is told to lock; the keychain, which the caller has unlocked, is locked when it
// returns. ready is called once the socket can be used. Nothing that a client sends ends it, nor
// does a want of descriptors.
func Serve(ctx context.Context, socket string, keys *keychain.Keychain, until time.Time, ready func() error) error {
	return serve(ctx, socket, keys, newTerm(until, systemClocks), ready)
}

func serve(ctx context.Context, socket string, keys *keychain.Keychain, t *term, ready func() error) error {
	defer keys.Lock()
	l, err := listen(ctx, socket)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s := &server{keys: keys, term: t, stop: stop, work: make(chan struct{}, 1)}
	// Which also removes the socket, before new connections are refused.
	end := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer end()
	mine, err := os.Lstat(socket)
	if err != nil {
		return errors.Join(fmt.Errorf("agent: %w", err), l.Close())
	}
	go s.watch(ctx, l, socket, mine)
	if err := ready(); err != nil {
		return errors.Join(err, l.Close())
	}
	return s.accept(ctx, l)
}

// accept answers connections until ctx ends. A failure to accept one passes: what it lacks, a
// descriptor or memory, comes back when others are closed.
func (s *server) accept(ctx context.Context, l net.Listener) error {
	var running sync.WaitGroup
	defer running.Wait()
	pause := time.Duration(0)
	for {
		c, err := l.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = c.Close()
			}
			return nil
		}
		if errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("agent: %w", err)
		}
		if err != nil {
			s.conns.drop()
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
			continue
		}
		pause = 0
		if !s.conns.add(c) {
			_ = c.Close()
			continue
		}
		running.Go(func() {
			defer c.Close()
			s.serve(ctx, c)
		})
	}
}

// watch ends the agent when its time is over, and when its socket is gone: nobody could lock it any
// more.
func (s *server) watch(ctx context.Context, l *net.UnixListener, socket string, mine os.FileInfo) {
	for !s.term.over() {
		select {
		case <-ctx.Done():
			return
		case <-time.After(s.term.next()):
		}
		if now, err := os.Lstat(socket); err != nil || !os.SameFile(mine, now) || !mine.ModTime().Equal(now.ModTime()) {
			if ctx.Err() == nil {
				l.SetUnlinkOnClose(false) // it may be another agent's
			}
			break
		}
	}
	s.keys.Lock()
	s.stop()
}

// listen takes the socket; one that a dead agent left behind is removed.
func listen(ctx context.Context, socket string) (*net.UnixListener, error) {
	if runtime.GOOS == "windows" {
		return nil, ErrUnsupported
	}
	if _, err := New(socket).Status(ctx); err == nil {
		return nil, fmt.Errorf("%w at %s", ErrRunning, socket)
	}
	if info, err := os.Lstat(socket); err == nil {
		if info.Mode()&os.ModeSocket == 0 {
			return nil, fmt.Errorf("agent: %s is there and is no socket", socket)
		}
		if err := os.Remove(socket); err != nil {
			return nil, fmt.Errorf("agent: %w", err)
		}
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("agent: %w", err)
	}
	if err := os.Chmod(socket, 0o600); err != nil { // the folder keeps others out until then
		return nil, errors.Join(fmt.Errorf("agent: %w", err), l.Close())
	}
	return l, nil
}
