package jobrun

import (
	"context"
	"slices"

	"blockstack/commands/faults"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/txbuilder/registrar"
)

// SettleDoubt goes on where a plan says that nothing is started yet: with the user's word that it may be (--confirm), or, on the
// sandbox, where blocks are mined for whatever is waited for, after the blocks that it takes. assured is what the request is to say.
func SettleDoubt(ctx context.Context, e *session.Session, d *registrar.InDoubt, o Options) (assured int32, err error) {
	if slices.Contains(e.Said.Confirm, d.What) {
		return d.Since, nil
	}
	if o.DryRun {
		return 0, d
	}
	if d.Unread != nil {
		w, err := e.Wallet(ctx)
		if err != nil {
			return 0, err
		}
		if e.Said.NoInput && !e.Keys.HasPassword() {
			return 0, d
		}
		if err := e.Keys.UnlockHere(ctx, w); err != nil {
			return 0, err
		}
		if d.Blocks == 0 { // they are read now, and looked at again
			return 0, nil
		}
	}
	if o.Until(e.Config) != WaitDone {
		return 0, d
	}
	for range d.Blocks {
		mined, err := e.MineOne(ctx, o.NoMine)
		if err != nil {
			return 0, err
		}
		if !mined {
			return 0, d
		}
	}
	e.Out.Note("%s; %s was waited for before a preorder", d.Why.Text(), voice.Count(int(d.Blocks), "block"))
	return 0, nil
}

// DoubtOutcome ends a dry run as the run would end.
func DoubtOutcome(ctx context.Context, d *registrar.InDoubt) error {
	if d == nil {
		return nil
	}
	return faults.Of(ctx, d).Keep()
}
