package sandbox

import (
	"context"
	"fmt"
	"path/filepath"

	"blockstack/wallet/chain/node"
)

// Stop saves the chain and the unconfirmed transactions and ends the node. If it does not run, the
// error is a *NotRunning that explains what was found, and nothing is changed. What is left of an
// interrupted start is ended too.
func Stop(ctx context.Context, dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if st, err := readState(dir); err != nil {
		return err
	} else if st == nil {
		state, why := judge(dir, st)
		return &NotRunning{Dir: dir, State: state, Why: why}
	}
	unlock, err := lockDir(ctx, dir, nil)
	if err != nil {
		return err
	}
	defer unlock()
	st, err := readState(dir)
	if err != nil {
		return err
	}
	switch state, why := judgeLocked(dir, st); state {
	case Running:
		return stopRunning(ctx, dir, st)
	case HalfStarted:
		// Its chain is incomplete: there is nothing in it to save.
		endOrphan(ctx, st)
		if err := endNode(ctx, st, true); err != nil {
			return err
		}
		return st.stopped(dir)
	default:
		return &NotRunning{Dir: dir, State: state, Why: why}
	}
}

func stopRunning(ctx context.Context, dir string, st *nodeState) error {
	answers := false
	if st.RPCPort != 0 {
		var err error
		if answers, err = save(ctx, dir, st); err != nil {
			return err
		}
	}
	if err := endNode(ctx, st, answers); err != nil {
		return err
	}
	if log, err := readBlocks(dir); err == nil {
		st.Height = max(st.Height, log.tipHeight())
	}
	return st.stopped(dir)
}

// save stores what the node has, if it answers; one that does not has nothing to say.
func save(ctx context.Context, dir string, st *nodeState) (answers bool, err error) {
	askCtx, cancel := context.WithTimeout(ctx, answering)
	defer cancel()
	btcd, err := node.Dial(askCtx, st.config())
	if err != nil {
		return false, ctx.Err()
	}
	defer btcd.Close()
	return true, saveFrom(ctx, dir, btcd)
}

func saveFrom(ctx context.Context, dir string, btcd *node.Node) error {
	log, err := readBlocks(dir)
	if err != nil {
		return err
	}
	if err := log.sync(ctx, btcd); err != nil {
		return fmt.Errorf("save sandbox chain: %w", err)
	}
	txs, err := mempoolTxs(ctx, btcd)
	if err != nil {
		return fmt.Errorf("save sandbox memory pool: %w", err)
	}
	return writeMempool(dir, txs)
}

func (s *nodeState) stopped(dir string) error {
	s.Phase, s.Process = phaseStopped, nil
	return s.write(dir)
}
