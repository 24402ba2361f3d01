package health

import (
	"context"
	"errors"
	"strings"

	"blockstack/commands/owned"
	"blockstack/commands/voice"
	"blockstack/txbuilder/lastdays"
	"blockstack/txbuilder/registrar"
)

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

// checkPreorders looks for preorders that no job follows.
func (d *doctor) checkPreorders(ctx context.Context) {
	w, err := d.env.Wallet(ctx)
	if err != nil {
		d.add("preorders", checkSkipped, "there is no wallet to look at")
		return
	}
	if _, err := d.env.Registry(ctx); err != nil {
		d.withoutRules(ctx, "preorders", err)
		return
	}
	list, err := owned.UnfollowedPreorders(ctx, d.env, w)
	if err != nil {
		d.fail(ctx, "preorders", err)
		return
	}
	_, lines, err := owned.ViewSent(ctx, d.env, list)
	switch {
	case err != nil:
		d.fail(ctx, "preorders", err)
	case len(lines) == 0:
		d.add("preorders", checkOK, "a job follows each that can be used")
	default:
		d.add("preorders", checkWarn, "%s", strings.Join(lines, "; ")).hint(owned.RescueHint)
	}
}
