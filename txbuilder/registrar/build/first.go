package build

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
)

// giveBack makes the transaction that returns the inputs of the job's first one. It spends all
// inputs of the current version, at a rate and a fee above every version.
func (m *Txs) giveBack(ctx context.Context) error {
	f, err := m.Funding(ctx, m.Job.Flow().First(), true)
	if err != nil {
		return err
	}
	if m.Job.Request.Kind.OfOwner() {
		if err := m.OptionalChange(ctx, &f); err != nil {
			return err
		}
	}
	p, err := m.b.Return(ctx, txbuilder.ReturnRequest{Funding: f, Apart: m.Job.Request.Kind.OfOwner()})
	if limit := m.Job.Request.MaxTotal; err == nil && limit > 0 && p.Fee > limit {
		if f.Rate, f.MinFee, err = m.leastToReplace(ctx); err != nil {
			return err
		}
		if p, err = m.b.Return(ctx, txbuilder.ReturnRequest{Funding: f, Apart: m.Job.Request.Kind.OfOwner()}); err == nil && p.Fee > limit {
			err = &job.OverBudget{Need: p.Fee, Max: limit}
		}
	}
	if err != nil {
		return err
	}
	_, _, err = m.add(ctx, job.RoleReturn, p, f.Rate, chainhash.Hash{}, -1, 0)
	return err
}

// FeeOf is the fee of a transaction that follows a preorder: that of the version to be sent, or of
// one at the planned rate that a coin of the sender pays, which is enough for any.
func (m *Txs) FeeOf(ctx context.Context, role job.Role) (btcutil.Amount, error) {
	if st := m.Job.Stage(role); st != nil && len(st.Versions) > 0 {
		return st.Versions[min(st.Current, len(st.Versions)-1)].Fee, nil
	}
	coins := wire.NewMsgTx(2)
	coins.AddTxIn(wire.NewTxIn(&wire.OutPoint{Index: 1}, nil, nil))
	coins.AddTxOut(wire.NewTxOut(btcutil.MaxSatoshi/2, m.Job.Sender))
	in := []txbuilder.Input{txbuilder.InputOf(coins, 0)}
	if role == job.RoleUpdate { // the owner's coin first; it comes back
		coins.AddTxOut(wire.NewTxOut(int64(txbuilder.DustLimit(m.Job.Request.Owner)), m.Job.Request.Owner))
		in = []txbuilder.Input{txbuilder.InputOf(coins, 1), txbuilder.InputOf(coins, 0)}
	}
	for i := range in {
		var err error
		if in[i].Redeem, err = m.redeem(ctx, coins.TxOut[in[i].Index].PkScript); err != nil {
			return 0, err
		}
	}
	if err := m.follow(ctx, role, txbuilder.Funding{Rate: m.Job.Request.Rate, Inputs: in, Closed: true}, coins.TxHash()); err != nil {
		return 0, err
	}
	return m.Job.Stage(role).Versions[0].Fee, nil
}

// first makes the preorder, or a newer version of it that spends the same inputs, and everything
// that follows from it.
func (m *Txs) first(ctx context.Context, replace bool) error {
	role := m.Job.Flow().Preorder
	f, err := m.Funding(ctx, role, replace)
	if err != nil {
		return err
	}
	parent := chainhash.Hash{}
	switch {
	case m.moved != nil && !replace:
		f.Inputs, f.Closed, parent = []txbuilder.Input{*m.moved}, true, m.moved.Hash
		if err := m.mayPay(ctx, m.moved); err != nil {
			return err
		}
	case replace:
		parent = m.parentOf(role)
	}
	if !replace && len(f.Inputs) == 0 {
		reserved, err := m.Search.Reserved(ctx)
		if err != nil {
			return err
		}
		if f.First, err = m.Checks.Payers(ctx, m.Job, m.Terms, reserved); err != nil {
			return err
		}
	}
	req := &m.Job.Request
	var p *txbuilder.Plan
	if req.Kind == job.KindLaunch {
		p, err = m.b.NamespacePreorder(ctx, txbuilder.NamespacePreorderRequest{
			Funding: f, ID: req.NamespaceID(), Revealer: req.Owner, Consensus: m.Terms.Consensus, Price: m.Terms.Price, Burn: m.Terms.Payee,
			Then: &txbuilder.RevealRequest{Funding: txbuilder.Funding{Rate: req.HighRate}, Op: *req.Namespace, Revealer: req.Owner, ReadyRate: req.HighRate},
		})
	} else {
		m.Job.NeedsUpdate = len(req.ZoneFile) > 0 && !m.Terms.Carries
		then := m.registerRequest(txbuilder.Funding{Rate: req.HighRate})
		p, err = m.b.Preorder(ctx, txbuilder.PreorderRequest{
			Funding: f, Name: req.Name, Owner: req.Owner, Consensus: m.Terms.Consensus, Price: m.Terms.Price, Payee: m.Terms.Payee, Then: &then,
		})
	}
	if err != nil {
		return err
	}
	if worst := p.Total() + p.Keep + m.moveFee; req.MaxTotal > 0 && worst > req.MaxTotal {
		return &job.OverBudget{Need: worst, Max: req.MaxTotal}
	}
	v, tx, err := m.add(ctx, role, p, f.Rate, parent, p.Change, m.Terms.Window)
	if err != nil {
		return err
	}
	m.Job.Sender = p.Sender
	m.Job.Price = &job.Price{Unit: m.Terms.Price.Unit, Amount: m.Terms.Price.Amount, Payee: m.Terms.Payee}
	if tx == nil { // a draft whose txid is not known yet
		return nil
	}
	from := len(m.Planned)
	if err := m.second(ctx, v, tx); err != nil || replace {
		return err
	}
	// What follows may be dearer than what is kept for it: it may have change.
	if worst := p.Total() + m.moveFee + worstOf(m.Planned[from:]); req.MaxTotal > 0 && worst > req.MaxTotal {
		return &job.OverBudget{Need: worst, Max: req.MaxTotal}
	}
	return nil
}

// worstOf is what some plans cost together when of each transaction the dearest version is sent.
func worstOf(made []Planned) (sum btcutil.Amount) {
	worst := make(map[job.Role]btcutil.Amount)
	for _, p := range made {
		worst[p.Role] = max(worst[p.Role], p.Plan.Fee+p.Plan.Burn+lineSum(p.Plan, txbuilder.RoleOwner))
	}
	for _, w := range worst {
		sum += w
	}
	return sum
}

// second makes registration or reveal from the change of a preorder.
func (m *Txs) second(ctx context.Context, parent *job.Version, tx *wire.MsgTx) error {
	for _, rate := range m.rates() {
		f := txbuilder.Funding{Rate: rate, Inputs: []txbuilder.Input{txbuilder.InputOf(tx, parent.Next)}, Closed: true}
		if err := m.follow(ctx, m.Job.Flow().Register, f, parent.Txid); err != nil {
			return err
		}
	}
	return nil
}

// follow makes one version of a transaction that follows another, and what follows from it in turn.
func (m *Txs) follow(ctx context.Context, role job.Role, f txbuilder.Funding, parent chainhash.Hash) error {
	if err := m.OptionalChange(ctx, &f); err != nil {
		return err
	}
	req := &m.Job.Request
	switch role {
	case job.RoleRegister:
		p, err := m.b.Register(ctx, m.registerRequest(f))
		if err != nil {
			return err
		}
		_, _, err = m.add(ctx, role, p, f.Rate, parent, 1, 0)
		return err
	case job.RoleReveal:
		p, err := m.b.Reveal(ctx, txbuilder.RevealRequest{Funding: f, Op: *req.Namespace, Revealer: req.Owner, ReadyRate: req.HighRate})
		if err != nil {
			return err
		}
		v, tx, err := m.add(ctx, role, p, f.Rate, parent, 1, 0)
		if err != nil || tx == nil {
			return err
		}
		for _, rate := range m.rates() {
			g := txbuilder.Funding{Rate: rate, Inputs: []txbuilder.Input{txbuilder.InputOf(tx, 1)}, Closed: true}
			if err := m.follow(ctx, job.RoleReady, g, v.Txid); err != nil {
				return err
			}
		}
		return nil
	case job.RoleReady:
		p, err := m.b.Ready(ctx, txbuilder.ReadyRequest{Funding: f, ID: req.NamespaceID()})
		if err != nil {
			return err
		}
		_, _, err = m.add(ctx, role, p, f.Rate, parent, -1, 0)
		return err
	case job.RoleUpdate:
		in := f.Inputs[0]
		f.Inputs = f.Inputs[1:]
		p, err := m.b.Update(ctx, txbuilder.UpdateRequest{Funding: f, Name: req.Name, Coin: in, Consensus: m.Terms.Consensus, ZoneFile: names.HashZoneFile(req.ZoneFile)})
		if err != nil {
			return err
		}
		_, _, err = m.add(ctx, role, p, f.Rate, parent, -1, m.Terms.Window)
		return err
	}
	panic(fmt.Sprintf("bug: %s follows nothing", role))
}

// registerRequest is the registration of the job.
func (m *Txs) registerRequest(f txbuilder.Funding) txbuilder.RegisterRequest {
	req := &m.Job.Request
	reg := txbuilder.RegisterRequest{Funding: f, Name: req.Name, Owner: req.Owner}
	if len(req.ZoneFile) > 0 && !m.Job.NeedsUpdate {
		reg.ZoneFile, reg.HasZoneFile = names.HashZoneFile(req.ZoneFile), true
	}
	return reg
}
