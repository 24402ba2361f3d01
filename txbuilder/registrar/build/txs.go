package build

import (
	"bytes"
	"context"
	"encoding/hex"
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
	"blockstack/txbuilder/registrar/terms"
)

// addDraft keeps a plan as a draft. The transaction is nil when its txid is not known before it is
// signed.
func (m *Txs) addDraft(ctx context.Context, role job.Role, p *txbuilder.Plan, v *job.Version) (*wire.MsgTx, error) {
	if a, ok := m.Wallet.(ports.Annotator); ok {
		if err := a.Annotate(ctx, p.Packet); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Operation, err)
		}
	}
	if err := txbuilder.AddClaim(p.Packet, m.claim()); err != nil {
		return nil, err
	}
	d := &job.Draft{Role: role, Unsigned: p.Packet.UnsignedTx.TxHash()}
	var err error
	if d.Packet, err = txbuilder.EncodePacket(p.Packet); err != nil {
		return nil, fmt.Errorf("%s: %w", p.Operation, err)
	}
	tx, fixed := txbuilder.FixedTx(p.Packet)
	v.VSize = p.VSize
	if fixed {
		v.Txid = tx.TxHash()
	}
	d.Version = *v
	for i, o := range m.Job.Drafted {
		if o.Unsigned == d.Unsigned { // the same once more: it is as good as new
			m.Job.Drafted[i], d = d, nil
			break
		}
	}
	if d != nil {
		m.Job.Drafted = append(m.Job.Drafted, d)
	}
	if !fixed {
		return nil, nil
	}
	return tx, nil
}

// claim is what the packets of the job say about themselves.
func (m *Txs) claim() txbuilder.Claim {
	req := &m.Job.Request
	c := txbuilder.Claim{Job: string(m.Job.ID), Consensus: hex.EncodeToString(m.Terms.Consensus[:])}
	if req.Kind == job.KindLaunch {
		c.Namespace = string(req.NamespaceID())
	} else {
		c.Name = req.Name.String()
	}
	if addr, err := m.Params.ScriptAddress(req.Owner); err == nil && !req.Kind.OfOwner() {
		c.Owner = addr
	}
	return c
}

// parentOf is what the current version of a transaction spends.
func (m *Txs) parentOf(role job.Role) chainhash.Hash {
	if st := m.Job.Stage(role); st != nil && len(st.Versions) > 0 {
		return st.Versions[st.Current].Parent
	}
	return chainhash.Hash{}
}

// Txs builds a job's transactions.
type Txs struct {
	*Config
	Fees
	Job    *job.Job
	b      *txbuilder.Builder
	Terms  *terms.Terms
	finish Finish
	change []byte // where optional change goes; asked for once
	// Drafting keeps plans as drafts instead of signing them; reuse are the inputs of a draft that
	// a newer one takes the place of.
	Drafting bool
	// moved is the coin that pays alone, because all others are of a kind that the name system does
	// not read; moveFee what moving it costs.
	moved   *txbuilder.Input
	moveFee btcutil.Amount
	Reuse   []txbuilder.Input
	// Moving says that these are the inputs of a move.
	Moving  bool
	Planned []Planned
}

// Planned is what was made, for the estimate.
type Planned struct {
	Role job.Role
	Plan *txbuilder.Plan
	rate txbuilder.FeeRate
}

// rates are those that a transaction without a deadline of its own is signed at.
func (m *Txs) rates() []txbuilder.FeeRate {
	if m.Drafting { // a higher fee is drafted when it is needed
		return []txbuilder.FeeRate{m.Job.Request.Rate}
	}
	return slices.Compact([]txbuilder.FeeRate{m.Job.Request.Rate, m.Job.Request.HighRate})
}

// OptionalChange settles once where optional change goes.
func (m *Txs) OptionalChange(ctx context.Context, f *txbuilder.Funding) error {
	if m.change == nil {
		script, err := m.Wallet.ChangeScript(ctx)
		if err != nil {
			return fmt.Errorf("change address: %w", err)
		}
		if k := txbuilder.KindOf(script); k != txbuilder.KindP2PKH && k != txbuilder.KindP2SH {
			script = m.Job.Sender
			if err := m.ours(ctx, m.Job, script); err != nil {
				return err
			}
		}
		m.change = script
	}
	f.Change = m.change
	return nil
}

// add finishes a plan and appends it as a version of its stage.
func (m *Txs) add(ctx context.Context, role job.Role, p *txbuilder.Plan, rate txbuilder.FeeRate, parent chainhash.Hash, next int, window int32) (*job.Version, *wire.MsgTx, error) {
	quoted := names.ConsensusHash{}
	if window > 0 {
		quoted = m.Terms.Consensus
	}
	if err := m.affordable(p); err != nil {
		return nil, nil, err
	}
	given := p.Total() - p.Fee - p.Burn - lineSum(p, txbuilder.RoleOwnerChange)
	if role == job.RoleReturn || role == job.RoleFund { // what a fund pays is given out by the imports
		given = 0
	}
	v := &job.Version{Quoted: quoted, Fee: p.Fee, Burn: p.Burn, Given: given, Rate: rate, Window: window, Parent: parent, Next: next, Signed: m.Terms.Tip}
	if m.Drafting {
		tx, err := m.addDraft(ctx, role, p, v)
		return v, tx, err
	}
	tx, err := m.seal(ctx, p, v)
	if err != nil {
		return nil, nil, err
	}
	st := m.Job.Stage(role)
	if st == nil {
		st = &job.Stage{Role: role, Since: m.Terms.Tip}
		m.Job.Stages = append(m.Job.Stages, st)
	}
	m.Planned = append(m.Planned, Planned{role, p, rate})
	// Where two rates leave no change worth having, they make one transaction.
	if i := slices.IndexFunc(st.Versions, func(o *job.Version) bool { return o.Txid == v.Txid }); i >= 0 {
		return st.Versions[i], tx, nil
	}
	st.Versions = append(st.Versions, v)
	return v, tx, nil
}

// seal finishes a plan and puts its transaction into a version.
func (m *Txs) seal(ctx context.Context, p *txbuilder.Plan, v *job.Version) (*wire.MsgTx, error) {
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

// Funding says how a version is paid: at the planned rate, or, when it replaces another one, from
// the same inputs at a higher rate and fee (BIP 125 rules 3 and 4).
func (m *Txs) Funding(ctx context.Context, role job.Role, replace bool) (txbuilder.Funding, error) {
	f := txbuilder.Funding{Rate: m.Job.Request.Rate}
	if !replace {
		f.Inputs = m.Reuse
		return f, nil
	}
	st := m.Job.Stage(role)
	old := st.Versions[st.Current]
	tx, err := old.Tx()
	if err != nil {
		return f, err
	}
	if f.Rate, f.MinFee, err = m.Outbid(ctx, st); err != nil {
		return f, err
	}
	f.Inputs, err = m.InputsOf(ctx, m.Job, m.moved, tx)
	return f, err
}
