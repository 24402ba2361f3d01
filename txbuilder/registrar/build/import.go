package build

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
)

// fund makes the transaction that pays the coins of an import, or a newer version of it, and all
// imports that spend them, at the planned rate and at the higher one.
func (m *Txs) fund(ctx context.Context, replace bool) error {
	f, err := m.Funding(ctx, job.RoleFund, replace)
	if err != nil {
		return err
	}
	if replace {
		if err := m.withinBudget(m.Job.Stage(job.RoleFund), f); err != nil {
			return err
		}
	}
	if err := m.OptionalChange(ctx, &f); err != nil {
		return err
	}
	req := &m.Job.Request
	coins := make([]txbuilder.Payee, len(req.Import.Names))
	for i, n := range req.Import.Names {
		key := req.Importer(i)
		value, err := m.b.ImportCost(txbuilder.ImportRequest{Funding: txbuilder.Funding{Rate: req.HighRate}, Name: n.Name, Owner: n.Owner, ZoneFile: n.Hash}, key)
		if err != nil {
			return err
		}
		coins[i] = txbuilder.Payee{To: key, Amount: value, Text: "pays for the import of " + n.Name.String()}
	}
	p, err := m.b.Payment(ctx, txbuilder.PaymentRequest{Funding: f, To: coins[0].To, Amount: coins[0].Amount, Text: coins[0].Text, More: coins[1:]})
	if err != nil {
		return err
	}
	p.Operation = fmt.Sprintf("coins for %d imports into %s", len(coins), req.Import.Namespace)
	if worst := p.Total(); req.MaxTotal > 0 && worst > req.MaxTotal {
		return &job.OverBudget{Need: worst, Max: req.MaxTotal}
	}
	v, tx, err := m.add(ctx, job.RoleFund, p, f.Rate, chainhash.Hash{}, -1, 0)
	if err != nil || tx == nil { // a draft whose txid is not known yet
		return err
	}
	at, err := outputsFor(tx, coins)
	if err != nil {
		return err
	}
	for i := range coins {
		if err := m.importName(ctx, i, txbuilder.InputOf(tx, at[i]), v.Txid); err != nil {
			return err
		}
	}
	return nil
}

// importName makes the versions of one import.
func (m *Txs) importName(ctx context.Context, i int, coin txbuilder.Input, parent chainhash.Hash) error {
	n := m.Job.Request.Import.Names[i]
	rates := m.rates()
	if m.Drafting && m.Job.Stage(job.ImportRole(i)) != nil { // a version with a higher fee
		rates = []txbuilder.FeeRate{m.Job.Request.HighRate}
	}
	for _, rate := range rates {
		f := txbuilder.Funding{Rate: rate, Inputs: []txbuilder.Input{coin}, Closed: true}
		if err := m.OptionalChange(ctx, &f); err != nil {
			return err
		}
		p, err := m.b.Import(ctx, txbuilder.ImportRequest{Funding: f, Name: n.Name, Owner: n.Owner, ZoneFile: n.Hash})
		if err != nil {
			return err
		}
		if _, _, err := m.add(ctx, job.ImportRole(i), p, rate, parent, -1, 0); err != nil {
			return err
		}
	}
	return nil
}

// dearerImport makes a version of an import with a higher fee than its coin was made for; the
// wallet adds what is missing.
func (m *Txs) dearerImport(ctx context.Context, role job.Role) error {
	st := m.Job.Stage(role)
	f, err := m.Funding(ctx, role, true)
	if err != nil {
		return err
	}
	if err := m.withinBudget(st, f); err != nil {
		return err
	}
	if err := m.OptionalChange(ctx, &f); err != nil {
		return err
	}
	for i, n := range m.Job.Request.Import.Names {
		if job.ImportRole(i) != role {
			continue
		}
		p, err := m.b.Import(ctx, txbuilder.ImportRequest{Funding: f, Name: n.Name, Owner: n.Owner, ZoneFile: n.Hash})
		if err != nil {
			return err
		}
		_, _, err = m.add(ctx, role, p, f.Rate, st.Versions[st.Current].Parent, -1, 0)
		return err
	}
	return fmt.Errorf("no import %s", role)
}

// outputsFor finds the output of each coin; a builder may put change between them.
func outputsFor(tx *wire.MsgTx, coins []txbuilder.Payee) ([]int, error) {
	at, taken := make([]int, len(coins)), make(map[int]bool)
	for i, c := range coins {
		at[i] = -1
		for n, o := range tx.TxOut {
			if !taken[n] && btcutil.Amount(o.Value) == c.Amount && bytes.Equal(o.PkScript, c.To) {
				at[i], taken[n] = n, true
				break
			}
		}
		if at[i] < 0 {
			return nil, fmt.Errorf("the coin of %s is not in its transaction", c.Text)
		}
	}
	return at, nil
}

// reimport makes the imports of a funding transaction anew; there are none stored that spend it.
func (m *Txs) reimport(ctx context.Context, role job.Role) error {
	fund, tx, err := m.Facts.MinedVersion(ctx, m.Job, job.RoleFund, m.Terms.Tip)
	if err != nil {
		return err
	}
	var coins []txbuilder.Payee
	for i, n := range m.Job.Request.Import.Names {
		key := m.Job.Request.Importer(i)
		value, err := m.b.ImportCost(txbuilder.ImportRequest{Funding: txbuilder.Funding{Rate: m.Job.Request.HighRate}, Name: n.Name, Owner: n.Owner, ZoneFile: n.Hash}, key)
		if err != nil {
			return err
		}
		coins = append(coins, txbuilder.Payee{To: key, Amount: value, Text: n.Name.String()})
	}
	at, err := outputsFor(tx, coins)
	if err != nil {
		return err
	}
	for i := range coins {
		if job.ImportRole(i) == role {
			return m.importName(ctx, i, txbuilder.InputOf(tx, at[i]), fund.Txid)
		}
	}
	return fmt.Errorf("no import %s", role)
}

// SplitCoins makes one version of a split.
func (m *Txs) SplitCoins(ctx context.Context, f txbuilder.Funding) error {
	p, err := m.SplitPlan(ctx, f)
	if err != nil {
		return err
	}
	if limit := m.Job.Request.MaxTotal; limit > 0 && p.Fee > limit {
		return &job.OverBudget{Need: p.Fee, Max: limit}
	}
	if err := m.affordable(p); err != nil {
		return err
	}
	v := &job.Version{Fee: p.Fee, Rate: f.Rate, Next: -1, Signed: m.Terms.Tip}
	if _, err := m.seal(ctx, p, v); err != nil {
		return err
	}
	st := m.Job.Stage(job.RoleSplit)
	if st == nil {
		st = &job.Stage{Role: job.RoleSplit, Since: m.Terms.Tip, Used: true}
		m.Job.Stages = append(m.Job.Stages, st)
	}
	if !slices.ContainsFunc(st.Versions, func(o *job.Version) bool { return o.Txid == v.Txid }) {
		st.Versions = append(st.Versions, v)
	}
	m.Planned = append(m.Planned, Planned{job.RoleSplit, p, f.Rate})
	return nil
}

// SplitPlan plans the payment that makes the coins.
func (m *Txs) SplitPlan(ctx context.Context, f txbuilder.Funding) (*txbuilder.Plan, error) {
	outs := m.Job.Request.Split.Outputs
	r := txbuilder.PaymentRequest{Funding: f, To: outs[0].Script, Amount: outs[0].Amount, Text: "pays for a series of names"}
	for _, o := range outs[1:] {
		r.More = append(r.More, txbuilder.Payee{To: o.Script, Amount: o.Amount, Text: "pays for a series of names"})
	}
	return m.b.Payment(ctx, r)
}
