package step

import (
	"fmt"

	"blockstack/txbuilder/registrar/job"
)

// judge says where a name of the series stands, and notes what it needs.
func (s *seriesStepper) judge(i int) job.Progress {
	p, it, n := s.j.Items[i], &s.j.Request.Series.Items[i], s.f.nameFact(i)
	mine := s.at[i]
	if len(mine) == 0 {
		return s.unpaid(i, p, n)
	}
	p.Dropped = 0
	last := mine[len(mine)-1]
	t := s.f.Txs[last.Version.Txid]
	if t.verdict() == refused {
		if t.Confirmations < s.need {
			s.settling = true
			return s.later(p, signedState(last.Stage.Role), &job.Wait{For: "the chain to settle that it was refused", Blocks: s.need - t.Confirmations})
		}
		reason := t.Reason
		if reason == "" {
			reason = "the name rules refused it"
		}
		return ended(p, job.Rejected, fmt.Sprintf("transaction %s in block %d: %s", last.Version.Txid, t.Height, reason))
	}
	if last.Stage.Role == job.RolePreorder {
		return s.preordered(i, p, n, last, t)
	}
	state := job.UpdateConfirmed
	if last.Stage.Role == job.RoleRegister {
		state = job.RegisterConfirmed
	}
	if s.f.CanPublish && !p.IsPublic && len(it.ZoneFile) > 0 {
		s.publish = append(s.publish, i)
	}
	if t.Confirmations < s.need {
		return s.later(p, state, &job.Wait{For: fmt.Sprintf("confirmations (%d of %d)", t.Confirmations, s.need), Blocks: s.need - t.Confirmations, Txid: &last.Version.Txid})
	}
	return ended(p, job.Done, "")
}

// unpaid is a name for which nothing is in a block.
func (s *seriesStepper) unpaid(i int, p job.Progress, n NameFact) job.Progress {
	it := &s.j.Request.Series.Items[i]
	role, signed := job.RolePreorder, job.PreorderSigned
	if it.Kind.OfOwner() {
		role, signed = it.Kind.Role(), job.UpdateSigned
	}
	drop := ""
	switch {
	case p.Dropped != 0:
		return ended(p, p.Dropped, p.Reason)
	case it.Kind == job.KindRegister && n.Held:
		drop = "the name was registered meanwhile; nothing was paid"
	case it.Kind == job.KindRegister && n.Taken && n.TakenFor >= s.need:
		drop = fmt.Sprintf("%s got the name before the preorder was confirmed; nothing was paid", n.TakenBy)
	case it.Kind.OfOwner() && n.Barred != "" && n.BarredFor >= s.need:
		drop = n.Barred + "; nothing was paid"
	case it.Kind == job.KindRenew && p.Deadline > 0 && s.f.Tip >= p.Deadline:
		drop = fmt.Sprintf("the renewal counted up to block %d; nothing was paid", p.Deadline)
	}
	if drop != "" {
		p.Dropped = job.Rejected
		return ended(p, job.Rejected, drop)
	}
	s.first = append(s.first, i)
	p.Reason = ""
	if p.State = job.Planned; s.j.StageOf(role, it.Name) != nil {
		p.State = signed
	}
	return p
}

// preordered is a name whose preorder counts.
func (s *seriesStepper) preordered(i int, p job.Progress, n NameFact, l job.Link, t TxFact) job.Progress {
	if s.f.Lifetime > 0 && s.f.Tip+1 > t.Height+s.f.Lifetime {
		return ended(p, job.Expired, fmt.Sprintf("the preorder of block %d could be used up to block %d; what it burnt is lost, and the name needs a new preorder from another address",
			t.Height, t.Height+s.f.Lifetime))
	}
	if n.Held {
		return ended(p, job.Rejected, "the name is its owner's already: another transaction registered it")
	}
	if n.Taken && n.TakenFor >= s.need {
		return ended(p, job.Rejected, fmt.Sprintf("%s got the name first; what the preorder burnt is lost", n.TakenBy))
	}
	switch {
	case n.Taken:
		s.settling = true
		return s.later(p, job.PreorderConfirmed, &job.Wait{For: "the chain to settle who has the name", Blocks: s.need - n.TakenFor})
	case t.Confirmations < s.need:
		s.settling = true
		s.shallow = append(s.shallow, i)
		return s.later(p, job.PreorderSigned, &job.Wait{For: fmt.Sprintf("confirmations (%d of %d)", t.Confirmations, s.need), Blocks: s.need - t.Confirmations, Txid: &l.Version.Txid})
	}
	s.second = append(s.second, i)
	p.State, p.Reason = job.PreorderConfirmed, ""
	if st := s.j.StageOf(job.RoleRegister, s.j.Request.Series.Items[i].Name); st != nil && st.Used {
		p.State = job.RegisterSigned
	}
	return p
}

// later is a name that needs nothing but blocks.
func (s *seriesStepper) later(p job.Progress, state job.State, w *job.Wait) job.Progress {
	p.State, p.Reason = state, ""
	if s.soonest == nil || w.Blocks > s.soonest.Blocks {
		s.soonest = w
	}
	return p
}

// ended is a name with which nothing is left to do.
func ended(p job.Progress, state job.State, reason string) job.Progress {
	p.State, p.Reason = state, reason
	return p
}

// signedState is the state in which a transaction of a role waits.
func signedState(role job.Role) job.State {
	switch role {
	case job.RolePreorder:
		return job.PreorderSigned
	case job.RoleRegister:
		return job.RegisterSigned
	}
	return job.UpdateSigned
}
