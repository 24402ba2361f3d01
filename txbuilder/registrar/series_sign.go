package registrar

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/reserve"
)

// weaver makes the paths of a series: transactions that each spend the change of the
// one before.
type weaver struct {
	*maker
	// terms by item, for those of the first wave.
	terms map[int]*terms
	coins map[int]txbuilder.Input
	own   *ownPreorders // nil: not looked for yet
}

// leg is one transaction to be made.
type leg struct {
	item int // -1: it returns the coin
	role job.Role
	rate txbuilder.FeeRate
	min  btcutil.Amount
}

// weaver prepares to build for a series at the current tip.
func (r *Registrar) weaver(ctx context.Context, j *job.Job, finish finisher) (*weaver, error) {
	// Nothing is written until it is done, so the journal is read once.
	still := *r
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	still.cfg.Journal = stillJournal{r.cfg.Journal, jobs}
	r = &still
	t, err := r.quote(ctx)
	if err != nil {
		return nil, err
	}
	if t.rivals, err = r.pool(ctx, j, t); err != nil {
		return nil, err
	}
	m, err := r.maker(ctx, j, t, finish)
	if err != nil {
		return nil, err
	}
	m.change = j.Request.Owner
	return &weaver{maker: m, terms: make(map[int]*terms), coins: make(map[int]txbuilder.Input)}, nil
}

// stillJournal is a journal that nobody writes meanwhile.
type stillJournal struct {
	ports.Journal
	jobs []*job.Job
}

// Jobs are those that were read at the beginning.
func (s stillJournal) Jobs(ctx context.Context) ([]*job.Job, error) {
	return slices.Clone(s.jobs), ctx.Err()
}

// prepare makes the checks before money moves for one item, and finds what it costs
// and which coin of its owner it spends.
func (w *weaver) prepare(ctx context.Context, i int) error {
	it := &w.j.Request.Series.Items[i]
	one := &job.Job{ID: w.j.ID, Request: it.Request(&w.j.Request)}
	if st := w.j.StageOf(it.Kind.Role(), it.Name); it.Kind.OfOwner() && st != nil {
		one.Stages = []*job.Stage{st}
	}
	t := *w.t
	if it.Kind == job.KindRegister {
		if len(it.ZoneFile) > 0 && !t.carries {
			return fmt.Errorf("%w: at this height the zone file of %s needs an update of its own; register it by itself", job.ErrBadRequest, it.Name)
		}
		if err := w.r.registerTerms(ctx, one, &t); err != nil {
			return err
		}
		if err := t.rivals.contest(it.Name.String()); err != nil {
			return err
		}
		if w.j.StageOf(job.RolePreorder, it.Name) == nil {
			if err := w.notPreordered(ctx, one, &t); err != nil {
				return err
			}
		}
	} else if txbuilder.KindOf(it.Owner) != txbuilder.KindP2PKH {
		return fmt.Errorf("%w: %s belongs to several keys; work on it by itself", job.ErrBadRequest, it.Name)
	} else if err := w.r.ownerTerms(ctx, one, &t); err != nil {
		return err
	}
	if t.price.Unit == names.MicroStacks {
		return &PaidInTokens{Name: it.Name}
	}
	w.terms[i] = &t
	if it.Kind.OfOwner() {
		return w.chooseCoin(ctx, i)
	}
	return nil
}

// notPreordered is the registrar's check of that name for many names: it looks once for
// what our scripts have preordered.
func (w *weaver) notPreordered(ctx context.Context, one *job.Job, t *terms) error {
	if w.own == nil {
		own, err := w.r.everyPreorder(ctx, t.tip)
		if err != nil {
			return err
		}
		w.own = own
	}
	p, err := w.own.choose(ctx, &one.Request)
	if err == nil && p != nil {
		err = w.own.outstanding(&one.Request, p)
	}
	if err != nil {
		return err
	}
	free, err := w.r.unusedHash(ctx, one, t, w.j.Request.Owner)
	if err == nil && !free { // a lapsed one
		err = &PreorderOutstanding{What: one.Request.Subject()}
	}
	return err
}

// chooseCoin finds the owner's coin for an item, once.
func (w *weaver) chooseCoin(ctx context.Context, i int) error {
	it, p := &w.j.Request.Series.Items[i], &w.j.Items[i]
	if p.Coin != nil {
		in, err := p.Coin.Input()
		w.coins[i] = in
		return err
	}
	reserved, err := w.r.reserved(ctx)
	if err != nil {
		return err
	}
	for _, in := range w.coins {
		reserved.Add(in.OutPoint, w.j, reserve.PurposeOwner)
	}
	in, err := w.r.ownerCoin(ctx, it.Owner, it.Name, func(op wire.OutPoint) bool { _, taken := reserved[op]; return !taken })
	if err != nil {
		return err
	}
	var raw bytes.Buffer
	if err := in.Tx.Serialize(&raw); err != nil {
		return err
	}
	p.Coin = &job.Coin{Tx: raw.Bytes(), Index: in.Index}
	w.coins[i] = in
	return nil
}

// note writes down by which terms an item is signed.
func (w *weaver) note(i int) {
	t, p := w.terms[i], &w.j.Items[i]
	if p.Deadline = t.deadline; t.price.Amount != nil {
		p.Price = &job.Price{Unit: t.price.Unit, Amount: t.price.Amount, Payee: t.payee}
	}
}

// build plans one transaction that spends a coin of the series.
func (w *weaver) build(ctx context.Context, s leg, coin txbuilder.Input, keep btcutil.Amount, closed bool) (*txbuilder.Plan, error) {
	f := txbuilder.Funding{Rate: s.rate, MinFee: s.min, Inputs: []txbuilder.Input{coin}, Closed: closed, Change: w.j.Request.Owner,
		Keep: max(keep, txbuilder.DustLimit(w.j.Request.Owner))}
	if s.item < 0 {
		f.Keep, f.Closed = 0, true
		return w.b.Return(ctx, txbuilder.ReturnRequest{Funding: f})
	}
	it := &w.j.Request.Series.Items[s.item]
	t := w.terms[s.item]
	switch s.role {
	case job.RolePreorder:
		return w.b.Preorder(ctx, txbuilder.PreorderRequest{Funding: f, Name: it.Name, Owner: it.Owner, Consensus: t.consensus, Price: t.price, Payee: t.payee})
	case job.RoleRegister:
		r := txbuilder.RegisterRequest{Funding: f, Name: it.Name, Owner: it.Owner}
		if len(it.ZoneFile) > 0 {
			r.ZoneFile, r.HasZoneFile = names.HashZoneFile(it.ZoneFile), true
		}
		return w.b.Register(ctx, r)
	case job.RoleRenew:
		r := txbuilder.RenewRequest{Funding: f, Name: it.Name, Coin: w.coins[s.item], NewOwner: it.To, Price: t.price, Payee: t.payee}
		if len(it.ZoneFile) > 0 {
			r.ZoneFile, r.HasZoneFile = names.HashZoneFile(it.ZoneFile), true
		}
		return w.b.Renew(ctx, r)
	case job.RoleUpdate:
		return w.b.Update(ctx, txbuilder.UpdateRequest{Funding: f, Name: it.Name, Coin: w.coins[s.item], Consensus: t.consensus, ZoneFile: names.HashZoneFile(it.ZoneFile)})
	case job.RoleTransfer:
		return w.b.Transfer(ctx, txbuilder.TransferRequest{Funding: f, Name: it.Name, Coin: w.coins[s.item], NewOwner: it.To, Consensus: t.consensus, Keep: !it.Erase})
	}
	panic(fmt.Sprintf("bug: %s is no part of a series", s.role))
}

// measure is what a step takes from the coin of the series, and how much of it is
// the fee. It is the same for every coin that is enough.
func (w *weaver) measure(ctx context.Context, s leg) (cost, fee btcutil.Amount, vsize int64, err error) {
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Index: 1}, nil, nil))
	tx.AddTxOut(wire.NewTxOut(btcutil.MaxSatoshi, w.j.Request.Owner))
	p, err := w.build(ctx, s, txbuilder.InputOf(tx, 0), 0, true)
	if err != nil {
		return 0, 0, 0, err
	}
	return btcutil.MaxSatoshi - p.ChangeValue(), p.Fee, p.VSize, nil
}

// weave makes a path: it begins at a coin, and what each step leaves pays for the
// next. rest is what must be left at the end.
func (w *weaver) weave(ctx context.Context, steps []leg, prev *wire.MsgTx, index int, rest btcutil.Amount, closed bool) (ids []chainhash.Hash, end *wire.MsgTx, next int, err error) {
	if len(steps) > job.MaxRow-1 {
		return nil, nil, 0, fmt.Errorf("%w: %d unconfirmed transactions in a row", job.ErrBadRequest, len(steps))
	}
	after := make([]btcutil.Amount, len(steps)+1)
	after[len(steps)] = max(rest, txbuilder.DustLimit(w.j.Request.Owner))
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
func (w *weaver) measureOnce(ctx context.Context, s leg) (cost, fee btcutil.Amount, vsize int64, err error) {
	if s.item < 0 {
		return 0, 0, 0, nil
	}
	return w.measure(ctx, s)
}

// addLink finishes a plan and appends it as a version of the stage of its item.
func (w *weaver) addLink(ctx context.Context, s leg, p *txbuilder.Plan, parent chainhash.Hash) (*job.Version, *wire.MsgTx, error) {
	if err := w.affordable(p); err != nil {
		return nil, nil, err
	}
	v := &job.Version{Fee: p.Fee, Burn: p.Burn, Given: p.Total() - p.Fee - p.Burn - lineSum(p, txbuilder.RoleOwnerChange),
		Rate: s.rate, Parent: parent, Next: p.Change, Signed: w.t.tip}
	tx, err := w.seal(ctx, p, v)
	if err != nil {
		return nil, nil, err
	}
	name := names.Name{}
	if s.item >= 0 {
		name = w.j.Request.Series.Items[s.item].Name
		switch s.role {
		case job.RolePreorder, job.RoleUpdate, job.RoleTransfer:
			v.Window, v.Quoted = w.terms[s.item].window, w.terms[s.item].consensus
		}
	} else {
		v.Next, v.Given = -1, 0
	}
	st := w.j.StageOf(s.role, name)
	if st == nil {
		st = &job.Stage{Role: s.role, Name: name, Since: w.t.tip}
		w.j.Stages = append(w.j.Stages, st)
	}
	w.planned = append(w.planned, planned{s.role, p, s.rate})
	if i := slices.IndexFunc(st.Versions, func(o *job.Version) bool { return o.Txid == v.Txid }); i >= 0 {
		return st.Versions[i], tx, nil
	}
	st.Versions = append(st.Versions, v)
	return v, tx, nil
}

// PaidInTokens says that the price of a name is debited from one account, which a
// batch with its many payers does not have.
type PaidInTokens struct{ Name names.Name }

// Error says what to do instead.
func (e *PaidInTokens) Error() string {
	return fmt.Sprintf("%s is paid in STACKS, from the account of one address; a batch pays in bitcoin", e.Name)
}

// Code is paid_in_stacks.
func (e *PaidInTokens) Code() string { return "paid_in_stacks" }

// isRefusal says whether an error is about one name, which can be left out.
func isRefusal(err error) bool {
	if errors.Is(err, job.ErrBadRequest) || errors.Is(err, names.ErrNotFound) {
		return true
	}
	var c job.Coded
	return errors.As(err, &c) && !errors.As(err, new(*ports.Refused)) && !errors.As(err, new(*job.OverBudget))
}
