//go:build linux || darwin

package sandbox

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/wallet/chain/chaintest"
)

// killNode ends the node without giving it a chance.
func killNode(t *testing.T, s *Sandbox) {
	t.Helper()
	own := s.state().Process
	no(t, own.signal(os.Kill))
	if !own.ended(10 * time.Second) {
		t.Fatal("the node survives SIGKILL")
	}
}

func TestKilledNode(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	mine(t, s, 7)
	waiting := fund(t, s, 1e8)
	height, hash := tip(t, s)
	killNode(t, s)

	st := inspect(t, dir)
	if st.State != Crashed || st.Answers || st.Height != height || st.Tip != hash || !strings.Contains(st.Why, "start it again") {
		t.Errorf("%+v", st)
	}
	var not *NotRunning
	if _, err := s.Mine(t.Context(), 1); !errors.As(err, &not) || not.State != Crashed {
		t.Errorf("mine on a dead node: %v", err)
	}
	if _, err := Open(t.Context(), dir); !errors.As(err, &not) || not.State != Crashed {
		t.Errorf("open a dead sandbox: %v", err)
	}
	if err := Stop(t.Context(), dir); !errors.As(err, &not) || not.State != Crashed {
		t.Errorf("stop a dead sandbox: %v", err)
	}
	s.Close()

	s = start(t, dir)
	defer s.Close()
	if r := s.Report(); r.Found != Crashed || r.Replayed != int(height) || r.Resent != 1 || r.Mined != 0 {
		t.Errorf("%+v", r)
	}
	if h, got := tip(t, s); h != height || got != hash {
		t.Errorf("tip %d %s, was %d %s", h, got, height, hash)
	}
	if !txStatus(t, s, waiting).InMempool {
		t.Error("the unconfirmed payment is gone")
	}
}

// TestStrangersAreLeftAlone lets the state point at a process that is not the node, in every way in
// which it can be another one.
func TestStrangersAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	s.Close()
	killNode(t, s)
	stranger := exec.Command("sleep", "600")
	no(t, stranger.Start())
	gone := make(chan struct{})
	go func() {
		_ = stranger.Wait()
		close(gone)
	}()
	t.Cleanup(func() {
		_ = stranger.Process.Kill()
		<-gone
	})
	real, err := inspectProcess(stranger.Process.Pid)
	no(t, err)
	old := *s.state().Process
	for name, p := range map[string]process{
		"number used again":      {PID: real.PID, Started: old.Started, Program: old.Program},
		"same program":           {PID: real.PID, Started: old.Started, Program: real.Program},
		"same second":            {PID: real.PID, Started: real.Started, Program: old.Program},
		"ourselves":              {PID: os.Getpid(), Started: old.Started, Program: old.Program},
		"process 1":              {PID: 1, Started: old.Started, Program: old.Program},
		"a negative number":      {PID: -real.PID, Started: real.Started, Program: real.Program},
		"nobody":                 {PID: 1 << 30, Started: old.Started, Program: old.Program},
		"no number and no start": {},
	} {
		for _, ph := range []phase{phaseRunning, phaseStarting} {
			edit(t, dir, func(st *nodeState) { st.Phase, st.Process = ph, &p })
			st := inspect(t, dir)
			want := map[phase]RunState{phaseRunning: Crashed, phaseStarting: HalfStarted}[ph]
			if st.State != want {
				t.Errorf("%s, %s: %+v", name, ph, st)
			}
			err := Stop(t.Context(), dir)
			var not *NotRunning
			if ph == phaseRunning && !errors.As(err, &not) || ph == phaseStarting && err != nil {
				t.Errorf("%s, %s: stop: %v", name, ph, err)
			}
			if ph == phaseRunning {
				edit(t, dir, func(st *nodeState) { st.Phase, st.Process = ph, &p })
			}
			if err := p.signal(os.Kill); p.PID != os.Getpid() && !errors.Is(err, errNoProcess) {
				t.Errorf("%s: signalled: %v", name, err)
			}
		}
	}
	edit(t, dir, func(st *nodeState) {
		st.Phase, st.Process = phaseRunning, &process{PID: real.PID, Started: old.Started, Program: old.Program}
	})
	s = start(t, dir)
	defer s.Close()
	if r := s.Report(); r.Found != Crashed || !strings.Contains(r.Why, "left alone") {
		t.Errorf("%+v", r)
	}
	select {
	case <-gone:
		t.Fatal("the stranger was killed")
	default:
	}
	if now, err := inspectProcess(real.PID); err != nil || now != real {
		t.Errorf("the stranger: %+v, %v", now, err)
	}
}

func TestHalfStarted(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	defer s.Close()
	for name, f := range map[string]func(*nodeState){
		"process recorded":     func(st *nodeState) { st.Phase = phaseStarting },
		"process not recorded": func(st *nodeState) { st.Phase, st.Process = phaseStarting, nil },
		"ports broken":         func(st *nodeState) { st.RPCPort = 0 },
	} {
		st, err := readState(dir)
		no(t, err)
		own := *st.Process
		height, hash := tip(t, s)
		edit(t, dir, f)
		if name != "ports broken" {
			if got := inspect(t, dir); got.State != HalfStarted {
				t.Errorf("%s: %+v", name, got)
			}
			var not *NotRunning
			if _, err := Open(t.Context(), dir); !errors.As(err, &not) || not.State != HalfStarted {
				t.Errorf("%s: open: %v", name, err)
			}
		}
		s.Close()
		s = start(t, dir)
		if own.running() {
			t.Errorf("%s: the old node still runs", name)
		}
		if h, got := tip(t, s); h != height || got != hash {
			t.Errorf("%s: tip %d %s, was %d %s", name, h, got, height, hash)
		}
		mine(t, s, 1)
	}
	edit(t, dir, func(st *nodeState) { st.Phase = phaseStarting })
	stop(t, dir)
	if st := inspect(t, dir); st.State != Stopped {
		t.Errorf("half started and stopped: %+v", st)
	}
}

// TestNodeOutlivesItsStarter starts a sandbox from a process of its own, which ends.
func TestNodeOutlivesItsStarter(t *testing.T) {
	dir := t.TempDir()
	endWithTest(t, dir)
	out, err := helper(t, dir).Output() // returns when nobody has the pipe any more
	if err != nil || !strings.Contains(string(out), "done <nil>") {
		t.Fatalf("%s: %v", out, err)
	}
	s, err := Open(t.Context(), dir)
	no(t, err)
	defer s.Close()
	mine(t, s, 1)
}

// TestStarterKilled kills a command at every step of its start.
func TestStarterKilled(t *testing.T) {
	for _, step := range []Step{StepNode, StepMine, StepReplay, StepResend} {
		t.Run(string(step), func(t *testing.T) {
			dir := t.TempDir()
			want, hash := int32(firstBlocks), chainhash.Hash{}
			if step == StepReplay || step == StepResend {
				s := start(t, dir)
				mine(t, s, 3)
				fund(t, s, 1e8)
				want, hash = tip(t, s)
				s.Close()
				stop(t, dir)
			}
			endWithTest(t, dir)
			cmd := helper(t, dir)
			pipe, err := cmd.StdoutPipe()
			no(t, err)
			no(t, cmd.Start())
			lines, found := bufio.NewScanner(pipe), false
			for !found && lines.Scan() {
				found = lines.Text() == string(step)
			}
			if !found {
				t.Error("the start did not come to this step")
			}
			no(t, cmd.Process.Kill())
			_ = cmd.Wait()
			if st := inspect(t, dir); st.State == Crashed || st.State == Starting {
				t.Errorf("%+v", st)
			}
			s, err := Start(t.Context(), Options{Dir: dir, Btcd: chaintest.Btcd(t)})
			var running *AlreadyRunning
			if errors.As(err, &running) { // it was done before it was killed
				s, err = Open(t.Context(), dir)
			}
			no(t, err)
			defer s.Close()
			if h, got := tip(t, s); h < want || hash != (chainhash.Hash{}) && got != hash {
				t.Errorf("tip %d %s, want %d %s", h, got, want, hash)
			}
			mine(t, s, 1)
		})
	}
}

func helper(t *testing.T, dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperDir+"="+dir, helperBtcd+"="+chaintest.Btcd(t))
	return cmd
}

func TestStartCalledOff(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	mine(t, s, 20)
	height, hash := tip(t, s)
	s.Close()
	stop(t, dir)
	for _, step := range []Step{StepNode, StepReplay} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := Start(ctx, Options{Dir: dir, Btcd: chaintest.Btcd(t), Progress: func(p Progress) {
			if p.Step == step && p.Done == p.Total/2 {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", step, err)
		}
		st, err := readState(dir)
		no(t, err)
		if st.Process.running() {
			t.Errorf("%s: the node still runs", step)
		}
	}
	s = start(t, dir)
	defer s.Close()
	if h, got := tip(t, s); h != height || got != hash {
		t.Errorf("tip %d %s, was %d %s", h, got, height, hash)
	}
}

func TestTakenPorts(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	host := s.Config().Host
	height, hash := tip(t, s)
	s.Close()
	stop(t, dir)
	l, err := net.Listen("tcp", host)
	no(t, err)
	defer l.Close()
	s = start(t, dir)
	if s.Config().Host == host {
		t.Error("the port is somebody else's")
	}
	s.Close()
	stop(t, dir)
	for _, ports := range [][2]int{{0, 0}, {-1, 5}, {70000, 70001}, {1, 1}} {
		edit(t, dir, func(st *nodeState) { st.RPCPort, st.P2PPort = ports[0], ports[1] })
		s = start(t, dir)
		if h, got := tip(t, s); h != height || got != hash {
			t.Errorf("ports %v: tip %d %s, was %d %s", ports, h, got, height, hash)
		}
		s.Close()
		stop(t, dir)
	}
}

// TestNodeThatDoesNotAnswer stops the node's process in its tracks.
func TestNodeThatDoesNotAnswer(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a node that does not answer")
	}
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir)
	height, hash := tip(t, s)
	s.Close()
	old := *s.state().Process
	no(t, old.signal(syscall.SIGSTOP))
	st := inspect(t, dir)
	if st.State != Running || st.Answers || st.Height != height || !strings.Contains(st.Why, "does not answer") {
		t.Errorf("%+v", st)
	}
	s = start(t, dir)
	defer s.Close()
	if old.running() {
		t.Error("the old node is still there")
	}
	if h, got := tip(t, s); h != height || got != hash {
		t.Errorf("tip %d %s, was %d %s", h, got, height, hash)
	}
}

func TestBrokenFiles(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	s.Close()
	stop(t, dir)
	for name, contents := range map[string][]string{
		stateFile: {"", "{", "null", "[]", `{"schema":"blockstack/sandbox-node/v2"}`, "\x00\x01",
			`{"schema":"blockstack/sandbox-node/v1","phase":"sleeping"}`,
			`{"schema":"blockstack/sandbox-node/v1","phase":"stopped","rpc_user":"a","rpc_password":"b","faucet_key":"00"}`},
		blockFile: {"not a chain file", blockMagic + strings.Repeat("\xff", 20)},
	} {
		path := filepath.Join(dir, name)
		good, err := os.ReadFile(path)
		no(t, err)
		for _, content := range contents {
			no(t, os.WriteFile(path, []byte(content), 0o600))
			_, err := Start(t.Context(), Options{Dir: dir, Btcd: chaintest.Btcd(t)})
			var state *BadState
			var blocks *BadChain
			if !errors.As(err, &state) && !errors.As(err, &blocks) || !strings.Contains(err.Error(), path) {
				t.Errorf("%s %q: %v", name, content, err)
			}
			if now, err := os.ReadFile(path); err != nil || string(now) != content {
				t.Errorf("%s was changed", name)
			}
		}
		no(t, os.WriteFile(path, good, 0o600))
	}
	// What was in no block is set aside; blocks that are gone from the end are counted.
	log := filepath.Join(dir, blockFile)
	whole, err := os.ReadFile(log)
	no(t, err)
	no(t, os.WriteFile(log, whole[:len(whole)-100], 0o600))
	mempool := filepath.Join(dir, mempoolFile)
	for i, content := range []string{"", "{}", `{"schema":"blockstack/sandbox-mempool/v1","txs":["zz"]}`} {
		no(t, os.WriteFile(mempool, []byte(content), 0o600))
		s = start(t, dir)
		r := s.Report()
		if aside, err := os.ReadFile(mempool + ".damaged"); err != nil || string(aside) != content || r.SetAside != mempool+".damaged" {
			t.Errorf("%q: set aside: %q, %v, %+v", content, aside, err, r)
		}
		if want := map[bool]int{true: 1}[i == 0]; r.Missing != want || r.Replayed != firstBlocks-1 {
			t.Errorf("%d blocks missing, not %d: %+v", r.Missing, want, r)
		}
		s.Close()
		stop(t, dir)
	}
	s = start(t, dir)
	if r := s.Report(); r.SetAside != "" || r.Missing != 0 {
		t.Errorf("%+v", r)
	}
	s.Close()
}
