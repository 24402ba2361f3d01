package commands

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"slices"

	"blockstack/commands/faults"
	"blockstack/commands/voice"
	"blockstack/txbuilder/lastdays"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/backup"
)

// beginHome notes, before a wallet is made, where its seed is from, so that the home knows later whether it may have forgotten what
// it sent. An empty reason is that of a seed that is made here.
func (e *Env) beginHome(why lastdays.Why) error {
	origin := lastdays.TypedSeed
	if why == "" {
		origin = lastdays.MadeSeed
	}
	if err := origin(e.Config.Home, e.Config.Network); err != nil {
		return err
	}
	return lastdays.Begin(e.Config.NetworkPath(), why)
}

// beginNetwork is beginHome for one more network of a seed that is there. What a creation that was interrupted has noted stays.
func (e *Env) beginNetwork() error {
	if lastdays.Has(e.Config.NetworkPath()) {
		return nil
	}
	why, err := lastdays.AddNetwork(e.Config.Home, e.Config.Network)
	if err != nil {
		return err
	}
	return lastdays.Begin(e.Config.NetworkPath(), why)
}

// beginRestored is beginHome for all networks of a backup. What is here of the same wallet (mine) keeps its own record, in which it
// stands that labels.db comes back where it was lost.
func (e *Env) beginRestored(a *backup.Archive, mine bool) error {
	if !mine {
		if err := e.beginHome(lastdays.Backup); err != nil {
			return err
		}
	}
	for _, name := range a.Names() {
		folder, file := path.Split(name)
		if file != "labels.db" || folder == "" {
			continue
		}
		dir := filepath.Join(e.Config.Home, filepath.FromSlash(folder))
		there, err := isThere(filepath.Join(dir, file))
		switch {
		case err != nil:
			return err
		case !mine:
			err = lastdays.Begin(dir, lastdays.Backup)
		case !there:
			err = lastdays.BringBack(dir)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// settleDoubt goes on where a plan says that nothing is started yet: with the user's word that it may be (--confirm), or, on the
// sandbox, where blocks are mined for whatever is waited for, after the blocks that it takes. assured is what the request is to say.
func (e *Env) settleDoubt(ctx context.Context, d *registrar.InDoubt, o jobOptions) (assured int32, err error) {
	if slices.Contains(e.said.Confirm, d.What) {
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
		if e.said.NoInput && !e.HasPassword() {
			return 0, d
		}
		if err := e.unlockHere(ctx, w); err != nil {
			return 0, err
		}
		if d.Blocks == 0 { // they are read now, and looked at again
			return 0, nil
		}
	}
	if o.until(e.Config) != waitDone {
		return 0, d
	}
	for range d.Blocks {
		mined, err := e.mineOne(ctx, o.NoMine)
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

// doubtOutcome ends a dry run as the run would end.
func doubtOutcome(ctx context.Context, d *registrar.InDoubt) error {
	if d == nil {
		return nil
	}
	return faults.Of(ctx, d).Keep()
}

// checkLastDays says whether this home knows what it sent of late.
func (d *doctor) checkLastDays(ctx context.Context) {
	doubt, err := lastdays.Look(d.env.Config.NetworkPath())
	switch {
	case errors.Is(err, lastdays.ErrBad):
		d.add("last days", checkWarn, "the record of what was sent last cannot be read; the next command that sends begins a new one")
	case err != nil:
		d.fail(ctx, "last days", err)
	case doubt == nil:
		d.add("last days", checkOK, "this home knows what it has sent")
	case doubt.Since == 0:
		d.add("last days", checkWarn, "%s; preorders wait for some blocks from the first look at the chain on", doubt.Why.Text()).
			hint("look at the chain: blockstack job rescue")
	default:
		d.judgeDoubt(ctx, doubt)
	}
}

// judgeDoubt says whether a doubt still holds preorders up.
func (d *doctor) judgeDoubt(ctx context.Context, doubt *lastdays.Doubt) {
	blocks := d.env.DoubtBlocks()
	if blocks == 0 {
		blocks = registrar.DoubtBlocks
	}
	from := doubt.Since + blocks
	n, err := d.env.Bitcoin(ctx)
	if err != nil {
		d.add("last days", checkWarn, "%s; no preorder is started before block %d", doubt.Why.Text(), from)
		return
	}
	switch tip, _, err := n.Tip(ctx); {
	case err != nil:
		d.fail(ctx, "last days", err)
	case tip < from:
		d.add("last days", checkWarn, "%s; no preorder is started before block %d", doubt.Why.Text(), from).
			hint("read what it knew from a copy of its journal: blockstack job import DIR")
	default:
		d.add("last days", checkOK, "%s, %s ago", doubt.Why.Text(), voice.Count(int(tip-doubt.Since), "block"))
	}
}
