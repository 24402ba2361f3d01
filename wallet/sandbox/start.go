package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"blockstack/wallet/chain/node"
)

const (
	firstBlocks = 125            // mined at the first start: 26 coins of 50 BTC are mature then
	staleTip    = 24 * time.Hour // an older tip makes light clients think that the node is behind
)

// Options says which sandbox to start and how.
type Options struct {
	Dir      string
	Btcd     string         // program to run; empty: beside our own, else on PATH
	Progress func(Progress) // may be nil
}

// Progress tells what a long start is doing.
type Progress struct {
	Step        Step
	Done, Total int // blocks or transactions; 0 of 0 where there is nothing to count
}

// Step is a part of a start.
type Step string

// The steps of a start, in order; most starts have only some of them.
const (
	StepWait   Step = "wait"   // for another command
	StepRepair Step = "repair" // of what a crash left
	StepNode   Step = "node"   // is starting
	StepReplay Step = "replay" // blocks
	StepResend Step = "resend" // unconfirmed transactions
	StepMine   Step = "mine"   // new blocks
)

// Report tells what a start found and did.
type Report struct {
	Found    RunState // before the start
	Why      string   // what was found, in words
	Replayed int      // blocks
	Resent   int      // unconfirmed transactions
	Lost     []Lost   // unconfirmed transactions that the node does not take any more
	Mined    int      // blocks
	Missing  int      // blocks that the stored chain had and has no more: its file was cut
	SetAside string   // where a damaged mempool.json was put; empty: it was whole
}

// Start makes the sandbox of a folder run: the first time with a new chain, later with the chain it
// had. What a crash or an interrupted start left behind is repaired. If it already runs and
// answers, the error is an *AlreadyRunning.
func Start(ctx context.Context, o Options) (*Sandbox, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	say := func(p Progress) {
		if o.Progress != nil {
			o.Progress(p)
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("sandbox folder: %w", err)
	}
	unlock, err := lockDir(ctx, dir, func() { say(Progress{Step: StepWait}) })
	if err != nil {
		return nil, fmt.Errorf("sandbox folder: %w", err)
	}
	defer unlock()
	s := &Sandbox{dir: dir}
	if err := s.start(ctx, o.Btcd, say); err != nil {
		return nil, err
	}
	return s, nil
}

// Report tells what the start that made this Sandbox did; zero after Open.
func (s *Sandbox) Report() Report { return s.report }

func (s *Sandbox) start(ctx context.Context, btcd string, say func(Progress)) error {
	st, err := readState(s.dir)
	if err != nil {
		return err
	}
	log, err := readBlocks(s.dir) // before anything is changed
	if err != nil {
		return err
	}
	if s.report.SetAside, err = setAsideMempool(s.dir); err != nil {
		return err
	}
	s.report.Found, s.report.Why = judgeLocked(s.dir, st)
	answers := true
	if s.report.Found == Running {
		if salvage(ctx, st, log) {
			return &AlreadyRunning{Dir: s.dir, PID: st.Process.PID, RPC: st.rpcHost(), P2P: st.p2pHost()}
		}
		answers = false
		s.report.Found, s.report.Why = Crashed, "its node ran but did not answer"
	}
	program, version, err := chooseProgram(ctx, s.dir, btcd)
	if err != nil {
		return err
	}
	if st == nil {
		if st, err = newState(); err != nil {
			return err
		}
	}
	if s.report.Found == HalfStarted || s.report.Found == Crashed {
		say(Progress{Step: StepRepair})
		endOrphan(ctx, st)
		if err := endNode(ctx, st, answers); err != nil {
			return err
		}
	}
	st.Program, st.Version = program, version
	return s.bringUp(ctx, st, log, &s.report, say)
}

// salvage reports whether a node that runs also answers, and stores blocks of it that are missing
// from the stored chain.
func salvage(ctx context.Context, st *nodeState, log *blockLog) bool {
	if st.RPCPort == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, answering)
	defer cancel()
	btcd, err := node.Dial(ctx, st.config())
	if err != nil {
		return false
	}
	defer btcd.Close()
	_ = log.sync(ctx, btcd) // tried again at the next chance
	return true
}

// bringUp launches the node and gives it back its chain and its memory pool. When anything fails
// the node is ended again: it would not have the chain that it should have.
func (s *Sandbox) bringUp(ctx context.Context, st *nodeState, log *blockLog, done *Report, say func(Progress)) (err error) {
	say(Progress{Step: StepNode})
	btcd, err := launch(ctx, s.dir, st)
	if err != nil {
		return err
	}
	defer func() {
		if err == nil {
			return
		}
		btcd.Close()
		calm, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWait)
		defer cancel()
		err = errors.Join(err, endNode(calm, st, true))
	}()
	if err := log.replay(ctx, btcd, func(n, total int) { say(Progress{StepReplay, n, total}) }); err != nil {
		return err
	}
	done.Replayed = int(log.tipHeight())
	done.Missing = int(max(0, st.Height-log.tipHeight()))
	if log.size > 2*log.live+1<<20 {
		if err := log.rewrite(log.tipHeight()); err != nil {
			return err
		}
	}
	txs, err := readMempool(s.dir)
	if err != nil {
		return err
	}
	if len(txs) > 0 {
		say(Progress{StepResend, 0, len(txs)})
		if done.Lost, err = rebroadcast(ctx, btcd, txs); err != nil {
			return err
		}
		done.Resent = len(txs) - len(done.Lost)
	}
	mine := 0
	switch {
	case log.tipHeight() == 0:
		mine = firstBlocks
	case time.Since(log.tipTime()) > staleTip:
		mine = 1
	}
	if mine > 0 {
		say(Progress{StepMine, 0, mine})
		if _, err := btcd.Generate(ctx, mine); err != nil {
			return err
		}
		if err := log.sync(ctx, btcd); err != nil {
			return err
		}
		done.Mined = mine
	}
	st.Phase, st.Height = phaseRunning, log.tipHeight()
	if err := st.write(s.dir); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.node != nil {
		s.node.Close()
	}
	s.st, s.node = st, btcd
	return nil
}
