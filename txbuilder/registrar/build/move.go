package build

import (
	"context"
	"errors"
	"fmt"
	"math/big"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/terms"
)

// Where a wallet has only coins that the name system does not read (native segwit, taproot), or too
// few others, a job first moves some to a script of the wallet's own that it does read. What
// follows spends that one coin and is signed at once with the move, for each version of it, but
// sent only when the move is in a block.

// Begin makes a job's first transaction and what follows from it, after a move of coins where there
// is no other way.
func (m *Txs) Begin(ctx context.Context) (err error) {
	stages, drafted, made := len(m.Job.Stages), len(m.Job.Drafted), len(m.Planned)
	if !m.Moving {
		err = m.start(ctx)
		var short *txbuilder.InsufficientFunds
		if !errors.As(err, &short) || short.Unusable == 0 {
			return err
		}
	}
	to, cerr := m.Wallet.ChangeScript(ctx)
	if k := txbuilder.KindOf(to); cerr != nil || k != txbuilder.KindP2PKH && k != txbuilder.KindP2SH {
		if err == nil && cerr == nil {
			err = fmt.Errorf("%w: the wallet has no address that the name system reads", job.ErrBadRequest)
		}
		return errors.Join(err, cerr)
	}
	m.Job.Stages, m.Job.Drafted, m.Planned = m.Job.Stages[:stages], m.Job.Drafted[:drafted], m.Planned[:made]
	need, merr := m.moveNeed(ctx, to)
	if merr != nil {
		return merr
	}
	return m.move(ctx, to, need, txbuilder.Funding{Rate: m.Job.Request.Rate, Inputs: m.Reuse})
}

// probes bounds the search for what a moved coin must hold.
const probes = 12

// moveNeed finds what the moved coin must hold so that it alone pays for everything at the higher
// rate, by trying with a coin that does not exist.
func (m *Txs) moveNeed(ctx context.Context, to []byte) (btcutil.Amount, error) {
	need := txbuilder.DustLimit(to)
	for range probes {
		j, err := job.Clone(m.Job)
		if err != nil {
			return 0, err
		}
		j.Request.Rate, j.Request.MaxTotal = j.Request.HighRate, 0
		fake := wire.NewMsgTx(2)
		fake.AddTxIn(wire.NewTxIn(&wire.OutPoint{}, nil, nil))
		fake.AddTxOut(wire.NewTxOut(int64(need), to))
		coin := txbuilder.InputOf(fake, 0)
		probe := &Txs{Config: m.Config, Fees: Fees{Config: m.Config, Job: j, Relay: m.Relay}, Job: j, b: m.b, Terms: m.Terms, finish: Unsigned, change: m.change, moved: &coin}
		err = probe.start(ctx)
		var short *txbuilder.InsufficientFunds
		switch {
		case err == nil:
			return need, nil
		case !errors.As(err, &short) || short.Need <= short.Have:
			return 0, err
		}
		need += short.Need - short.Have
	}
	return 0, fmt.Errorf("%w: no end to what the moved coin would need", job.ErrBadRequest)
}

// move makes the moving transaction at each rate, from the same coins, and after each what spends
// it.
func (m *Txs) move(ctx context.Context, to []byte, need btcutil.Amount, f txbuilder.Funding) error {
	rates := m.rates()
	if f.MinFee > 0 { // a newer version
		rates = []txbuilder.FeeRate{f.Rate}
	}
	for _, rate := range rates {
		f.Rate = rate
		p, err := m.b.Move(ctx, txbuilder.MoveRequest{Funding: f, To: to, Keep: need})
		if err != nil {
			return err
		}
		m.moveFee = max(m.moveFee, p.Fee)
		v, tx, err := m.add(ctx, job.RoleMove, p, rate, chainhash.Hash{}, 0, 0)
		if err != nil || tx == nil { // a draft whose txid is not known yet
			return err
		}
		if f.Inputs, err = txbuilder.PacketInputs(p.Packet); err != nil {
			return err
		}
		f.MinFee = p.Fee + m.Relay.Increment.Fee(v.VSize+replacementSlack)
		coin := txbuilder.InputOf(tx, 0)
		m.moved, m.Reuse = &coin, nil
		if err := m.start(ctx); err != nil {
			return err
		}
	}
	return nil
}

// moveAgain makes a version of the move with a higher fee.
func (m *Txs) moveAgain(ctx context.Context) error {
	st := m.Job.Stage(job.RoleMove)
	f, err := m.Funding(ctx, job.RoleMove, true)
	if err != nil {
		return err
	}
	if err := m.withinBudget(st, f); err != nil {
		return err
	}
	old, err := st.Versions[st.Current].Tx()
	if err != nil {
		return err
	}
	to := old.TxOut[0].PkScript
	need, err := m.moveNeed(ctx, to)
	if err != nil {
		return err
	}
	return m.move(ctx, to, need, f)
}

// useMoved takes the coin of the move that is in a block.
func (m *Txs) useMoved(ctx context.Context) error {
	v, tx, err := m.Facts.MinedVersion(ctx, m.Job, job.RoleMove, m.Terms.Tip)
	if err != nil {
		return err
	}
	coin := txbuilder.InputOf(tx, v.Next)
	m.moved, m.moveFee = &coin, v.Fee
	return nil
}

// mayPay makes the checks for a moved coin that payers makes for others: its script can send the
// preorder.
func (m *Txs) mayPay(ctx context.Context, in *txbuilder.Input) error {
	sender := in.Tx.TxOut[in.Index].PkScript
	free, err := m.Checks.UnusedHash(ctx, m.Job, m.Terms, sender)
	if err != nil {
		return err
	}
	if !free {
		return &terms.PreorderOutstanding{What: m.Job.Request.Subject()}
	}
	if m.Terms.Price.Unit != names.MicroStacks {
		return nil
	}
	jobs, err := m.Journal.Jobs(ctx)
	if err != nil {
		return err
	}
	short := &terms.TokensShort{Have: new(big.Int)}
	enough, err := m.Checks.HasTokens(ctx, m.Job, jobs, sender, m.Terms.Price.Amount, short)
	if err == nil && !enough {
		short.Address, err = m.Params.ScriptAddress(sender)
		return errors.Join(err, short)
	}
	return err
}

// start makes the job's first transaction.
func (m *Txs) start(ctx context.Context) error {
	switch {
	case m.Job.Request.Kind.OfOwner():
		return m.owned(ctx, false)
	case m.Job.Request.Kind == job.KindImport:
		return m.fund(ctx, false)
	}
	return m.first(ctx, false)
}
