package registrar

import "github.com/btcsuite/btcd/chainhash/v2"

// moveSigned sends the move until it is in a block, and then begins what it was for.
func (s *stepper) moveSigned() Action {
	first, to := s.flow.first(), s.started()
	if v, _ := s.mined(first); v != nil { // a reorg had taken both away
		return s.settle(first, v, to)
	}
	if a, over := s.pointless(); over {
		return a
	}
	if v, _ := s.mined(RoleMove); v != nil {
		if st := s.j.stage(RoleMove); st.Versions[st.Current] != v {
			return s.settle(RoleMove, v, MoveSigned)
		}
		return s.follow(first, v.Txid, to)
	}
	st := s.j.stage(RoleMove)
	if a, ok := s.dead(st, MoveSigned); ok {
		return a
	}
	return s.push(st, chainhash.Hash{}, 0, MoveSigned)
}

// pointless ends a job that has only moved coins when its name is gone.
func (s *stepper) pointless() (Action, bool) {
	const lost = "; nothing was paid but the fee of moving coins"
	switch {
	case !s.j.Request.Kind.ofOwner() && (s.f.Taken || s.f.Held):
		return s.over(Rejected, "the name was registered meanwhile"+lost), true
	case s.j.Request.Kind.ofOwner() && s.f.Barred != "":
		if s.f.BarredFor < s.need {
			return s.waitSettled(), true
		}
		return s.over(Rejected, s.f.Barred+lost), true
	}
	return Action{}, false
}

// unmoved goes back when the move that the current version spends is not, or not any
// more, in a block.
func (s *stepper) unmoved(st *Stage, stay State) (Action, bool) {
	if s.j.stage(RoleMove) == nil {
		return Action{}, false
	}
	v, _ := s.mined(RoleMove)
	switch {
	case v == nil:
		return s.move(MoveSigned), true
	case st.Versions[st.Current].Parent != v.Txid:
		return s.follow(st.Role, v.Txid, stay), true
	}
	return Action{}, false
}
