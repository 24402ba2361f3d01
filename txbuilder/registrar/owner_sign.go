package registrar

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
)

// owned makes the transaction of an owner's operation, at the planned rate and at
// a higher one that spends the same inputs; or, as a replacement, a newer version
// of it.
func (m *maker) owned(ctx context.Context, replace bool) error {
	role := m.j.Flow().Update
	f, err := m.funding(ctx, role, replace)
	if err != nil {
		return err
	}
	if replace {
		if err := m.withinBudget(m.j.Stage(role), f); err != nil {
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
	m.j.Sender, m.j.Deadline = m.j.Request.Owner, m.t.deadline
	if m.t.price.Amount != nil {
		m.j.Price = &job.Price{Unit: m.t.price.Unit, Amount: m.t.price.Amount, Payee: m.t.payee}
	}
	low, err := m.ownerOp(ctx, f)
	if err != nil {
		return err
	}
	worst := low.Total() + m.moveFee
	if m.j.Request.HighRate > m.j.Request.Rate && !m.drafting {
		f = txbuilder.Funding{Rate: m.j.Request.HighRate, MinFee: low.Fee + m.relay.Increment.Fee(low.VSize+replacementSlack)}
		if f.Inputs, err = m.inputsOf(ctx, low.Packet.UnsignedTx); err != nil {
			return err
		}
		high, err := m.ownerOp(ctx, f)
		if err != nil {
			return err
		}
		worst = max(worst, high.Total()+m.moveFee)
	}
	// The owner's coin comes back to the owner; it is not spent.
	if worst -= lineSum(low, txbuilder.RoleOwnerChange); m.j.Request.MaxTotal > 0 && worst > m.j.Request.MaxTotal {
		return &job.OverBudget{Need: worst, Max: m.j.Request.MaxTotal}
	}
	return nil
}

// ownerOp makes one version. The first input is the owner's coin.
func (m *maker) ownerOp(ctx context.Context, f txbuilder.Funding) (*txbuilder.Plan, error) {
	if err := m.optionalChange(ctx, &f); err != nil {
		return nil, err
	}
	req, coin, window := &m.j.Request, f.Inputs[0], int32(0)
	f.Inputs = f.Inputs[1:]
	var p *txbuilder.Plan
	var err error
	switch req.Kind {
	case job.KindRenew:
		p, err = m.renew(ctx, f, coin)
	case job.KindUpdate:
		window = m.t.window
		p, err = m.b.Update(ctx, txbuilder.UpdateRequest{Funding: f, Name: req.Name, Coin: coin, Consensus: m.t.consensus, ZoneFile: names.HashZoneFile(req.ZoneFile)})
	case job.KindTransfer:
		window = m.t.window
		p, err = m.b.Transfer(ctx, txbuilder.TransferRequest{Funding: f, Name: req.Name, Coin: coin, NewOwner: req.To, Consensus: m.t.consensus, Keep: !req.Erase})
	case job.KindRevoke:
		p, err = m.b.Revoke(ctx, txbuilder.RevokeRequest{Funding: f, Name: req.Name, Coin: coin})
	default:
		panic(fmt.Sprintf("bug: %s is no operation of an owner", req.Kind))
	}
	if err != nil {
		return nil, err
	}
	parent := m.parentOf(m.j.Flow().Update)
	if m.moved != nil {
		parent = m.moved.Hash
	}
	_, _, err = m.add(ctx, m.j.Flow().Update, p, f.Rate, parent, -1, window)
	return p, err
}

// renew makes a renewal. Without a new zone file it has the bare form, which keeps
// the hash there is; a payment in STACKS needs the long form, which repeats it
// (protocol 3.4).
func (m *maker) renew(ctx context.Context, f txbuilder.Funding, coin txbuilder.Input) (*txbuilder.Plan, error) {
	req := &m.j.Request
	if err := m.priceAnew(ctx); err != nil {
		return nil, err
	}
	price := m.j.Price
	r := txbuilder.RenewRequest{Funding: f, Name: req.Name, Coin: coin, NewOwner: req.To,
		Price: txbuilder.Price{Unit: price.Unit, Amount: price.Amount}, Payee: price.Payee}
	switch {
	case len(req.ZoneFile) > 0:
		r.ZoneFile, r.HasZoneFile = names.HashZoneFile(req.ZoneFile), true
	case price.Unit == names.MicroStacks:
		rec, err := m.r.cfg.Names.Record(ctx, req.Name)
		if err != nil {
			return nil, err
		}
		r.ZoneFile, r.HasZoneFile = rec.ZoneFile, true
	}
	return m.b.Renew(ctx, r)
}

// ownerCoin chooses the coin for input 0. The best is the one that the name's
// last operation gave its owner: then Bitcoin itself keeps the operations on a
// name in their order, through every reorg. Coins that other names got so are
// taken last.
func (m *maker) ownerCoin(ctx context.Context) (txbuilder.Input, error) {
	reserved, err := m.r.reserved(ctx)
	if err != nil {
		return txbuilder.Input{}, err
	}
	left, err := m.leftByList(ctx)
	if err != nil {
		return txbuilder.Input{}, err
	}
	in, err := m.r.ownerCoin(ctx, m.j.Request.Owner, m.j.Request.Name, func(op wire.OutPoint) bool {
		kept, ok := reserved[op]
		return !ok || kept.Holder == m.j.ID || left[op]
	})
	if err == nil {
		in.Redeem, err = m.redeem(ctx, m.j.Request.Owner)
	}
	return in, err
}

// leftByList is the coin that a list had chosen for the name and does not spend, because this renewal takes its place there.
func (m *maker) leftByList(ctx context.Context) (map[wire.OutPoint]bool, error) {
	if m.j.Supersedes == "" {
		return nil, nil
	}
	o, err := m.r.cfg.Journal.Job(ctx, m.j.Supersedes)
	if err != nil || o.Request.Kind != job.KindSeries {
		return nil, err
	}
	c := o.ProgressOf(m.j.Request.Name).Coin
	if c == nil {
		return nil, nil
	}
	in, err := c.Input()
	return map[wire.OutPoint]bool{in.OutPoint: true}, err
}

// ownerCoin chooses among the owner's coins that are free.
func (r *Registrar) ownerCoin(ctx context.Context, owner []byte, name names.Name, free func(wire.OutPoint) bool) (txbuilder.Input, error) {
	credits, err := r.cfg.Wallet.CoinsAt(ctx, owner)
	if err != nil {
		return txbuilder.Input{}, fmt.Errorf("coins of the owner: %w", err)
	}
	owned, err := r.cfg.Names.NamesOf(ctx, owner)
	if err != nil {
		return txbuilder.Input{}, err
	}
	rank := make(map[chainhash.Hash]int)
	for _, rec := range owned {
		rank[rec.LastTx] = 2
	}
	for _, rec := range owned {
		if rec.Name == name {
			rank[rec.LastTx] = -1
		}
	}
	taken := len(credits)
	credits = slices.DeleteFunc(credits, func(c wtxmgr.Credit) bool { return !free(c.OutPoint) })
	if taken -= len(credits); len(credits) == 0 {
		addr, err := r.cfg.Params.ScriptAddress(owner)
		if err != nil {
			return txbuilder.Input{}, err
		}
		return txbuilder.Input{}, &NoOwnerCoin{Owner: addr, Need: txbuilder.DustLimit(owner), Reserved: taken}
	}
	best := slices.MinFunc(credits, func(a, b wtxmgr.Credit) int {
		return cmp.Or(cmp.Compare(rank[a.Hash], rank[b.Hash]), cmp.Compare(a.Amount, b.Amount),
			bytes.Compare(a.Hash[:], b.Hash[:]), cmp.Compare(a.Index, b.Index))
	})
	tx, err := r.cfg.Wallet.PrevTx(ctx, best.OutPoint)
	if err != nil {
		return txbuilder.Input{}, fmt.Errorf("previous transaction of %s: %w", best.OutPoint, err)
	}
	return txbuilder.Input{OutPoint: best.OutPoint, Tx: tx}, nil
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
