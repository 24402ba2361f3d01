package registrar

import "github.com/btcsuite/btcd/chainhash/v2"

// draftLife is how many blocks a draft that quotes no consensus hash is good: terms
// such as a price are looked at again after it.
const draftLife = 144

// draftFor finds the draft that is to be signed for an action.
func draftFor(j *Job, a Action, parent chainhash.Hash) *Draft {
	for i := len(j.Drafted) - 1; i >= 0; i-- {
		d := j.Drafted[i]
		if d.Status == DraftWaiting && d.Role == a.Role && d.Over == replaces(j, a) &&
			(d.Version.Parent == parent || a.Replace || a.Role == RoleReturn) {
			return d
		}
	}
	return nil
}

// waiting is draftFor, or, for a job's first transaction, the draft of the move that
// comes before it.
func waiting(j *Job, a Action, parent chainhash.Hash) *Draft {
	if d := draftFor(j, a, parent); d != nil || j.State != Planned || a.Role != j.flow().first() {
		return d
	}
	return draftFor(j, Action{Role: RoleMove}, chainhash.Hash{})
}

// replaces is the version that an action takes the place of, zero for none.
func replaces(j *Job, a Action) chainhash.Hash {
	role := a.Role
	if role == RoleReturn {
		role = j.flow().first()
	}
	st := j.stage(role)
	if st == nil || !a.Replace && a.Role != RoleReturn {
		return chainhash.Hash{}
	}
	return st.Versions[st.Current].Txid
}
