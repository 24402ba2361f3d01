package build

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/doubt"
	"blockstack/txbuilder/registrar/facts"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/step"
	"blockstack/txbuilder/registrar/terms"
)

// Config is what transactions of jobs are built with.
type Config struct {
	ports.World
	Net *chaincfg.Params
	// Owner says which scripts own names; their coins never pay. Nil: none.
	Owner  func(script []byte) bool
	Facts  *facts.Source
	Search *own.Search
	Checks *terms.Checks
	Doubts *doubt.Doubts
	Book   *record.Book
}

// over is the same with another journal.
func (r *Config) over(j ports.Journal) *Config {
	still, facts, checks, doubts := *r, *r.Facts, *r.Checks, *r.Doubts
	still.Journal, facts.Journal, checks.Journal = j, j, j
	still.Search = r.Search.Over(j)
	checks.Search, doubts.Search = still.Search, still.Search
	still.Facts, still.Checks, still.Doubts = &facts, &checks, &doubts
	return &still
}

// RootOf is the transaction that a series begins at, and its output.
func (r *Config) RootOf(ctx context.Context, j *job.Job, txid chainhash.Hash) (*wire.MsgTx, int, error) {
	split, err := r.Journal.Job(ctx, j.Request.Series.Split)
	if err != nil {
		return nil, 0, err
	}
	for _, v := range split.Stage(job.RoleSplit).Versions {
		if v.Txid != txid {
			continue
		}
		tx, err := v.Tx()
		if err != nil {
			return nil, 0, err
		}
		if n, ok := split.Output(tx, j.Request.Series.Output); ok {
			return tx, n, nil
		}
	}
	return nil, 0, fmt.Errorf("%w: the split %s has no coin for job %s", job.ErrBadJournal, split.ID, j.ID)
}

// Finish turns a plan into its transaction: by signing it, or, in an estimate, by taking it
// unsigned.
type Finish func(ctx context.Context, p *txbuilder.Plan) (*wire.MsgTx, error)

// SignPlan signs and checks.
func (r *Config) SignPlan(ctx context.Context, p *txbuilder.Plan) (*wire.MsgTx, error) {
	if err := r.Wallet.Sign(ctx, p.Packet); err != nil {
		return nil, fmt.Errorf("%s: sign: %w", p.Operation, err)
	}
	return p.Finish()
}

// Unsigned takes the transaction as planned.
func Unsigned(_ context.Context, p *txbuilder.Plan) (*wire.MsgTx, error) {
	return p.Packet.UnsignedTx, nil
}

// Txs prepares to build for a job at the current tip.
func (r *Config) Txs(ctx context.Context, j *job.Job, t *terms.Terms, finish Finish) (*Txs, error) {
	reserved, err := r.Search.Reserved(ctx)
	if err != nil {
		return nil, err
	}
	b, err := txbuilder.New(txbuilder.Config{
		Params: r.Params, Net: r.Net, Coins: r.Wallet, Height: t.Tip, Owner: r.Owner,
		Reserved: func(op wire.OutPoint) bool { _, ok := reserved[op]; return ok },
	})
	if err != nil {
		return nil, err
	}
	m := &Txs{Config: r, Fees: Fees{Config: r, Job: j}, Job: j, b: b, Terms: t, finish: finish}
	return m, m.atFloor(ctx)
}

// TxsFor finds the terms for signing. What follows a preorder needs no checks of price and quota
// any more: the money is spent.
func (r *Config) TxsFor(ctx context.Context, j *job.Job, a step.Action) (*Txs, error) {
	if a.Role != job.RoleReturn {
		if err := r.Book.Agreed(ctx, j); err != nil {
			return nil, err
		}
	}
	first := a.Role == j.Flow().Preorder && !(a.Role == job.RoleFund && a.Replace)
	if a.Role == job.RoleMove || first || j.Request.Kind.OfOwner() && a.Role == j.Flow().Update && !a.Replace {
		t, err := r.Checks.Terms(ctx, j)
		if err == nil && len(j.Stages) == 0 { // recorded before the doubt began
			err = r.Doubts.Sure(ctx, &j.Request, t.Tip)
		}
		if err != nil {
			return nil, err
		}
		return r.Txs(ctx, j, t, r.SignPlan)
	}
	t, err := r.Checks.Quote(ctx)
	if err != nil {
		return nil, err
	}
	return r.Txs(ctx, j, t, r.SignPlan)
}

// InputsOf are the inputs of a transaction of a job, to be spent again; moved is the coin of a move
// that is not signed yet, nil: none.
func (r *Config) InputsOf(ctx context.Context, j *job.Job, moved *txbuilder.Input, tx *wire.MsgTx) (inputs []txbuilder.Input, err error) {
	for _, in := range tx.TxIn {
		prev, err := r.previous(ctx, j, moved, in.PreviousOutPoint)
		if err != nil {
			return nil, err
		}
		input := txbuilder.Input{OutPoint: in.PreviousOutPoint, Tx: prev}
		if n := in.PreviousOutPoint.Index; int64(n) < int64(len(prev.TxOut)) {
			if input.Redeem, err = r.redeem(ctx, prev.TxOut[n].PkScript); err != nil {
				return nil, err
			}
		}
		inputs = append(inputs, input)
	}
	return inputs, nil
}

// redeem is the redeem script of a script that several keys sign, nil for others.
func (r *Config) redeem(ctx context.Context, script []byte) ([]byte, error) {
	if w, ok := r.Wallet.(ports.Redeemer); ok && txbuilder.KindOf(script) == txbuilder.KindP2SH {
		return w.RedeemScript(ctx, script)
	}
	return nil, nil
}

// previous finds the transaction that made an input, among those of jobs first: a reorg may have
// taken it from the wallet, the journal has it still.
func (r *Config) previous(ctx context.Context, j *job.Job, moved *txbuilder.Input, op wire.OutPoint) (*wire.MsgTx, error) {
	if moved != nil && moved.Hash == op.Hash {
		return moved.Tx, nil
	}
	jobs, err := r.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	for _, j := range append(jobs, j) {
		for _, s := range j.Stages {
			for _, v := range s.Versions {
				if v.Txid == op.Hash {
					return v.Tx()
				}
			}
		}
	}
	tx, err := r.Wallet.PrevTx(ctx, op)
	if err != nil {
		return nil, fmt.Errorf("previous transaction of %s: %w", op, err)
	}
	return tx, nil
}
