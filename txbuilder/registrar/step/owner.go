package step

import (
	"fmt"

	"blockstack/txbuilder/registrar/job"
)

// ownerPlanned begins an owner's operation.
func (s *stepper) ownerPlanned() Action {
	if s.f.Barred == "" {
		return Action{Do: DoSign, Role: s.flow.Update, To: job.UpdateSigned}
	}
	if s.f.BarredFor < s.need {
		return s.waitSettled()
	}
	return s.over(job.Rejected, s.f.Barred+"; nothing was paid")
}

// ownerSigned sends an owner's operation until the index has accepted it.
func (s *stepper) ownerSigned() Action {
	role := s.flow.Update
	if v, t := s.mined(role); v != nil {
		switch t.verdict() {
		case unread:
			return s.waitIndex(v)
		case refused:
			return s.refused(v, t)
		}
		return s.settle(role, v, job.UpdateConfirmed)
	}
	st := s.j.Stage(role)
	if s.f.Barred != "" {
		return s.barred(st)
	}
	if d := s.j.Deadline; d > 0 && s.f.Tip >= d && s.j.Request.Kind == job.KindRenew {
		return s.giveBack(fmt.Sprintf("the renewal counted up to block %d", d))
	}
	if a, ok := s.unmoved(st, job.UpdateSigned); ok {
		return a
	}
	if a, ok := s.dead(st, job.UpdateSigned); ok {
		return a
	}
	if a, ok := s.outdated(st, job.UpdateSigned); ok {
		return a
	}
	return s.push(st, st.Versions[st.Current].Parent, s.j.Deadline, job.UpdateSigned)
}

// barred deals with an operation that the index would refuse in the next block: the name is
// somebody else's, has expired, was revoked, or is gone in a reorg. A renewal's price is kept from
// being burnt for nothing; what costs only its fee is left alone.
func (s *stepper) barred(st *job.Stage) Action {
	if s.f.BarredFor < s.need {
		return s.waitSettled()
	}
	for _, v := range st.Versions {
		if !s.f.Txs[v.Txid].InMempool {
			continue
		}
		if s.j.Request.Kind == job.KindRenew {
			return s.giveBack(s.f.Barred)
		}
		return s.wait(&job.Wait{For: fmt.Sprintf("%s to be mined, though it will change nothing: %s", job.Words(st.Role), s.f.Barred), Txid: &v.Txid})
	}
	return s.over(job.Rejected, s.f.Barred)
}

// giveBack replaces the operation by a transaction that returns its coins.
func (s *stepper) giveBack(reason string) Action {
	return Action{Do: DoSign, Role: job.RoleReturn, To: job.Cancelling, Reason: reason}
}

func (s *stepper) waitSettled() Action {
	return s.wait(&job.Wait{For: "the chain to settle: " + s.f.Barred, Blocks: s.need - s.f.BarredFor})
}

// dead makes a new version where every one there is spends a coin that another, confirmed
// transaction has taken away for good. As none of them can ever confirm, the new one may have other
// inputs.
func (s *stepper) dead(st *job.Stage, stay job.State) (Action, bool) {
	if !s.f.Dead[st.Versions[st.Current].Txid] {
		return Action{}, false
	}
	for i := len(st.Versions) - 1; i >= 0; i-- {
		if !s.f.Dead[st.Versions[i].Txid] {
			return Action{Do: DoUse, Role: st.Role, Version: i, To: stay}, true
		}
	}
	return Action{Do: DoSign, Role: st.Role, To: stay}, true
}
