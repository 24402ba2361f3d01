package lists

import (
	"context"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/jobrun"
	"blockstack/commands/line"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/lists"
	"blockstack/wallet"
)

// applyLine is one name of a run, as it is shown.
type applyLine struct {
	*lists.Line
	at      int // line of the list
	printed bool
}

// add makes a name one of the run.
func (a *applyRun) add(at int, l *lists.Line) *applyLine {
	shown := &applyLine{Line: l, at: at}
	a.Lines, a.lines = append(a.Lines, l), append(a.lines, shown)
	return shown
}

// listWallet is the wallet as lists see it.
type listWallet struct{ w *wallet.Wallet }

// Ours says whether a script is one of the wallet's.
func (l listWallet) Ours(ctx context.Context, script []byte) (bool, error) {
	_, ours, err := l.w.ScriptAddress(ctx, script)
	return ours, err
}

// OwnerScript is the script of an identity.
func (l listWallet) OwnerScript(ctx context.Context, n uint32) ([]byte, error) {
	return l.w.OwnerScript(ctx, n)
}

// plan finds out what each name still needs, and plans it; nil: nothing is to be started.
func (a *applyRun) plan(ctx context.Context, rate txbuilder.FeeRate) (b *registrar.Batch, err error) {
	err = withKeys(ctx, a.env, func() error {
		return a.env.WithJobs(ctx, nil, func(r *registrar.Registrar) error {
			b, err = a.planWith(ctx, r, rate)
			return err
		})
	})
	return b, err
}

func (a *applyRun) planWith(ctx context.Context, r *registrar.Registrar, rate txbuilder.FeeRate) (*registrar.Batch, error) {
	w, err := a.env.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	a.RenewOnly, a.Capped, a.MaxIdentity, a.Words = a.schema == "name.renew", a.o.MaxTotal != "", line.MaxIdentity, func(ctx context.Context, err error) error { return jobrun.NameOwner(ctx, a.env, err) }
	a.Later = func(l *lists.Line, err error) {
		a.env.Out.Note("%s is renewed when the coins of the others are back: %v", l.Name, err)
	}
	return a.Plan(ctx, r, listWallet{w}, lists.Order{Rate: rate, List: a.list, Scripts: func(ctx context.Context, n int) ([][]byte, error) { return batchScripts(ctx, a.env, n) },
		Ceiling: func(ctx context.Context) (btcutil.Amount, error) { return a.remaining(ctx, r) }})
}

// refusals ends a run in which the rules refuse a name, before anything is signed, unless the
// others are to go on.
func (a *applyRun) refusals() error {
	var refused []*applyLine
	for _, l := range a.lines {
		if l.Refused != nil {
			refused = append(refused, l)
		}
	}
	if len(refused) == 0 || a.partial {
		return nil
	}
	if err := a.emit(true); err != nil {
		return err
	}
	return a.common(refused, fmt.Sprintf("%d of %d names cannot be brought to what is wanted; nothing was signed", len(refused), len(a.lines))).
		Hint("take them out of the list, or go on with the others: --partial")
}

// common is the fault of lines that failed: with the code that they share, else one for all.
func (a *applyRun) common(failed []*applyLine, text string) *fault.Fault {
	var errs []error
	for _, l := range failed {
		errs = append(errs, l.Refused)
	}
	f := fault.New(faults.Common(context.Background(), errs), "%s", text).Keep()
	if l := failed[0]; l.Refused != nil {
		f.Message += fmt.Sprintf(": %v", l.Refused)
		f.Because(errors.Join(l.Refused))
		if c := new(registrar.Conflict); errors.As(l.Refused, &c) && c.Listed { // nothing goes on by itself
			f.Hints = append(f.Hints, faults.Of(context.Background(), l.Refused).Hints...)
		}
	}
	return f
}
