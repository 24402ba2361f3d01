package registrar

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/mempool"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/step"
)

// finisher turns a plan into its transaction: by signing it, or, in an estimate,
// by taking it unsigned.
type finisher func(ctx context.Context, p *txbuilder.Plan) (*wire.MsgTx, error)

// signPlan signs and checks.
func (r *Registrar) signPlan(ctx context.Context, p *txbuilder.Plan) (*wire.MsgTx, error) {
	if err := r.cfg.Wallet.Sign(ctx, p.Packet); err != nil {
		return nil, fmt.Errorf("%s: sign: %w", p.Operation, err)
	}
	return p.Finish()
}

// unsigned takes the transaction as planned.
func unsigned(_ context.Context, p *txbuilder.Plan) (*wire.MsgTx, error) {
	return p.Packet.UnsignedTx, nil
}

// maker builds a job's transactions.
type maker struct {
	r      *Registrar
	j      *job.Job
	b      *txbuilder.Builder
	t      *terms
	finish finisher
	change []byte // where optional change goes; asked for once
	// drafting keeps plans as drafts instead of signing them; reuse are the inputs
	// of a draft that a newer one takes the place of.
	drafting bool
	// moved is the coin that pays alone, because all others are of a kind that the
	// name system does not read; moveFee what moving it costs.
	moved   *txbuilder.Input
	moveFee btcutil.Amount
	reuse   []txbuilder.Input
	// moving says that these are the inputs of a move.
	moving  bool
	planned []planned
	// relay is what the node's pool wants; forced says that its word alone has made
	// something dearer than the request said.
	relay  ports.RelayFees
	forced bool
}

// planned is what was made, for the estimate.
type planned struct {
	role job.Role
	plan *txbuilder.Plan
	rate txbuilder.FeeRate
}

// maker prepares to build for a job at the current tip.
func (r *Registrar) maker(ctx context.Context, j *job.Job, t *terms, finish finisher) (*maker, error) {
	reserved, err := r.reserved(ctx)
	if err != nil {
		return nil, err
	}
	b, err := txbuilder.New(txbuilder.Config{
		Params: r.cfg.Params, Net: r.cfg.Net, Coins: r.cfg.Wallet, Height: t.tip, Owner: r.cfg.Owner, MaxFee: r.cfg.MaxFee,
		Reserved: func(op wire.OutPoint) bool { _, ok := reserved[op]; return ok },
	})
	if err != nil {
		return nil, err
	}
	m := &maker{r: r, j: j, b: b, t: t, finish: finish}
	return m, m.atFloor(ctx)
}

// makerFor finds the terms for signing. What follows a preorder needs no checks
// of price and quota any more: the money is spent.
func (r *Registrar) makerFor(ctx context.Context, j *job.Job, a step.Action) (*maker, error) {
	if a.Role != job.RoleReturn {
		if err := r.agreed(ctx, j); err != nil {
			return nil, err
		}
	}
	first := a.Role == j.Flow().Preorder && !(a.Role == job.RoleFund && a.Replace)
	if a.Role == job.RoleMove || first || j.Request.Kind.OfOwner() && a.Role == j.Flow().Update && !a.Replace {
		t, err := r.terms(ctx, j)
		if err == nil && len(j.Stages) == 0 { // recorded before the doubt began
			err = r.sure(ctx, &j.Request, t.tip)
		}
		if err != nil {
			return nil, err
		}
		return r.maker(ctx, j, t, r.signPlan)
	}
	t, err := r.quote(ctx)
	if err != nil {
		return nil, err
	}
	return r.maker(ctx, j, t, r.signPlan)
}

// first makes the preorder, or a newer version of it that spends the same
// inputs, and everything that follows from it.
func (m *maker) first(ctx context.Context, replace bool) error {
	role := m.j.Flow().Preorder
	f, err := m.funding(ctx, role, replace)
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
		reserved, err := m.r.reserved(ctx)
		if err != nil {
			return err
		}
		if f.First, err = m.r.payers(ctx, m.j, m.t, reserved); err != nil {
			return err
		}
	}
	req := &m.j.Request
	var p *txbuilder.Plan
	if req.Kind == job.KindLaunch {
		p, err = m.b.NamespacePreorder(ctx, txbuilder.NamespacePreorderRequest{
			Funding: f, ID: req.NamespaceID(), Revealer: req.Owner, Consensus: m.t.consensus, Price: m.t.price, Burn: m.t.payee,
			Then: &txbuilder.RevealRequest{Funding: txbuilder.Funding{Rate: req.HighRate}, Op: *req.Namespace, Revealer: req.Owner, ReadyRate: req.HighRate},
		})
	} else {
		m.j.NeedsUpdate = len(req.ZoneFile) > 0 && !m.t.carries
		then := m.registerRequest(txbuilder.Funding{Rate: req.HighRate})
		p, err = m.b.Preorder(ctx, txbuilder.PreorderRequest{
			Funding: f, Name: req.Name, Owner: req.Owner, Consensus: m.t.consensus, Price: m.t.price, Payee: m.t.payee, Then: &then,
		})
	}
	if err != nil {
		return err
	}
	if worst := p.Total() + p.Keep + m.moveFee; req.MaxTotal > 0 && worst > req.MaxTotal {
		return &job.OverBudget{Need: worst, Max: req.MaxTotal}
	}
	v, tx, err := m.add(ctx, role, p, f.Rate, parent, p.Change, m.t.window)
	if err != nil {
		return err
	}
	m.j.Sender = p.Sender
	m.j.Price = &job.Price{Unit: m.t.price.Unit, Amount: m.t.price.Amount, Payee: m.t.payee}
	if tx == nil { // a draft whose txid is not known yet
		return nil
	}
	from := len(m.planned)
	if err := m.second(ctx, v, tx); err != nil || replace {
		return err
	}
	// What follows may be dearer than what is kept for it: it may have change.
	if worst := p.Total() + m.moveFee + worstOf(m.planned[from:]); req.MaxTotal > 0 && worst > req.MaxTotal {
		return &job.OverBudget{Need: worst, Max: req.MaxTotal}
	}
	return nil
}

// worstOf is what some plans cost together when of each transaction the dearest
// version is sent.
func worstOf(made []planned) (sum btcutil.Amount) {
	worst := make(map[job.Role]btcutil.Amount)
	for _, p := range made {
		worst[p.role] = max(worst[p.role], p.plan.Fee+p.plan.Burn+lineSum(p.plan, txbuilder.RoleOwner))
	}
	for _, w := range worst {
		sum += w
	}
	return sum
}

// rates are those that a transaction without a deadline of its own is signed at.
func (m *maker) rates() []txbuilder.FeeRate {
	if m.drafting { // a higher fee is drafted when it is needed
		return []txbuilder.FeeRate{m.j.Request.Rate}
	}
	return slices.Compact([]txbuilder.FeeRate{m.j.Request.Rate, m.j.Request.HighRate})
}

// second makes registration or reveal from the change of a preorder.
func (m *maker) second(ctx context.Context, parent *job.Version, tx *wire.MsgTx) error {
	for _, rate := range m.rates() {
		f := txbuilder.Funding{Rate: rate, Inputs: []txbuilder.Input{txbuilder.InputOf(tx, parent.Next)}, Closed: true}
		if err := m.follow(ctx, m.j.Flow().Register, f, parent.Txid); err != nil {
			return err
		}
	}
	return nil
}

// follow makes one version of a transaction that follows another, and what
// follows from it in turn.
func (m *maker) follow(ctx context.Context, role job.Role, f txbuilder.Funding, parent chainhash.Hash) error {
	if err := m.optionalChange(ctx, &f); err != nil {
		return err
	}
	req := &m.j.Request
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
		p, err := m.b.Update(ctx, txbuilder.UpdateRequest{Funding: f, Name: req.Name, Coin: in, Consensus: m.t.consensus, ZoneFile: names.HashZoneFile(req.ZoneFile)})
		if err != nil {
			return err
		}
		_, _, err = m.add(ctx, role, p, f.Rate, parent, -1, m.t.window)
		return err
	}
	panic(fmt.Sprintf("bug: %s follows nothing", role))
}

// registerRequest is the registration of the job.
func (m *maker) registerRequest(f txbuilder.Funding) txbuilder.RegisterRequest {
	req := &m.j.Request
	reg := txbuilder.RegisterRequest{Funding: f, Name: req.Name, Owner: req.Owner}
	if len(req.ZoneFile) > 0 && !m.j.NeedsUpdate {
		reg.ZoneFile, reg.HasZoneFile = names.HashZoneFile(req.ZoneFile), true
	}
	return reg
}

// optionalChange settles once where optional change goes.
func (m *maker) optionalChange(ctx context.Context, f *txbuilder.Funding) error {
	if m.change == nil {
		script, err := m.r.cfg.Wallet.ChangeScript(ctx)
		if err != nil {
			return fmt.Errorf("change address: %w", err)
		}
		if k := txbuilder.KindOf(script); k != txbuilder.KindP2PKH && k != txbuilder.KindP2SH {
			script = m.j.Sender
			if err := m.ours(ctx, script); err != nil {
				return err
			}
		}
		m.change = script
	}
	f.Change = m.change
	return nil
}

// add finishes a plan and appends it as a version of its stage.
func (m *maker) add(ctx context.Context, role job.Role, p *txbuilder.Plan, rate txbuilder.FeeRate, parent chainhash.Hash, next int, window int32) (*job.Version, *wire.MsgTx, error) {
	quoted := names.ConsensusHash{}
	if window > 0 {
		quoted = m.t.consensus
	}
	if err := m.affordable(p); err != nil {
		return nil, nil, err
	}
	given := p.Total() - p.Fee - p.Burn - lineSum(p, txbuilder.RoleOwnerChange)
	if role == job.RoleReturn || role == job.RoleFund { // what a fund pays is given out by the imports
		given = 0
	}
	v := &job.Version{Quoted: quoted, Fee: p.Fee, Burn: p.Burn, Given: given, Rate: rate, Window: window, Parent: parent, Next: next, Signed: m.t.tip}
	if m.drafting {
		tx, err := m.addDraft(ctx, role, p, v)
		return v, tx, err
	}
	tx, err := m.seal(ctx, p, v)
	if err != nil {
		return nil, nil, err
	}
	st := m.j.Stage(role)
	if st == nil {
		st = &job.Stage{Role: role, Since: m.t.tip}
		m.j.Stages = append(m.j.Stages, st)
	}
	m.planned = append(m.planned, planned{role, p, rate})
	// Where two rates leave no change worth having, they make one transaction.
	if i := slices.IndexFunc(st.Versions, func(o *job.Version) bool { return o.Txid == v.Txid }); i >= 0 {
		return st.Versions[i], tx, nil
	}
	st.Versions = append(st.Versions, v)
	return v, tx, nil
}

// seal finishes a plan and puts its transaction into a version.
func (m *maker) seal(ctx context.Context, p *txbuilder.Plan, v *job.Version) (*wire.MsgTx, error) {
	tx, err := m.finish(ctx, p)
	if err != nil {
		return nil, err
	}
	var raw bytes.Buffer
	if err := tx.Serialize(&raw); err != nil {
		return nil, fmt.Errorf("%s: %w", p.Operation, err)
	}
	v.Txid, v.Raw, v.VSize = tx.TxHash(), raw.Bytes(), mempool.GetTxVirtualSize(btcutil.NewTx(tx))
	return tx, nil
}

// funding says how a version is paid: at the planned rate, or, when it replaces
// another one, from the same inputs at a higher rate and fee (BIP 125 rules 3
// and 4).
func (m *maker) funding(ctx context.Context, role job.Role, replace bool) (txbuilder.Funding, error) {
	f := txbuilder.Funding{Rate: m.j.Request.Rate}
	if !replace {
		f.Inputs = m.reuse
		return f, nil
	}
	st := m.j.Stage(role)
	old := st.Versions[st.Current]
	tx, err := old.Tx()
	if err != nil {
		return f, err
	}
	if f.Rate, f.MinFee, err = m.outbid(ctx, st); err != nil {
		return f, err
	}
	f.Inputs, err = m.inputsOf(ctx, tx)
	return f, err
}

// inputsOf are the inputs of a transaction, to be spent again.
func (m *maker) inputsOf(ctx context.Context, tx *wire.MsgTx) (inputs []txbuilder.Input, err error) {
	for _, in := range tx.TxIn {
		prev, err := m.previous(ctx, in.PreviousOutPoint)
		if err != nil {
			return nil, err
		}
		input := txbuilder.Input{OutPoint: in.PreviousOutPoint, Tx: prev}
		if n := in.PreviousOutPoint.Index; int64(n) < int64(len(prev.TxOut)) {
			if input.Redeem, err = m.redeem(ctx, prev.TxOut[n].PkScript); err != nil {
				return nil, err
			}
		}
		inputs = append(inputs, input)
	}
	return inputs, nil
}

// redeem is the redeem script of a script that several keys sign, nil for others.
func (m *maker) redeem(ctx context.Context, script []byte) ([]byte, error) {
	if w, ok := m.r.cfg.Wallet.(ports.Redeemer); ok && txbuilder.KindOf(script) == txbuilder.KindP2SH {
		return w.RedeemScript(ctx, script)
	}
	return nil, nil
}

// previous finds the transaction that made an input, among those of jobs first: a
// reorg may have taken it from the wallet, the journal has it still.
func (m *maker) previous(ctx context.Context, op wire.OutPoint) (*wire.MsgTx, error) {
	if m.moved != nil && m.moved.Hash == op.Hash {
		return m.moved.Tx, nil
	}
	jobs, err := m.r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	for _, j := range append(jobs, m.j) {
		for _, s := range j.Stages {
			for _, v := range s.Versions {
				if v.Txid == op.Hash {
					return v.Tx()
				}
			}
		}
	}
	tx, err := m.r.cfg.Wallet.PrevTx(ctx, op)
	if err != nil {
		return nil, fmt.Errorf("previous transaction of %s: %w", op, err)
	}
	return tx, nil
}
