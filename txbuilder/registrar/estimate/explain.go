package estimate

import (
	"fmt"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
)

// explain says what cannot be undone and who could interfere.
func (e *Estimate) explain(j *job.Job) {
	if j.Request.Kind.OfOwner() {
		e.explainOwner(j)
		return
	}
	if j.Request.Kind == job.KindImport {
		e.explainImport(j)
		return
	}
	what := j.Request.Subject()
	paid := txbuilder.FormatAmount(e.Burn)
	if e.BurnTokens != nil {
		paid += fmt.Sprintf(" and %s microSTACKS", e.BurnTokens)
	}
	e.Irreversible = append(e.Irreversible,
		fmt.Sprintf("once the preorder of %s is in a block, the %s it pays is gone, whether or not the rest succeeds", what, paid))
	if j.Request.Kind == job.KindLaunch {
		e.Irreversible = append(e.Irreversible, "the rules of the namespace can never be changed once they are revealed")
		e.Risks = append(e.Risks, "somebody who sees the reveal before it is in a block cannot take the namespace without a preorder of their own, made earlier")
		return
	}
	if e.RegisterWithin > 0 {
		e.Irreversible = append(e.Irreversible,
			fmt.Sprintf("a registration that is in no block %d blocks after the preorder loses the name and what was paid", e.RegisterWithin))
	}
	e.Risks = append(e.Risks,
		"somebody who preordered the same name before can register it first; then what this job paid is lost",
		"two valid registrations of one name in one block are both refused; the job then says so")
}

// explainImport says what cannot be undone about an import.
func (e *Estimate) explainImport(j *job.Job) {
	set := j.Request.Import
	e.Irreversible = append(e.Irreversible,
		fmt.Sprintf("each import carries its zone-file hash in an output that nobody can spend; the %d outputs are lost", len(set.Names)),
		"the first import fixes for good which keys may import into the namespace")
	e.Risks = append(e.Risks,
		"until the namespace is opened its revealer can import a name again, to another owner",
		"one private key of the ring, with the revealer's public key that the first import shows, gives away the revealer's key; the wallet never shows or exports one, and signs no messages with them")
}

// explainOwner says what cannot be undone about an owner's operation.
func (e *Estimate) explainOwner(j *job.Job) {
	req, n := &j.Request, j.Request.Name
	if req.To != nil {
		e.Irreversible = append(e.Irreversible, fmt.Sprintf("once it is in a block, %s belongs to the new owner, and only they can give it back", n))
	}
	switch req.Kind {
	case job.KindRenew:
		paid := txbuilder.FormatAmount(e.Burn)
		if e.BurnTokens != nil {
			paid += fmt.Sprintf(" and %s microSTACKS", e.BurnTokens)
			if len(req.ZoneFile) == 0 {
				e.Risks = append(e.Risks, "paid in STACKS, a renewal writes the zone-file hash anew: the one there is now, or zeroes if there is none")
			}
		}
		e.Irreversible = append(e.Irreversible,
			fmt.Sprintf("once the renewal is in a block, the %s it pays is gone, whether or not it counts", paid))
		if w := e.Renewal.Wasted; w > 0 {
			e.Irreversible = append(e.Irreversible, fmt.Sprintf("a renewal restarts the lifetime; the %d blocks that are left are thrown away", w))
		}
	case job.KindTransfer:
		if req.Erase {
			e.Irreversible = append(e.Irreversible, "the zone-file hash is erased")
		}
	case job.KindRevoke:
		e.Irreversible = append(e.Irreversible,
			fmt.Sprintf("%s becomes unusable, for its owner too, and nobody can have it before it has expired", n))
	}
	e.Risks = append(e.Risks, "a reorganisation deeper than the confirmations waited for could make the index refuse it; the job then says so")
}

// Estimate is the batch as one estimate, for the questions that are asked about any.
func (b *Batch) Estimate() *Estimate {
	all := b.Series[0]
	all.Series = &job.Series{}
	for i := range b.Series {
		all.Series.Items = append(all.Series.Items, b.Series[i].Series.Items...)
	}
	est := &Estimate{Request: all, Fee: b.Fee, FeeHigh: b.FeeHigh, Burn: b.Burn, Given: b.Given, Total: b.Total, Worst: b.Worst,
		Locked: b.Locked, Height: b.Height, ExactUntil: b.ExactUntil, Blocks: b.Blocks}
	if b.Burn > 0 {
		est.Irreversible = append(est.Irreversible, "once a preorder or a renewal is in a block, what it pays is gone, whether or not the rest succeeds")
	}
	kinds := map[job.Kind]bool{}
	for _, it := range all.Series.Items {
		kinds[it.Kind] = true
	}
	if kinds[job.KindTransfer] {
		est.Irreversible = append(est.Irreversible, "once a transfer is in a block, the name belongs to its new owner, and only they can give it back")
	}
	if kinds[job.KindRenew] {
		est.Irreversible = append(est.Irreversible, "a renewal restarts the lifetime; what is left of it is thrown away")
	}
	if b.Doubt != nil {
		est.Risks = append(est.Risks, b.Doubt.Error())
	}
	if kinds[job.KindRegister] {
		est.Risks = append(est.Risks, "somebody who preordered one of the names before can register it first; then what was paid for it is lost")
	}
	return est
}
