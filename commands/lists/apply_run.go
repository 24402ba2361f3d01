package lists

import (
	"context"
	"errors"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/commands/fault"
	"blockstack/commands/jobrun"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/lists"
	"blockstack/wallet"
)

// applyRun is one run over many names.
type applyRun struct {
	env     *session.Session
	o       jobrun.Options
	schema  string
	partial bool
	list    string // empty: not a list that can be applied again
	lists.Run
	lines []*applyLine // the same lines, as they are shown

	failed   map[registrar.ID]error
	started  time.Time
	first    int32 // height at the start
	last     int32
	progress *voice.Progress
	sent     int64
	total    int64
}

// maxRounds bounds how often a list is looked at again: a name may be registered, get a zone file
// and go to its owner.
const maxRounds = 4

// run brings all names to what is wanted, in as many rounds as it takes.
func (a *applyRun) run(ctx context.Context) (err error) {
	a.started, a.failed = time.Now(), map[registrar.ID]error{}
	waiting := ctx
	if a.o.Timeout > 0 {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, a.o.Timeout)
		defer cancel()
	}
	for round := range maxRounds {
		more, err := a.round(waiting, round)
		switch {
		case err == nil && more:
			continue
		case err == nil || ctx.Err() == nil && waiting.Err() != nil:
			return a.finish()
		case ctx.Err() != nil:
			return fault.New("interrupted", "interrupted").Because(ctx.Err()).Retry().Hint("nothing is lost; go on with the same command, or: blockstack job resume")
		}
		return err
	}
	return a.finish()
}

// round looks at the list, starts what is missing and waits for it. more says that there may be
// more to do.
func (a *applyRun) round(ctx context.Context, round int) (more bool, err error) {
	rate, err := session.ChosenRate(ctx, a.env, a.o.FeeRate, a.o.Target)
	if err != nil {
		return false, err
	}
	b, err := a.plan(ctx, rate)
	if err != nil {
		return false, err
	}
	if round == 0 {
		if err := a.refusals(); err != nil || a.o.DryRun {
			if err == nil {
				if err = a.emit(true); err == nil {
					err = a.printPlan(b)
				}
			}
			return false, err
		}
	}
	if b != nil && len(b.Series) > 0 && b.Doubt != nil {
		if b.Assured, err = jobrun.SettleDoubt(ctx, a.env, b.Doubt, a.o); err != nil {
			return false, err
		}
		if b.Assured == 0 { // a block later, when more may have come to light
			if b, err = a.plan(ctx, rate); err != nil {
				return false, err
			}
		}
	}
	if b != nil && len(b.Series) > 0 {
		if err := a.start(ctx, b); err != nil {
			return false, err
		}
	}
	if err := a.startFound(ctx); err != nil {
		return false, err
	}
	if err := a.startAlone(ctx); err != nil {
		return false, err
	}
	if len(a.IDs) == 0 {
		return false, nil
	}
	if a.o.Until(a.env.Config) == jobrun.WaitNone {
		return false, nil
	}
	over, err := a.wait(ctx)
	return over && err == nil, err
}

// start asks, and records the batch.
func (a *applyRun) start(ctx context.Context, b *registrar.Batch) error {
	w, err := a.env.Wallet(ctx)
	if err != nil {
		return err
	}
	if w.WatchOnly() {
		return fault.New("watch_only", "this wallet is watch-only: it can look, not sign, and a list is signed where it is planned").
			Hint("apply it in the home that has the keys; here one name at a time: blockstack name register NAME --psbt FILE, and so on")
	}
	est := b.Estimate()
	if err := jobrun.ServiceOf(a.env, false).Caution(ctx, est); err != nil {
		return err
	}
	if !a.env.Said.Yes || !a.env.Out.Quiet() {
		for _, line := range a.planLines(b, est) {
			a.env.Out.Show("plan", line)
		}
	}
	if err := session.AgreeToFee(ctx, a.env, a.o.FeeRate != "", b.OpCosts()...); err != nil {
		return err
	}
	if err := a.env.Confirm(ctx, "Go on"); err != nil {
		return err
	}
	if err := jobrun.ServiceOf(a.env, false).AgreeToBurn(ctx, est); err != nil {
		return err
	}
	if err := a.unlock(ctx); err != nil {
		return err
	}
	return a.env.WithJobs(ctx, nil, func(r *registrar.Registrar) error {
		split, series, err := r.StartBatch(ctx, b)
		if err != nil {
			return err
		}
		for _, j := range append(series, split) {
			a.Adopt(j)
		}
		a.total += int64(b.Transactions)
		return nil
	})
}

// unlock makes the wallet sign.
func (a *applyRun) unlock(ctx context.Context) error {
	w, err := a.env.Wallet(ctx)
	if err != nil {
		return err
	}
	return a.env.Keys.Unlock(ctx, w)
}

// withKeys runs f, and once more with the wallet unlocked when keys have to be derived.
func withKeys(ctx context.Context, e *session.Session, f func() error) error {
	err := f()
	if !errors.Is(err, wallet.ErrNeedKeys) {
		return err
	}
	w, err := e.Wallet(ctx)
	if err != nil {
		return err
	}
	if err := e.Keys.Unlock(ctx, w); err != nil {
		return err
	}
	return f()
}

// wait advances the jobs with each block until they are over, or as far as --wait says.
func (a *applyRun) wait(ctx context.Context) (over bool, err error) {
	n, err := a.env.Node(ctx)
	if err != nil {
		return false, err
	}
	a.progress = a.env.Out.Progress("names", "transactions")
	defer a.progress.Done()
	until := a.o.Until(a.env.Config)
	for {
		height, tip, err := n.Tip(ctx)
		if err != nil {
			return false, err
		}
		if a.first == 0 {
			a.first = height
		}
		a.last = height
		if err := a.pass(ctx); err != nil {
			return false, err
		}
		open, stuck := 0, 0
		for _, id := range a.IDs {
			if a.Jobs[id].Open() {
				open++
				if a.failed[id] != nil || a.failed[a.SplitOf(id)] != nil {
					stuck++
				}
			}
		}
		if err := a.emit(false); err != nil {
			return false, err
		}
		switch {
		case open == 0:
			return true, nil
		case until == jobrun.WaitBroadcast || until == jobrun.WaitConfirmed && a.Confirmed():
			return false, nil
		case stuck == open:
			return false, a.firstFailure()
		}
		a.env.Out.Detail("block %d: %d jobs are under way", height, open)
		if err := a.env.NextBlock(ctx, n, tip, a.o.NoMine); err != nil {
			return false, err
		}
	}
}

// firstFailure is the error of the first job that cannot go on.
func (a *applyRun) firstFailure() error {
	for _, id := range a.IDs {
		if err := a.failed[id]; err != nil {
			return err
		}
	}
	return nil
}

// pass advances every job once. The password is asked for only when something must be signed.
func (a *applyRun) pass(ctx context.Context) error {
	locked := false
	round := func() error {
		locked = false
		return a.env.WithJobs(ctx, a.heard, func(r *registrar.Registrar) error {
			for _, id := range a.IDs {
				if j := a.Jobs[id]; !j.Open() {
					continue
				}
				j, err := r.Advance(ctx, id)
				if j != nil {
					a.Jobs[id] = j
				}
				a.failed[id] = err
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if errors.Is(err, registrar.ErrNeedsKey) {
					locked = true
				} else if err != nil && home.Passes(err) {
					return err
				}
			}
			return nil
		})
	}
	err := round()
	if err != nil || !locked {
		return err
	}
	if err := a.unlock(ctx); err != nil {
		return err
	}
	return round()
}

// heard counts what is sent.
func (a *applyRun) heard(ev registrar.Event) {
	switch ev.What {
	case registrar.EventBroadcast:
		a.sent++
		a.total = max(a.total, a.sent)
		if a.progress != nil {
			a.progress.Update(a.sent, a.total)
		}
		a.env.Out.Detail("sent: %s %s", ev.Text, ev.Txid)
	case registrar.EventSigned:
		a.env.Out.Detail("signed and recorded: %s", ev.Text)
	}
}

// remaining is what the ceiling leaves after what the list has cost already.
func (a *applyRun) remaining(ctx context.Context, r *registrar.Registrar) (btcutil.Amount, error) {
	if a.o.MaxTotal == "" {
		return 0, nil
	}
	ceiling, err := txbuilder.ParseAmount(a.o.MaxTotal)
	if err != nil || a.list == "" {
		return ceiling, err
	}
	spent, err := r.Committed(ctx, a.list)
	if err != nil {
		return 0, err
	}
	return max(1, ceiling-spent), nil // 1 satoshi pays for nothing; 0 would be no ceiling
}
