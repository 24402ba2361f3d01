package step

import (
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
)

// DraftLife is how many blocks a draft that quotes no consensus hash is good: terms such as a price
// are looked at again after it.
const DraftLife = 144

// draftFor finds the draft that is to be signed for an action.
func draftFor(j *job.Job, a Action, parent chainhash.Hash) *job.Draft {
	for i := len(j.Drafted) - 1; i >= 0; i-- {
		d := j.Drafted[i]
		if d.Status == job.DraftWaiting && d.Role == a.Role && d.Over == Replaces(j, a) &&
			(d.Version.Parent == parent || a.Replace || a.Role == job.RoleReturn) {
			return d
		}
	}
	return nil
}

// Waiting is draftFor, or, for a job's first transaction, the draft of the move that comes before
// it.
func Waiting(j *job.Job, a Action, parent chainhash.Hash) *job.Draft {
	if d := draftFor(j, a, parent); d != nil || j.State != job.Planned || a.Role != j.Flow().First() {
		return d
	}
	return draftFor(j, Action{Role: job.RoleMove}, chainhash.Hash{})
}

// Replaces is the version that an action takes the place of, zero for none.
func Replaces(j *job.Job, a Action) chainhash.Hash {
	role := a.Role
	if role == job.RoleReturn {
		role = j.Flow().First()
	}
	st := j.Stage(role)
	if st == nil || !a.Replace && a.Role != job.RoleReturn {
		return chainhash.Hash{}
	}
	return st.Versions[st.Current].Txid
}
