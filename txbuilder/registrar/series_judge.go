package registrar

import "fmt"

// judge says where a name of the series stands, and notes what it needs.
func (s *seriesStepper) judge(i int) Progress {
	p, it, n := s.j.Items[i], &s.j.Request.Series.Items[i], s.f.nameFact(i)
	mine := s.at[i]
	if len(mine) == 0 {
		return s.unpaid(i, p, n)
	}
	p.Dropped = 0
	last := mine[len(mine)-1]
	t := s.f.Txs[last.v.Txid]
	if t.verdict() == refused {
		if t.Confirmations < s.need {
			s.settling = true
			return s.later(p, signedState(last.st.Role), &Wait{For: "the chain to settle that it was refused", Blocks: s.need - t.Confirmations})
		}
		reason := t.Reason
		if reason == "" {
			reason = "the name rules refused it"
		}
		return ended(p, Rejected, fmt.Sprintf("transaction %s in block %d: %s", last.v.Txid, t.Height, reason))
	}
	if last.st.Role == RolePreorder {
		return s.preordered(i, p, n, last, t)
	}
	state := UpdateConfirmed
	if last.st.Role == RoleRegister {
		state = RegisterConfirmed
	}
	if s.f.CanPublish && !p.IsPublic && len(it.ZoneFile) > 0 {
		s.publish = append(s.publish, i)
	}
	if t.Confirmations < s.need {
		return s.later(p, state, &Wait{For: fmt.Sprintf("confirmations (%d of %d)", t.Confirmations, s.need), Blocks: s.need - t.Confirmations, Txid: &last.v.Txid})
	}
	return ended(p, Done, "")
}

// unpaid is a name for which nothing is in a block.
func (s *seriesStepper) unpaid(i int, p Progress, n nameFact) Progress {
	it := &s.j.Request.Series.Items[i]
	role, signed := RolePreorder, PreorderSigned
	if it.Kind.ofOwner() {
		role, signed = it.Kind.role(), UpdateSigned
	}
	drop := ""
	switch {
	case p.Dropped != 0:
		return ended(p, p.Dropped, p.Reason)
	case it.Kind == KindRegister && n.Held:
		drop = "the name was registered meanwhile; nothing was paid"
	case it.Kind == KindRegister && n.Taken && n.TakenFor >= s.need:
		drop = fmt.Sprintf("%s got the name before the preorder was confirmed; nothing was paid", n.TakenBy)
	case it.Kind.ofOwner() && n.Barred != "" && n.BarredFor >= s.need:
		drop = n.Barred + "; nothing was paid"
	case it.Kind == KindRenew && p.Deadline > 0 && s.f.Tip >= p.Deadline:
		drop = fmt.Sprintf("the renewal counted up to block %d; nothing was paid", p.Deadline)
	}
	if drop != "" {
		p.Dropped = Rejected
		return ended(p, Rejected, drop)
	}
	s.first = append(s.first, i)
	p.Reason = ""
	if p.State = Planned; s.j.stageOf(role, it.Name) != nil {
		p.State = signed
	}
	return p
}

// preordered is a name whose preorder counts.
func (s *seriesStepper) preordered(i int, p Progress, n nameFact, l link, t TxFact) Progress {
	if s.f.Lifetime > 0 && s.f.Tip+1 > t.Height+s.f.Lifetime {
		return ended(p, Expired, fmt.Sprintf("the preorder of block %d could be used up to block %d; what it burnt is lost, and the name needs a new preorder from another address",
			t.Height, t.Height+s.f.Lifetime))
	}
	if n.Held {
		return ended(p, Rejected, "the name is its owner's already: another transaction registered it")
	}
	if n.Taken && n.TakenFor >= s.need {
		return ended(p, Rejected, fmt.Sprintf("%s got the name first; what the preorder burnt is lost", n.TakenBy))
	}
	switch {
	case n.Taken:
		s.settling = true
		return s.later(p, PreorderConfirmed, &Wait{For: "the chain to settle who has the name", Blocks: s.need - n.TakenFor})
	case t.Confirmations < s.need:
		s.settling = true
		s.shallow = append(s.shallow, i)
		return s.later(p, PreorderSigned, &Wait{For: fmt.Sprintf("confirmations (%d of %d)", t.Confirmations, s.need), Blocks: s.need - t.Confirmations, Txid: &l.v.Txid})
	}
	s.second = append(s.second, i)
	p.State, p.Reason = PreorderConfirmed, ""
	if st := s.j.stageOf(RoleRegister, s.j.Request.Series.Items[i].Name); st != nil && st.Used {
		p.State = RegisterSigned
	}
	return p
}

// later is a name that needs nothing but blocks.
func (s *seriesStepper) later(p Progress, state State, w *Wait) Progress {
	p.State, p.Reason = state, ""
	if s.soonest == nil || w.Blocks > s.soonest.Blocks {
		s.soonest = w
	}
	return p
}

// ended is a name with which nothing is left to do.
func ended(p Progress, state State, reason string) Progress {
	p.State, p.Reason = state, reason
	return p
}

// signedState is the state in which a transaction of a role waits.
func signedState(role Role) State {
	switch role {
	case RolePreorder:
		return PreorderSigned
	case RoleRegister:
		return RegisterSigned
	}
	return UpdateSigned
}
