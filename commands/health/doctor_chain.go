package health

import (
	"context"
	"errors"
	"strings"
	"time"

	"blockstack/commands/owned"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/names"
	"blockstack/names/holdings"
	"blockstack/names/index"
)

const (
	clockSlack = 2 * time.Hour // blocks may be that far ahead of the clock (the rule of Bitcoin's nodes)
	staleTip   = 6 * time.Hour // a public chain without a block for so long is one that the node does not follow
	dueSoon    = 4320          // blocks before a name runs out, about 30 days
)

// checkNode asks the node how far it is, and holds the clock to its newest block.
func (d *doctor) checkNode(ctx context.Context) {
	if d.env.Config.Offline {
		d.add("node", checkSkipped, "--offline forbids to ask")
		d.add("clock", checkSkipped, "there is no block to hold it to")
		return
	}
	n, err := d.env.Bitcoin(ctx)
	if err != nil {
		d.fail(ctx, "node", err)
		d.add("clock", checkSkipped, "there is no block to hold it to")
		return
	}
	height, hash, err := n.Tip(ctx)
	if err != nil {
		d.fail(ctx, "node", err)
		return
	}
	header, err := n.Header(ctx, hash)
	if err != nil {
		d.fail(ctx, "node", err)
		return
	}
	d.add("node", checkOK, "at block %d", height)
	switch peers, err := n.Peers(ctx); {
	case err != nil:
		d.fail(ctx, "peers", err)
	case peers == 0 && d.env.Config.Public():
		d.add("peers", checkWarn, "the node has none: it hears of no new block").hint("see the log of the node, and its firewall")
	default:
		d.add("peers", checkOK, "%s", voice.Count(peers, "peer"))
	}
	d.checkClock(header.Timestamp)
}

// checkClock compares the clock with the time of the newest block.
func (d *doctor) checkClock(block time.Time) {
	switch age := d.now.Sub(block); {
	case age < -clockSlack:
		f := d.add("clock", checkFail, "it is %s behind the newest block: profiles and unlock times are judged wrongly", about(-age)).
			hint("set the clock of this machine (timedatectl set-ntp true)")
		f.Code = "not_healthy"
	case d.env.Config.Public() && age > staleTip:
		d.add("clock", checkWarn, "the newest block is %s old: the clock is ahead, or the node does not keep up", about(age)).
			hint("compare the clock with another; see whether the node is syncing")
	default:
		d.add("clock", checkOK, "it agrees with the newest block, %s old", about(max(age, 0)))
	}
}

// checkNames looks at the index as it is and at the names that run out.
func (d *doctor) checkNames(ctx context.Context) {
	rules, err := d.env.Registry(ctx)
	if err != nil {
		d.withoutRules(ctx, "index", err)
		return
	}
	x, err := index.Open(d.env.Config.IndexFile(), rules, index.Options{ReadOnly: true, Timeout: time.Second})
	switch {
	case errors.Is(err, index.ErrNoIndex):
		d.add("index", checkSkipped, "there is none yet").hint("build it: blockstack index sync")
		return
	case errors.Is(err, index.ErrBusy):
		d.add("index", checkSkipped, "another command is using it")
		return
	case err != nil:
		d.fail(ctx, "index", err)
		return
	}
	defer x.Close()
	tip, err := x.Tip(ctx)
	if err != nil {
		d.fail(ctx, "index", err)
		return
	}
	d.judgeIndex(ctx, tip)
	d.checkDue(ctx, x, tip.Height)
	d.checkLost(ctx, x)
}

// withoutRules reports that a check could not be made because the name rules cannot be read. Where
// there are none, nothing is wrong.
func (d *doctor) withoutRules(ctx context.Context, check string, err error) {
	if noRules, noSandbox := new(home.NoRules), new(home.NoSandbox); errors.As(err, &noRules) || errors.As(err, &noSandbox) {
		d.add(check, checkSkipped, "%v", err)
		return
	}
	d.fail(ctx, check, err)
}

// checkLost looks for names that are no longer this wallet's. Those in grace are told already.
func (d *doctor) checkLost(ctx context.Context, x *index.Index) {
	if _, err := d.env.Wallet(ctx); err != nil {
		return
	}
	changes, err := owned.ChangesOfNames(ctx, d.env, x)
	if err != nil {
		d.fail(ctx, "lost names", err)
		return
	}
	var lost []string
	for _, c := range changes {
		if c.Event != holdings.InGrace {
			lost = append(lost, c.String())
		}
	}
	if len(lost) > 0 {
		d.add("lost names", checkWarn, "%s", strings.Join(lost, "; ")).hint("blockstack name list --lost")
	}
}

// judgeIndex compares the index with the node, where there is one.
func (d *doctor) judgeIndex(ctx context.Context, tip index.Tip) {
	behind := int32(0)
	if n, err := d.env.Bitcoin(ctx); err == nil {
		if height, _, err := n.Tip(ctx); err == nil {
			behind = height - tip.Height
		}
	}
	switch {
	case behind > 0:
		d.add("index", checkWarn, "at block %d, %s behind the node", tip.Height, voice.Count(int(behind), "block")).hint("blockstack index sync")
	case tip.ExactUntil < tip.Height:
		d.add("index", checkWarn, "at block %d, exact up to block %d", tip.Height, tip.ExactUntil).hint("docs/sources.md says why")
	default:
		d.add("index", checkOK, "at block %d", tip.Height)
	}
}

// checkDue looks for names of this wallet that run out.
func (d *doctor) checkDue(ctx context.Context, x *index.Index, height int32) {
	own := owned.Things{Ctx: ctx, Cfg: d.env.Config}
	if w, err := d.env.Wallet(ctx); err == nil {
		own.Wallet = w
	}
	var late, due []string
	total := 0
	for _, a := range own.Owners() {
		records, err := home.NamesOf(ctx, x, a.Script)
		if err != nil {
			d.fail(ctx, "names", err)
			return
		}
		for _, r := range records {
			switch {
			case r.Status == names.Expired:
				continue
			case r.Status == names.Grace:
				late = append(late, r.Name.String()+" (lost at block "+voice.Itoa(r.GraceEnds)+")")
			case r.ExpiresAt > 0 && r.ExpiresAt-height < dueSoon:
				due = append(due, r.Name.String()+" (block "+voice.Itoa(r.ExpiresAt)+")")
			}
			total++
		}
	}
	switch {
	case len(late) > 0:
		f := d.add("names", checkFail, "run out, only a renewal keeps them: %s", strings.Join(late, ", ")).hint("blockstack name renew NAME")
		f.Code = "in_grace"
	case len(due) > 0:
		d.add("names", checkWarn, "due within 30 days: %s", strings.Join(due, ", ")).hint("blockstack name renew NAME")
	default:
		d.add("names", checkOK, "%s, none due within 30 days", voice.Count(total, "name"))
	}
}
