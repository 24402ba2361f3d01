package build

import (
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/terms"
)

// Paths makes the paths of a series: transactions that each spend the change of the one before.
type Paths struct {
	*Txs
	// terms by item, for those of the first wave.
	ItemTerms map[int]*terms.Terms
	coins     map[int]txbuilder.Input
	own       *own.Preorders // nil: not looked for yet
}

// Leg is one transaction to be made.
type Leg struct {
	Item int // -1: it returns the coin
	Role job.Role
	Rate txbuilder.FeeRate
	min  btcutil.Amount
}

// Paths prepares to build for a series at the current tip.
func (r *Config) Paths(ctx context.Context, j *job.Job, finish Finish) (*Paths, error) {
	// Nothing is written until it is done, so the journal is read once.
	jobs, err := r.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	r = r.over(StillJournal{r.Journal, jobs})
	t, err := r.Checks.Quote(ctx)
	if err != nil {
		return nil, err
	}
	if t.Rivals, err = r.Checks.Pool(ctx, j, t); err != nil {
		return nil, err
	}
	m, err := r.Txs(ctx, j, t, finish)
	if err != nil {
		return nil, err
	}
	m.change = j.Request.Owner
	return &Paths{Txs: m, ItemTerms: make(map[int]*terms.Terms), coins: make(map[int]txbuilder.Input)}, nil
}

// StillJournal is a journal that nobody writes meanwhile.
type StillJournal struct {
	ports.Journal
	List []*job.Job
}

// Jobs are those that were read at the beginning.
func (s StillJournal) Jobs(ctx context.Context) ([]*job.Job, error) {
	return slices.Clone(s.List), ctx.Err()
}

// build plans one transaction that spends a coin of the series.
func (w *Paths) build(ctx context.Context, s Leg, coin txbuilder.Input, keep btcutil.Amount, closed bool) (*txbuilder.Plan, error) {
	f := txbuilder.Funding{Rate: s.Rate, MinFee: s.min, Inputs: []txbuilder.Input{coin}, Closed: closed, Change: w.Job.Request.Owner,
		Keep: max(keep, txbuilder.DustLimit(w.Job.Request.Owner))}
	if s.Item < 0 {
		f.Keep, f.Closed = 0, true
		return w.b.Return(ctx, txbuilder.ReturnRequest{Funding: f})
	}
	it := &w.Job.Request.Series.Items[s.Item]
	t := w.ItemTerms[s.Item]
	switch s.Role {
	case job.RolePreorder:
		return w.b.Preorder(ctx, txbuilder.PreorderRequest{Funding: f, Name: it.Name, Owner: it.Owner, Consensus: t.Consensus, Price: t.Price, Payee: t.Payee})
	case job.RoleRegister:
		r := txbuilder.RegisterRequest{Funding: f, Name: it.Name, Owner: it.Owner}
		if len(it.ZoneFile) > 0 {
			r.ZoneFile, r.HasZoneFile = names.HashZoneFile(it.ZoneFile), true
		}
		return w.b.Register(ctx, r)
	case job.RoleRenew:
		r := txbuilder.RenewRequest{Funding: f, Name: it.Name, Coin: w.coins[s.Item], NewOwner: it.To, Price: t.Price, Payee: t.Payee}
		if len(it.ZoneFile) > 0 {
			r.ZoneFile, r.HasZoneFile = names.HashZoneFile(it.ZoneFile), true
		}
		return w.b.Renew(ctx, r)
	case job.RoleUpdate:
		return w.b.Update(ctx, txbuilder.UpdateRequest{Funding: f, Name: it.Name, Coin: w.coins[s.Item], Consensus: t.Consensus, ZoneFile: names.HashZoneFile(it.ZoneFile)})
	case job.RoleTransfer:
		return w.b.Transfer(ctx, txbuilder.TransferRequest{Funding: f, Name: it.Name, Coin: w.coins[s.Item], NewOwner: it.To, Consensus: t.Consensus, Keep: !it.Erase})
	}
	panic(fmt.Sprintf("bug: %s is no part of a series", s.Role))
}

// Measure is what a step takes from the coin of the series, and how much of it is the fee. It is
// the same for every coin that is enough.
func (w *Paths) Measure(ctx context.Context, s Leg) (cost, fee btcutil.Amount, vsize int64, err error) {
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Index: 1}, nil, nil))
	tx.AddTxOut(wire.NewTxOut(btcutil.MaxSatoshi, w.Job.Request.Owner))
	p, err := w.build(ctx, s, txbuilder.InputOf(tx, 0), 0, true)
	if err != nil {
		return 0, 0, 0, err
	}
	return btcutil.MaxSatoshi - p.ChangeValue(), p.Fee, p.VSize, nil
}

// makePath makes a path: it begins at a coin, and what each step leaves pays for the next. rest is
// what must be left at the end.
func (w *Paths) makePath(ctx context.Context, steps []Leg, prev *wire.MsgTx, index int, rest btcutil.Amount, closed bool) (ids []chainhash.Hash, end *wire.MsgTx, next int, err error) {
	if len(steps) > job.MaxRow-1 {
		return nil, nil, 0, fmt.Errorf("%w: %d unconfirmed transactions in a row", job.ErrBadRequest, len(steps))
	}
	after := make([]btcutil.Amount, len(steps)+1)
	after[len(steps)] = max(rest, txbuilder.DustLimit(w.Job.Request.Owner))
	row := int64(0)
	for k := len(steps) - 1; k >= 0; k-- {
		cost, _, vsize, err := w.measureOnce(ctx, steps[k])
		if err != nil {
			return nil, nil, 0, err
		}
		after[k] = after[k+1] + cost
		row += vsize
	}
	if row > job.MaxRowVSize {
		return nil, nil, 0, fmt.Errorf("%w: %d vB of unconfirmed transactions in a row", job.ErrBadRequest, row)
	}
	for k, s := range steps {
		if err := ctx.Err(); err != nil {
			return nil, nil, 0, err
		}
		p, err := w.build(ctx, s, txbuilder.InputOf(prev, index), after[k+1], closed)
		if err != nil {
			return nil, nil, 0, err
		}
		v, tx, err := w.addLink(ctx, s, p, prev.TxHash())
		if err != nil {
			return nil, nil, 0, err
		}
		ids = append(ids, v.Txid)
		prev, index = tx, p.Change
	}
	return ids, prev, index, nil
}

// measureOnce is measure; a returning transaction costs its fee.
func (w *Paths) measureOnce(ctx context.Context, s Leg) (cost, fee btcutil.Amount, vsize int64, err error) {
	if s.Item < 0 {
		return 0, 0, 0, nil
	}
	return w.Measure(ctx, s)
}

// addLink finishes a plan and appends it as a version of the stage of its item.
func (w *Paths) addLink(ctx context.Context, s Leg, p *txbuilder.Plan, parent chainhash.Hash) (*job.Version, *wire.MsgTx, error) {
	if err := w.affordable(p); err != nil {
		return nil, nil, err
	}
	v := &job.Version{Fee: p.Fee, Burn: p.Burn, Given: p.Total() - p.Fee - p.Burn - lineSum(p, txbuilder.RoleOwnerChange),
		Rate: s.Rate, Parent: parent, Next: p.Change, Signed: w.Terms.Tip}
	tx, err := w.seal(ctx, p, v)
	if err != nil {
		return nil, nil, err
	}
	name := names.Name{}
	if s.Item >= 0 {
		name = w.Job.Request.Series.Items[s.Item].Name
		switch s.Role {
		case job.RolePreorder, job.RoleUpdate, job.RoleTransfer:
			v.Window, v.Quoted = w.ItemTerms[s.Item].Window, w.ItemTerms[s.Item].Consensus
		}
	} else {
		v.Next, v.Given = -1, 0
	}
	st := w.Job.StageOf(s.Role, name)
	if st == nil {
		st = &job.Stage{Role: s.Role, Name: name, Since: w.Terms.Tip}
		w.Job.Stages = append(w.Job.Stages, st)
	}
	w.Planned = append(w.Planned, Planned{s.Role, p, s.Rate})
	if i := slices.IndexFunc(st.Versions, func(o *job.Version) bool { return o.Txid == v.Txid }); i >= 0 {
		return st.Versions[i], tx, nil
	}
	st.Versions = append(st.Versions, v)
	return v, tx, nil
}
