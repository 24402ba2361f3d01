package sandbox

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"blockstack/wallet/chain/node"
)

// Sandbox is a running sandbox. Closing it leaves the node running.
type Sandbox struct {
	dir    string
	report Report

	mu   sync.Mutex // guards what a restart changes
	st   *nodeState
	node *node.Node
}

// Open connects to the sandbox that runs in a folder. While another command starts it, Open waits.
// If none runs the error is a *NotRunning.
func Open(ctx context.Context, dir string) (*Sandbox, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	st, err := readState(dir)
	if err != nil {
		return nil, err
	}
	if st != nil && st.Phase == phaseStarting && lockHeld(dir) {
		unlock, err := lockDir(ctx, dir, nil)
		if err != nil {
			return nil, err
		}
		unlock()
		if st, err = readState(dir); err != nil {
			return nil, err
		}
	}
	state, why := judge(dir, st)
	if state != Running {
		return nil, &NotRunning{Dir: dir, State: state, Why: why}
	}
	btcd, err := node.Dial(ctx, st.config())
	if err != nil {
		return nil, fmt.Errorf("sandbox in %s: %w", dir, err)
	}
	return &Sandbox{dir: dir, st: st, node: btcd}, nil
}

// Close frees the connection; the node goes on running.
func (s *Sandbox) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.node.Close()
}

// Dir returns the sandbox's folder.
func (s *Sandbox) Dir() string { return s.dir }

// Chain returns the connection to the node.
func (s *Sandbox) Chain() *node.Node {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.node
}

// Config returns how to connect to the node's RPC.
func (s *Sandbox) Config() node.Config { return s.state().config() }

// P2PAddress returns where the node listens for peers, host:port.
func (s *Sandbox) P2PAddress() string { return s.state().p2pHost() }

func (s *Sandbox) state() *nodeState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.st
}

// RegistryPath returns where this sandbox's registry is kept, and whether there is one.
func (s *Sandbox) RegistryPath() (path string, found bool) { return RegistryPath(s.dir) }

// RegistryPath returns where a sandbox's registry is kept, and whether there is one; the sandbox
// need not run.
func RegistryPath(dir string) (path string, found bool) {
	path = filepath.Join(dir, registryFile)
	info, err := os.Stat(path)
	return path, err == nil && info.Mode().IsRegular()
}

// WriteRegistry keeps a registry with the sandbox and returns its path. What is in it is the
// caller's business.
func (s *Sandbox) WriteRegistry(raw []byte) (string, error) {
	path := filepath.Join(s.dir, registryFile)
	if err := writeFile(path, raw); err != nil {
		return "", fmt.Errorf("keep registry: %w", err)
	}
	return path, nil
}

// change runs f while no other command changes the sandbox, with the stored chain brought up to the
// node's.
func (s *Sandbox) change(ctx context.Context, f func(log *blockLog) error) error {
	unlock, err := lockDir(ctx, s.dir, nil)
	if err != nil {
		return err
	}
	defer unlock()
	st, err := readState(s.dir)
	if err != nil {
		return err
	}
	if state, why := judgeLocked(s.dir, st); state != Running {
		return &NotRunning{Dir: s.dir, State: state, Why: why}
	}
	if err := s.follow(ctx, st); err != nil {
		return err
	}
	log, err := readBlocks(s.dir)
	if err != nil {
		return err
	}
	if err := log.sync(ctx, s.Chain()); err != nil {
		return err
	}
	return f(log)
}

// follow connects anew if the node was restarted at another place meanwhile.
func (s *Sandbox) follow(ctx context.Context, st *nodeState) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st.RPCPort != s.st.RPCPort || st.RPCPassword.text() != s.st.RPCPassword.text() {
		btcd, err := node.Dial(ctx, st.config())
		if err != nil {
			return err
		}
		s.node.Close()
		s.node = btcd
	}
	s.st = st
	return nil
}
