package sandbox

import (
	"bytes"
	"context"
	"path/filepath"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain/node"
)

// Status is what there is to say about a sandbox.
type Status struct {
	Dir     string
	State   RunState
	Why     string // the state in words
	Answers bool   // the node answers its RPC

	PID     int // 0: no process
	Version string
	RPC     string // host:port; empty when not running
	P2P     string

	Height  int32 // -1: unknown
	Tip     chainhash.Hash
	TipTime time.Time // zero: no block but genesis

	Mempool int // transactions; -1: unknown

	FaucetAddress string         // empty: none yet
	FaucetBalance btcutil.Amount // confirmed, mature and not spent by what waits
	Registry      string         // path; empty: none kept
}

// Inspect reports about the sandbox of a folder, running or not. It changes nothing. Of a sandbox
// that does not answer, chain and balance are what was stored last.
func Inspect(ctx context.Context, dir string) (Status, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Status{}, err
	}
	st, err := readState(dir)
	if err != nil {
		return Status{}, err
	}
	out := Status{Dir: dir, Height: -1, Mempool: -1}
	out.State, out.Why = judge(dir, st)
	if path, found := RegistryPath(dir); found {
		out.Registry = path
	}
	if st == nil {
		return out, nil
	}
	log, err := readBlocks(dir)
	if err != nil {
		return Status{}, err
	}
	out.Version = st.Version
	faucet, err := newFaucet(st)
	if err != nil {
		return Status{}, err
	}
	out.FaucetAddress = faucet.address.EncodeAddress()
	var waiting []*wire.MsgTx
	if out.State == Running && st.RPCPort != 0 {
		out.PID, out.RPC, out.P2P = st.Process.PID, st.rpcHost(), st.p2pHost()
		if waiting, err = out.ask(ctx, st, log); err != nil {
			if ctx.Err() != nil {
				return Status{}, err
			}
			out.Why = "its node runs but does not answer: " + err.Error()
		}
	}
	out.Height, out.Tip, out.TipTime = log.tipHeight(), log.tipHash(), log.tipTime()
	coins, err := faucet.coins(log, waiting)
	if err != nil {
		return Status{}, err
	}
	for _, c := range coins {
		if spendable(c, log.tipHeight(), 1) {
			out.FaucetBalance += c.Amount
		}
	}
	return out, nil
}

// ask fills in what only the node knows, and brings log up to it in memory. It returns the
// unconfirmed transactions.
func (o *Status) ask(ctx context.Context, st *nodeState, log *blockLog) ([]*wire.MsgTx, error) {
	ctx, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	btcd, err := node.Dial(ctx, st.config())
	if err != nil {
		return nil, err
	}
	defer btcd.Close()
	missing, height, err := log.missing(ctx, btcd)
	if err != nil {
		return nil, err
	}
	log.cut(height)
	for _, raw := range missing {
		if err := log.add(raw); err != nil {
			return nil, err
		}
	}
	txs, err := mempoolTxs(ctx, btcd)
	if err != nil {
		return nil, err
	}
	o.Answers, o.Mempool = true, len(txs)
	return txs, nil
}

// Status reports about this sandbox.
func (s *Sandbox) Status(ctx context.Context) (Status, error) {
	return Inspect(ctx, s.dir)
}

func encodeBlock(block *wire.MsgBlock) ([]byte, error) {
	var b bytes.Buffer
	if err := block.Serialize(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
