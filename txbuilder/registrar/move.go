package registrar

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
)

// Where a wallet has only coins that the name system does not read (native segwit,
// taproot), or too few others, a job first moves some to a script of the wallet's own
// that it does read. What follows spends that one coin and is signed at once with the
// move, for each version of it, but sent only when the move is in a block.

// begin makes a job's first transaction and what follows from it, after a move of
// coins where there is no other way.
func (m *maker) begin(ctx context.Context) (err error) {
	stages, drafted, made := len(m.j.Stages), len(m.j.Drafted), len(m.planned)
	if !m.moving {
		err = m.start(ctx)
		var short *txbuilder.InsufficientFunds
		if !errors.As(err, &short) || short.Unusable == 0 {
			return err
		}
	}
	to, cerr := m.r.cfg.Wallet.ChangeScript(ctx)
	if k := txbuilder.KindOf(to); cerr != nil || k != txbuilder.KindP2PKH && k != txbuilder.KindP2SH {
		if err == nil && cerr == nil {
			err = fmt.Errorf("%w: the wallet has no address that the name system reads", job.ErrBadRequest)
		}
		return errors.Join(err, cerr)
	}
	m.j.Stages, m.j.Drafted, m.planned = m.j.Stages[:stages], m.j.Drafted[:drafted], m.planned[:made]
	need, merr := m.moveNeed(ctx, to)
	if merr != nil {
		return merr
	}
	return m.move(ctx, to, need, txbuilder.Funding{Rate: m.j.Request.Rate, Inputs: m.reuse})
}

// start makes the job's first transaction.
func (m *maker) start(ctx context.Context) error {
	switch {
	case m.j.Request.Kind.OfOwner():
		return m.owned(ctx, false)
	case m.j.Request.Kind == job.KindImport:
		return m.fund(ctx, false)
	}
	return m.first(ctx, false)
}

// probes bounds the search for what a moved coin must hold.
const probes = 12

// moveNeed finds what the moved coin must hold so that it alone pays for everything at
// the higher rate, by trying with a coin that does not exist.
func (m *maker) moveNeed(ctx context.Context, to []byte) (btcutil.Amount, error) {
	need := txbuilder.DustLimit(to)
	for range probes {
		j, err := job.Clone(m.j)
		if err != nil {
			return 0, err
		}
		j.Request.Rate, j.Request.MaxTotal = j.Request.HighRate, 0
		fake := wire.NewMsgTx(2)
		fake.AddTxIn(wire.NewTxIn(&wire.OutPoint{}, nil, nil))
		fake.AddTxOut(wire.NewTxOut(int64(need), to))
		coin := txbuilder.InputOf(fake, 0)
		probe := &maker{r: m.r, j: j, b: m.b, t: m.t, finish: unsigned, change: m.change, moved: &coin, relay: m.relay}
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

// move makes the moving transaction at each rate, from the same coins, and after each
// what spends it.
func (m *maker) move(ctx context.Context, to []byte, need btcutil.Amount, f txbuilder.Funding) error {
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
		f.MinFee = p.Fee + m.relay.Increment.Fee(v.VSize+replacementSlack)
		coin := txbuilder.InputOf(tx, 0)
		m.moved, m.reuse = &coin, nil
		if err := m.start(ctx); err != nil {
			return err
		}
	}
	return nil
}

// moveAgain makes a version of the move with a higher fee.
func (m *maker) moveAgain(ctx context.Context) error {
	st := m.j.Stage(job.RoleMove)
	f, err := m.funding(ctx, job.RoleMove, true)
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
func (m *maker) useMoved(ctx context.Context) error {
	v, tx, err := m.minedVersion(ctx, job.RoleMove)
	if err != nil {
		return err
	}
	coin := txbuilder.InputOf(tx, v.Next)
	m.moved, m.moveFee = &coin, v.Fee
	return nil
}

// parentOf is what the current version of a transaction spends.
func (m *maker) parentOf(role job.Role) chainhash.Hash {
	if st := m.j.Stage(role); st != nil && len(st.Versions) > 0 {
		return st.Versions[st.Current].Parent
	}
	return chainhash.Hash{}
}

// mayPay makes the checks for a moved coin that payers makes for others: its script
// can send the preorder.
func (m *maker) mayPay(ctx context.Context, in *txbuilder.Input) error {
	sender := in.Tx.TxOut[in.Index].PkScript
	free, err := m.r.unusedHash(ctx, m.j, m.t, sender)
	if err != nil {
		return err
	}
	if !free {
		return &PreorderOutstanding{What: m.j.Request.Subject()}
	}
	if m.t.price.Unit != names.MicroStacks {
		return nil
	}
	jobs, err := m.r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return err
	}
	short := &TokensShort{Have: new(big.Int)}
	enough, err := m.r.hasTokens(ctx, m.j, jobs, sender, m.t.price.Amount, short)
	if err == nil && !enough {
		short.Address, err = m.r.cfg.Params.ScriptAddress(sender)
		return errors.Join(err, short)
	}
	return err
}
