package build

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
)

// priceAnew takes amount and unit of a renewal's price from the rules for each version, whatever
// the journal says.
func (m *Txs) priceAnew(ctx context.Context) error {
	ns, err := m.Names.Namespace(ctx, m.Job.Request.Name.Namespace())
	if err != nil {
		return err
	}
	if err := m.checkPayee(m.Job, &ns, m.Job.Price); err != nil {
		return err
	}
	price, err := m.Checks.NamePrice(&m.Job.Request, &ns, m.Terms)
	if err != nil {
		return err
	}
	m.Job.Price = &job.Price{Unit: price.Unit, Amount: price.Amount, Payee: m.Job.Price.Payee}
	return nil
}

// owned makes the transaction of an owner's operation, at the planned rate and at a higher one that
// spends the same inputs; or, as a replacement, a newer version of it.
func (m *Txs) owned(ctx context.Context, replace bool) error {
	role := m.Job.Flow().Update
	f, err := m.Funding(ctx, role, replace)
	if err != nil {
		return err
	}
	if replace {
		if err := m.withinBudget(m.Job.Stage(role), f); err != nil {
			return err
		}
		_, err = m.ownerOp(ctx, f)
		return err
	}
	if len(f.Inputs) == 0 {
		coin, rate, fee, replaces, err := m.rivalCoin(ctx)
		if err == nil && !replaces {
			coin, err = m.ownerCoin(ctx)
		}
		if err != nil {
			return err
		}
		f.Inputs, f.Rate, f.MinFee = []txbuilder.Input{coin}, max(f.Rate, rate), max(f.MinFee, fee)
	}
	if m.moved != nil {
		f.Inputs, f.Closed = append(f.Inputs[:1:1], *m.moved), true
	}
	m.Job.Sender, m.Job.Deadline = m.Job.Request.Owner, m.Terms.Deadline
	if m.Terms.Price.Amount != nil {
		m.Job.Price = &job.Price{Unit: m.Terms.Price.Unit, Amount: m.Terms.Price.Amount, Payee: m.Terms.Payee}
	}
	low, err := m.ownerOp(ctx, f)
	if err != nil {
		return err
	}
	worst := low.Total() + m.moveFee
	if m.Job.Request.HighRate > m.Job.Request.Rate && !m.Drafting {
		f = txbuilder.Funding{Rate: m.Job.Request.HighRate, MinFee: low.Fee + m.Relay.Increment.Fee(low.VSize+replacementSlack)}
		if f.Inputs, err = m.InputsOf(ctx, m.Job, m.moved, low.Packet.UnsignedTx); err != nil {
			return err
		}
		high, err := m.ownerOp(ctx, f)
		if err != nil {
			return err
		}
		worst = max(worst, high.Total()+m.moveFee)
	}
	// The owner's coin comes back to the owner; it is not spent.
	if worst -= lineSum(low, txbuilder.RoleOwnerChange); m.Job.Request.MaxTotal > 0 && worst > m.Job.Request.MaxTotal {
		return &job.OverBudget{Need: worst, Max: m.Job.Request.MaxTotal}
	}
	return nil
}

// ownerOp makes one version. The first input is the owner's coin.
func (m *Txs) ownerOp(ctx context.Context, f txbuilder.Funding) (*txbuilder.Plan, error) {
	if err := m.OptionalChange(ctx, &f); err != nil {
		return nil, err
	}
	req, coin, window := &m.Job.Request, f.Inputs[0], int32(0)
	f.Inputs = f.Inputs[1:]
	var p *txbuilder.Plan
	var err error
	switch req.Kind {
	case job.KindRenew:
		p, err = m.renew(ctx, f, coin)
	case job.KindUpdate:
		window = m.Terms.Window
		p, err = m.b.Update(ctx, txbuilder.UpdateRequest{Funding: f, Name: req.Name, Coin: coin, Consensus: m.Terms.Consensus, ZoneFile: names.HashZoneFile(req.ZoneFile)})
	case job.KindTransfer:
		window = m.Terms.Window
		p, err = m.b.Transfer(ctx, txbuilder.TransferRequest{Funding: f, Name: req.Name, Coin: coin, NewOwner: req.To, Consensus: m.Terms.Consensus, Keep: !req.Erase})
	case job.KindRevoke:
		p, err = m.b.Revoke(ctx, txbuilder.RevokeRequest{Funding: f, Name: req.Name, Coin: coin})
	default:
		panic(fmt.Sprintf("bug: %s is no operation of an owner", req.Kind))
	}
	if err != nil {
		return nil, err
	}
	parent := m.parentOf(m.Job.Flow().Update)
	if m.moved != nil {
		parent = m.moved.Hash
	}
	_, _, err = m.add(ctx, m.Job.Flow().Update, p, f.Rate, parent, -1, window)
	return p, err
}

// renew makes a renewal. Without a new zone file it has the bare form, which keeps the hash there
// is; a payment in STACKS needs the long form, which repeats it (protocol 3.4).
func (m *Txs) renew(ctx context.Context, f txbuilder.Funding, coin txbuilder.Input) (*txbuilder.Plan, error) {
	req := &m.Job.Request
	if err := m.priceAnew(ctx); err != nil {
		return nil, err
	}
	price := m.Job.Price
	r := txbuilder.RenewRequest{Funding: f, Name: req.Name, Coin: coin, NewOwner: req.To,
		Price: txbuilder.Price{Unit: price.Unit, Amount: price.Amount}, Payee: price.Payee}
	switch {
	case len(req.ZoneFile) > 0:
		r.ZoneFile, r.HasZoneFile = names.HashZoneFile(req.ZoneFile), true
	case price.Unit == names.MicroStacks:
		rec, err := m.Names.Record(ctx, req.Name)
		if err != nil {
			return nil, err
		}
		r.ZoneFile, r.HasZoneFile = rec.ZoneFile, true
	}
	return m.b.Renew(ctx, r)
}

// ownerCoin chooses the coin for input 0. The best is the one that the name's last operation gave
// its owner: then Bitcoin itself keeps the operations on a name in their order, through every
// reorg. Coins that other names got so are taken last.
func (m *Txs) ownerCoin(ctx context.Context) (txbuilder.Input, error) {
	reserved, err := m.Search.Reserved(ctx)
	if err != nil {
		return txbuilder.Input{}, err
	}
	left, err := m.leftByList(ctx)
	if err != nil {
		return txbuilder.Input{}, err
	}
	in, err := m.chooseOwnerCoin(ctx, m.Job.Request.Owner, m.Job.Request.Name, func(op wire.OutPoint) bool {
		kept, ok := reserved[op]
		return !ok || kept.Holder == m.Job.ID || left[op]
	})
	if err == nil {
		in.Redeem, err = m.redeem(ctx, m.Job.Request.Owner)
	}
	return in, err
}

// leftByList is the coin that a list had chosen for the name and does not spend, because this
// renewal takes its place there.
func (m *Txs) leftByList(ctx context.Context) (map[wire.OutPoint]bool, error) {
	if m.Job.Supersedes == "" {
		return nil, nil
	}
	o, err := m.Journal.Job(ctx, m.Job.Supersedes)
	if err != nil || o.Request.Kind != job.KindSeries {
		return nil, err
	}
	c := o.ProgressOf(m.Job.Request.Name).Coin
	if c == nil {
		return nil, nil
	}
	in, err := c.Input()
	return map[wire.OutPoint]bool{in.OutPoint: true}, err
}

// lineSum sums the outputs of a plan that have a role.
func lineSum(p *txbuilder.Plan, role txbuilder.Role) (sum btcutil.Amount) {
	for _, l := range p.Lines {
		if l.Role == role {
			sum += l.Amount
		}
	}
	return sum
}

// rivalCoin is input 0 of the transaction of the job that this one takes the place of, with the
// rate and fee that replace it; ok is false when there is none.
func (m *Txs) rivalCoin(ctx context.Context) (coin txbuilder.Input, rate txbuilder.FeeRate, fee btcutil.Amount, ok bool, err error) {
	if m.Job.Supersedes == "" {
		return coin, 0, 0, false, nil
	}
	o, err := m.Journal.Job(ctx, m.Job.Supersedes)
	if err != nil {
		return coin, 0, 0, false, err
	}
	if o.Request.Kind == job.KindSeries {
		return coin, 0, 0, false, nil // nothing was sent
	}
	st := o.Stage(o.Flow().Update)
	if st == nil || len(st.Versions) == 0 || !st.Used {
		return coin, 0, 0, false, nil
	}
	tx, err := st.Versions[st.Current].Tx()
	if err != nil {
		return coin, 0, 0, false, err
	}
	inputs, err := m.InputsOf(ctx, m.Job, m.moved, tx)
	if err != nil {
		return coin, 0, 0, false, err
	}
	if rate, fee, err = m.Outbid(ctx, st); err != nil {
		return coin, 0, 0, false, err
	}
	return inputs[0], rate, fee, true, nil
}
