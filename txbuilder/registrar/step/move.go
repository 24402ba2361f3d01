package step

import (
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
)

// moveSigned sends the move until it is in a block, and then begins what it was for.
func (s *stepper) moveSigned() Action {
	first, to := s.flow.First(), s.started()
	if v, _ := s.mined(first); v != nil { // a reorg had taken both away
		return s.settle(first, v, to)
	}
	if a, over := s.pointless(); over {
		return a
	}
	if v, _ := s.mined(job.RoleMove); v != nil {
		if st := s.j.Stage(job.RoleMove); st.Versions[st.Current] != v {
			return s.settle(job.RoleMove, v, job.MoveSigned)
		}
		return s.follow(first, v.Txid, to)
	}
	st := s.j.Stage(job.RoleMove)
	if a, ok := s.dead(st, job.MoveSigned); ok {
		return a
	}
	return s.push(st, chainhash.Hash{}, 0, job.MoveSigned)
}

// pointless ends a job that has only moved coins when its name is gone.
func (s *stepper) pointless() (Action, bool) {
	const lost = "; nothing was paid but the fee of moving coins"
	switch {
	case !s.j.Request.Kind.OfOwner() && (s.f.Taken || s.f.Held):
		return s.over(job.Rejected, "the name was registered meanwhile"+lost), true
	case s.j.Request.Kind.OfOwner() && s.f.Barred != "":
		if s.f.BarredFor < s.need {
			return s.waitSettled(), true
		}
		return s.over(job.Rejected, s.f.Barred+lost), true
	}
	return Action{}, false
}

// unmoved goes back when the move that the current version spends is not, or not any more, in a
// block.
func (s *stepper) unmoved(st *job.Stage, stay job.State) (Action, bool) {
	if s.j.Stage(job.RoleMove) == nil {
		return Action{}, false
	}
	v, _ := s.mined(job.RoleMove)
	switch {
	case v == nil:
		return s.enter(job.MoveSigned), true
	case st.Versions[st.Current].Parent != v.Txid:
		return s.follow(st.Role, v.Txid, stay), true
	}
	return Action{}, false
}
