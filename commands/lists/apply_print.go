package lists

import (
	"context"
	"fmt"
	"time"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/jobrun"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
)

// applyView is one line of the result.
type applyView struct {
	Line   int             `json:"line"`
	Name   names.Name      `json:"name"`
	Action string          `json:"action"` // register, renew, update, transfer, none
	State  string          `json:"state"`  // of the job; planned, unchanged, refused
	JobID  registrar.ID    `json:"job_id,omitempty"`
	Owner  string          `json:"owner_address,omitempty"`
	Txids  []string        `json:"txids"`
	Fee    int64           `json:"fee_sat"`
	Burn   int64           `json:"burn_sat"`
	Tokens int             `json:"burn_ustacks"` // a batch pays in bitcoin alone
	Error  *jobrun.Problem `json:"error,omitempty"`
	Reason string          `json:"reason,omitempty"`
	Expiry *applyRenewals  `json:"renewal,omitempty"`
}

// applyRenewals is what a renewal does.
type applyRenewals struct {
	Expires    int32 `json:"expires_at_height"`
	NewExpires int32 `json:"new_expires_at_height"`
	Wasted     int32 `json:"wasted_blocks"`
}

// view is how a line stands.
func (a *applyRun) view(l *applyLine) applyView {
	v := applyView{Line: l.at, Name: l.Name, Action: "none", State: "unchanged", Txids: []string{}}
	if l.Owner != nil {
		if rules, err := a.env.Registry(context.Background()); err == nil {
			v.Owner, _ = rules.ScriptAddress(l.Owner)
		}
	}
	if l.Item != nil {
		v.Action, v.State = string(l.Item.Kind), "planned"
	}
	if l.Cost != nil && l.Job == "" {
		v.Fee, v.Burn = int64(l.Cost.Fee), int64(l.Cost.Burn)
		if r := l.Cost.Renewal; r != nil {
			v.Expiry = &applyRenewals{r.Expires, r.NewExpires, r.Wasted}
		}
	}
	if j := a.Jobs[l.Job]; j != nil {
		p := j.ProgressOf(l.Name)
		v.Action, v.JobID, v.State, v.Reason = string(l.Action), l.Job, p.State.String(), p.Reason
		jv := j.View()
		v.Txids, v.Fee, v.Burn = jv.Txids, jv.FeeSat, jv.BurnSat
		for _, n := range jv.Names {
			if n.Name == l.Name.String() {
				v.Txids, v.Fee, v.Burn = n.Txids, n.FeeSat, n.BurnSat
			}
		}
	}
	if l.Refused != nil {
		f := faults.Of(context.Background(), l.Refused)
		v.State, v.Error = "refused", &jobrun.Problem{Code: f.Code, Message: f.Message}
	}
	return v
}

// emit prints the lines with which it is over, or all that were not printed yet. A name that goes
// on in another round is printed when that is over.
func (a *applyRun) emit(all bool) error {
	for _, l := range a.lines {
		if l.printed || !all && !(a.Over(l.Line) && a.Settled(l.Line)) {
			continue
		}
		l.printed = true
		v := a.view(l)
		if err := a.env.Out.Stream(a.schema, v, func(t *voice.Text) {
			text := fmt.Sprintf("%s\t%s\t%s\t%s", v.Name, v.Action, v.State, v.Owner)
			if v.Error != nil {
				text += "\t" + v.Error.Message
			} else if v.Reason != "" {
				text += "\t" + v.Reason
			}
			t.Line("%s", text)
		}); err != nil {
			return err
		}
	}
	return nil
}

// finish prints what was not printed yet, adds everything up, and says how it went.
func (a *applyRun) finish() error {
	if err := a.emit(true); err != nil {
		return err
	}
	if a.o.DryRun {
		return a.dryOutcome()
	}
	s := applySummary{Names: len(a.lines), States: map[string]int{}, Blocks: a.last - a.first, Seconds: int64(time.Since(a.started).Seconds())}
	var failed []*applyLine
	pending := 0
	for _, l := range a.lines {
		state := a.view(l).State
		s.States[state]++
		switch state {
		case "done", "unchanged":
		case "refused", "rejected", "expired", "cancelled":
			failed = append(failed, l)
		default:
			pending++
		}
	}
	spent := a.Spent()
	s.Transactions, s.FeeSat, s.BurnSat = spent.Transactions, int64(spent.Fees), int64(spent.Burnt)
	if err := a.summarize(&s); err != nil {
		return err
	}
	switch {
	case len(failed) > 0:
		return a.common(failed, fmt.Sprintf("%d of %d names failed", len(failed), len(a.lines)))
	case pending > 0 && a.firstFailure() != nil: // the others go on, this one does not by itself
		return faults.Of(context.Background(), a.firstFailure()).Keep().Hint("nothing is lost; go on with the same command, or: blockstack job resume")
	case pending > 0:
		return fault.New("pending", "%d of %d names are not finished", pending, len(a.lines)).Retry().Keep().
			Hint("go on with the same command, or: blockstack job resume")
	}
	a.env.Out.Note("%s", s.text())
	return nil
}

// summarize prints the sums for programs, as the last line.
func (a *applyRun) summarize(s *applySummary) error {
	if !a.env.Out.JSON() {
		return nil
	}
	return a.env.Out.Stream(a.schema+"-summary", s, nil)
}

// dryOutcome is how a run would end as far as the rules say: names that they refuse end it with
// their code.
func (a *applyRun) dryOutcome() error {
	var refused []*applyLine
	for _, l := range a.lines {
		if l.Refused != nil {
			refused = append(refused, l)
		}
	}
	if len(refused) == 0 {
		return nil
	}
	return a.common(refused, fmt.Sprintf("%d of %d names would fail", len(refused), len(a.lines)))
}

// planView is the plan of a batch as programs see it.
type planView struct {
	DryRun       bool     `json:"dry_run"`
	Names        int      `json:"names"`
	Transactions int      `json:"transactions"`
	Series       int      `json:"series"`
	FeeSat       int64    `json:"fee_sat"`
	FeeHighSat   int64    `json:"fee_high_sat"`
	BurnSat      int64    `json:"burn_sat"`
	GivenSat     int64    `json:"given_sat"`
	TotalSat     int64    `json:"total_sat"`
	WorstSat     int64    `json:"worst_sat"`
	LockedSat    int64    `json:"locked_sat"`
	Height       int32    `json:"height,omitempty"` // absent: nothing was planned
	Blocks       int32    `json:"blocks"`
	Irreversible []string `json:"irreversible"`
	Risks        []string `json:"risks"`
}

// printPlan is the plan as the result of --dry-run, after its lines. nil: nothing is to be done.
func (a *applyRun) printPlan(b *registrar.Batch) error {
	ctx, v := context.Background(), planView{DryRun: true, Irreversible: []string{}, Risks: []string{}}
	var lines []string
	var doubt *registrar.InDoubt
	if b != nil && len(b.Series) > 0 {
		est := b.Estimate()
		if err := jobrun.ServiceOf(a.env, false).Caution(ctx, est); err != nil {
			return err
		}
		v = planView{DryRun: true, Transactions: b.Transactions, Series: len(b.Series), FeeSat: int64(b.Fee), FeeHighSat: int64(b.FeeHigh),
			BurnSat: int64(b.Burn), GivenSat: int64(b.Given), TotalSat: int64(b.Total), WorstSat: int64(b.Worst), LockedSat: int64(b.Locked),
			Height: b.Height, Blocks: b.Blocks, Names: len(est.Request.Series.Items), Irreversible: append([]string{}, est.Irreversible...), Risks: append([]string{}, est.Risks...)}
		lines, doubt = a.planLines(b, est), b.Doubt
	}
	more, err := a.addAlone(ctx, &v)
	if err != nil {
		return err
	}
	lines = append(lines, more...)
	if len(lines) == 0 && !a.env.Out.JSON() {
		a.env.Out.Note("nothing is to be done")
		return nil
	}
	if err := a.env.Out.Stream(a.schema+"-plan", v, func(t *voice.Text) {
		for _, line := range lines {
			t.Line("%s", line)
		}
	}); err != nil || doubt == nil {
		return err
	}
	return jobrun.DoubtOutcome(ctx, doubt)
}

// shownNames is how many names a plan lists for people; the lines of --dry-run list all.
const shownNames = 30

// planLines is a plan in words.
func (a *applyRun) planLines(b *registrar.Batch, est *registrar.Estimate) []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	n := len(est.Request.Series.Items)
	add("%s, as things stand at block %d:", voice.Count(n, "name"), b.Height)
	shown := 0
	for _, l := range a.lines {
		if l.Item == nil || l.Alone != nil || l.Refused != nil || l.Cost == nil {
			continue
		}
		if shown++; shown > shownNames {
			continue
		}
		v := a.view(l)
		text := fmt.Sprintf("  %s %s: price %s, fees %s, owner %s", l.Item.Kind, l.Name, voice.BTC(l.Cost.Burn), voice.BTC(l.Cost.Fee), v.Owner)
		if l.Item.To != nil {
			text += ", given away"
		}
		if r := l.Cost.Renewal; r != nil {
			text += fmt.Sprintf(", expires at block %d now, at about block %d then; %d blocks are thrown away", r.Expires, r.NewExpires, r.Wasted)
		}
		lines = append(lines, text)
	}
	if shown > shownNames {
		add("  and %d more; --dry-run lists all", shown-shownNames)
	}
	add("  %d transactions: one makes %s, the others spend each other's change, at most %d in a row", b.Transactions, voice.Count(len(b.Series), "coin"), registrar.MaxSeries)
	add("  prices: %s", voice.BTC(b.Burn))
	add("  fees: %s, at most %s if fees rise", voice.BTC(b.Fee), voice.BTC(b.FeeHigh))
	if b.Given > 0 {
		add("  to the owners, with their names: %s", voice.BTC(b.Given))
	}
	add("  in all: %s, at most %s; %s more are set aside until it is done", voice.BTC(b.Total), voice.BTC(b.Worst), voice.BTC(max(0, b.Locked)))
	add("  takes about %s", voice.Count(int(b.Blocks), "block"))
	for _, s := range est.Irreversible {
		add("  cannot be undone: %s", s)
	}
	for _, s := range est.Risks {
		add("  risk: %s", s)
	}
	return lines
}
