package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/node"
)

const (
	configFile = "btcd.conf"
	errFile    = "node.err"
	logFile    = "log/regtest/btcd.log" // kept short by btcd itself
	portTries  = 4

	readyWait = 60 * time.Second // for a node to answer after its start
	stopWait  = 30 * time.Second // for a node to end after being asked
	termWait  = 5 * time.Second  // after SIGTERM
	killWait  = 10 * time.Second // after SIGKILL
	answering = 10 * time.Second // for a node that should be running to answer, before it is given up
	glance    = 3 * time.Second  // the same, where nothing follows but a report
)

// nodeConfig is btcd.conf. Paths in it are relative to the sandbox's folder, where the node runs,
// because btcd expands $ and ~ in them.
func (s *nodeState) nodeConfig() (string, error) {
	faucet, err := s.faucetAddress()
	if err != nil {
		return "", err
	}
	return strings.Join([]string{
		"; Written by every start of the sandbox: changes are lost.",
		"[Application Options]",
		"regtest=1",
		"datadir=data",
		"logdir=log",
		"debuglevel=info",
		"listen=" + s.p2pHost(),
		"rpclisten=" + s.rpcHost(),
		"rpcuser=" + s.RPCUser,
		"rpcpass=" + s.RPCPassword.text(),
		"notls=1",
		"nodnsseed=1",
		"nobanning=1",
		"txindex=1",
		"rejectnonstd=1",
		"limitfreerelay=0",
		"rpcmaxclients=100",
		"rpcmaxwebsockets=100",
		"miningaddr=" + faucet.EncodeAddress(),
		"",
	}, "\n"), nil
}

// launch starts the node's program and waits until it answers. It records the process before it
// waits, so that whoever comes after a crash of ours finds it.
func launch(ctx context.Context, dir string, st *nodeState) (*node.Node, error) {
	for try := 1; ; try++ {
		if err := st.pickPorts(try > 1); err != nil {
			return nil, err
		}
		btcd, err := launchOnce(ctx, dir, st)
		var failed *StartFailed
		if errors.As(err, &failed) && try < portTries && !portsFree(st.RPCPort, st.P2PPort) {
			continue // somebody else took a port in between
		}
		return btcd, err
	}
}

func launchOnce(ctx context.Context, dir string, st *nodeState) (*node.Node, error) {
	conf, err := st.nodeConfig()
	if err != nil {
		return nil, err
	}
	confPath := filepath.Join(dir, configFile)
	if err := writeFile(confPath, []byte(conf)); err != nil {
		return nil, err
	}
	for _, sub := range []string{"data", "log", "home"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, err
		}
	}
	st.Phase, st.Process = phaseStarting, nil
	if err := st.write(dir); err != nil {
		return nil, err
	}
	stderr, err := os.OpenFile(filepath.Join(dir, errFile), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer stderr.Close()

	cmd := exec.Command(st.Program, "--configfile="+confPath)
	cmd.Dir = dir
	cmd.Env = nodeEnv(filepath.Join(dir, "home"))
	cmd.Stderr = stderr // a file: no pipe that would end with us; standard output goes nowhere
	if err := detach(cmd); err != nil {
		return nil, err
	}
	logged := fileSize(filepath.Join(dir, logFile))
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", st.Program, err)
	}
	gone := make(chan struct{})
	go func() { // also asks after the dead child, so that it does not stay a zombie
		_ = cmd.Wait()
		close(gone)
	}()
	abandon := func() { // still ours: nobody has asked after it
		select {
		case <-gone:
		default:
			_ = cmd.Process.Kill()
			<-gone
		}
	}
	own, err := inspectProcess(cmd.Process.Pid)
	if err == nil {
		st.Process = &own
		err = st.write(dir)
	}
	if err != nil && !errors.Is(err, errNoProcess) {
		abandon()
		return nil, err
	}
	btcd, err := st.awaitReady(ctx, gone)
	if err != nil {
		abandon()
		return nil, &StartFailed{
			Log:  filepath.Join(dir, logFile),
			Last: lastWords(dir, logged),
			Err:  err,
		}
	}
	return btcd, nil
}

// errEnded means that the node's process ended by itself.
var errEnded = errors.New("it ended by itself")

func (s *nodeState) awaitReady(ctx context.Context, gone <-chan struct{}) (*node.Node, error) {
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	for {
		btcd, err := node.Dial(ctx, s.config())
		if err == nil {
			select {
			case <-gone: // somebody else answered
				btcd.Close()
				return nil, errEnded
			default:
				return btcd, nil
			}
		}
		select {
		case <-gone:
			return nil, errEnded
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for its RPC: %w (last: %w)", ctx.Err(), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// pickPorts keeps the recorded ports if they are free, so that what others have noted down stays
// right.
func (s *nodeState) pickPorts(fresh bool) error {
	if !fresh && s.RPCPort != 0 && portsFree(s.RPCPort, s.P2PPort) {
		return nil
	}
	var ports []int
	for len(ports) < 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("pick a port: %w", err)
		}
		defer l.Close() // both held until both are picked
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	s.RPCPort, s.P2PPort = ports[0], ports[1]
	return nil
}

func portsFree(ports ...int) bool {
	for _, p := range ports {
		l, err := net.Listen("tcp", hostPort(p))
		if err != nil {
			return false
		}
		_ = l.Close()
	}
	return true
}

// endNode ends the recorded process, in the gentlest way that works; one that is known not to
// answer is not asked. It is harmless when the process is gone.
func endNode(ctx context.Context, st *nodeState, answers bool) error {
	if !st.Process.running() {
		return nil
	}
	asked := false
	if answers && st.RPCPort != 0 {
		askCtx, cancel := context.WithTimeout(ctx, answering)
		btcd, err := node.Dial(askCtx, st.config())
		if err == nil {
			asked = btcd.Shutdown(askCtx) == nil
			btcd.Close()
		}
		cancel()
	}
	if asked && st.Process.ended(stopWait) {
		return nil
	}
	for _, step := range []struct {
		sig  os.Signal
		wait time.Duration
	}{{syscall.SIGTERM, termWait}, {os.Kill, killWait}} {
		if err := st.Process.signal(step.sig); err != nil && !errors.Is(err, errNoProcess) && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("end sandbox node (process %d): %w", st.Process.PID, err)
		}
		if st.Process.ended(step.wait) {
			return nil
		}
	}
	return &NotEnding{PID: st.Process.PID}
}

// endOrphan ends a node that was started by a command which died before it could record the
// process. Only our node accepts our password.
func endOrphan(ctx context.Context, st *nodeState) {
	if st.Phase != phaseStarting || st.Process != nil || st.RPCPort == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, answering)
	defer cancel()
	for ctx.Err() == nil && !portsFree(st.RPCPort) {
		if btcd, err := node.Dial(ctx, st.config()); err == nil {
			_ = btcd.Shutdown(ctx)
			btcd.Close()
		} else if errors.Is(err, chain.ErrUnauthorized) {
			return // somebody else's
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// lastWords returns the last line that the node wrote: to standard error, else to its log beyond
// what was there before.
func lastWords(dir string, logged int64) string {
	if line := lastLine(filepath.Join(dir, errFile), 0); line != "" {
		return line
	}
	return lastLine(filepath.Join(dir, logFile), logged)
}

func lastLine(path string, from int64) string {
	const most = 4096
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	size := fileSize(path)
	if size < from {
		from = 0
	}
	raw, err := io.ReadAll(io.NewSectionReader(f, max(from, size-most), most))
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	line := lines[len(lines)-1]
	return line[:min(len(line), 300)]
}
