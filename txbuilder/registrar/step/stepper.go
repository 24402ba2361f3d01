package step

import (
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
)

// mined gives the version of a transaction that is in a block.
func (s *stepper) mined(role job.Role) (*job.Version, TxFact) {
	if st := s.j.Stage(role); st != nil {
		for _, v := range st.Versions {
			if t := s.f.Txs[v.Txid]; t.Height > 0 {
				return v, t
			}
		}
	}
	return nil, TxFact{}
}

// lapsed says whether a preorder of a height is too old for the next block.
func (s *stepper) lapsed(height int32) (Action, bool) {
	if s.f.Lifetime == 0 || s.f.Tip+1 <= height+s.f.Lifetime {
		return Action{}, false
	}
	return s.over(job.Expired, fmt.Sprintf("the preorder of block %d could be used up to block %d; what it burnt is lost, and the name needs a new preorder from another address",
		height, height+s.f.Lifetime)), true
}

// follow takes the first stored version that spends the parent, or has one made.
func (s *stepper) follow(role job.Role, parent chainhash.Hash, to job.State) Action {
	if next := s.versions(role, parent); len(next) > 0 {
		return Action{Do: DoUse, Role: role, Version: next[0], To: to}
	}
	return Action{Do: DoSign, Role: role, To: to}
}

// versions are the indexes of the stored versions that spend a parent and no coin that something
// else of ours needs by now, lowest fee first.
func (s *stepper) versions(role job.Role, parent chainhash.Hash) []int {
	var found []int
	if st := s.j.Stage(role); st != nil {
		for i, v := range st.Versions {
			if v.Parent == parent && !s.f.Lent[v.Txid] {
				found = append(found, i)
			}
		}
	}
	return found
}

// outdated replaces a version whose consensus hash is about to be too old, or was taken away by a
// reorg.
func (s *stepper) outdated(st *job.Stage, stay job.State) (Action, bool) {
	v := st.Versions[st.Current]
	margin := int32(ReplaceMargin)
	if s.j.Request.External && s.f.Txs[v.Txid].InMempool {
		margin = externalMargin // signers elsewhere need time
	}
	old := s.f.Tip+margin >= v.Window && s.f.Tip > v.Signed
	if v.Window == 0 || !old && !s.f.Stale[v.Txid] {
		return Action{}, false
	}
	return Action{Do: DoSign, Role: st.Role, Replace: true, To: stay,
		Wait: &job.Wait{For: "a newer consensus hash to be signed", Deadline: v.Window, Txid: &v.Txid}}, true
}

// send broadcasts the current version unless the node has it.
func (s *stepper) send(st *job.Stage, what string, deadline int32) Action {
	v := st.Versions[st.Current]
	if !s.f.Txs[v.Txid].InMempool && !s.f.Sent[v.Txid] {
		if s.f.Cheap[v.Txid] {
			return s.dearer(st, deadline)
		}
		if i := s.fitter(st); s.f.Unfit[v.Txid] && i >= 0 {
			return Action{Do: DoUse, Role: st.Role, Version: i, To: s.j.State}
		}
		return Action{Do: DoBroadcast, Role: st.Role, Version: st.Current, To: s.j.State}
	}
	return s.wait(&job.Wait{For: fmt.Sprintf("%s %s", job.Words(st.Role), what), Blocks: s.need, Txid: &v.Txid, Deadline: deadline})
}

// dearer takes the next stored version after one that the node refused for its fee, or has one
// made.
func (s *stepper) dearer(st *job.Stage, deadline int32) Action {
	v := st.Versions[st.Current]
	for i, o := range st.Versions {
		if i > st.Current && o.Parent == v.Parent && !s.f.Cheap[o.Txid] && !s.f.Lent[o.Txid] {
			return Action{Do: DoUse, Role: st.Role, Version: i, To: s.j.State}
		}
	}
	return Action{Do: DoSign, Role: st.Role, Replace: true, Dearer: true, To: s.j.State,
		Wait: &job.Wait{For: "a higher fee to be signed", Deadline: deadline, Txid: &v.Txid}}
}

// fitter is another stored version that was not refused and still counts, -1: there is none.
func (s *stepper) fitter(st *job.Stage) int {
	for i, o := range st.Versions {
		old := o.Window > 0 && (s.f.Tip+ReplaceMargin >= o.Window || s.f.Stale[o.Txid])
		if o.Parent == st.Versions[st.Current].Parent && !old && !s.f.Unfit[o.Txid] && !s.f.Cheap[o.Txid] && !s.f.Lent[o.Txid] && !s.f.Dead[o.Txid] {
			return i
		}
	}
	return -1
}

// push sends the current version, and after some patience the next higher fee: first a stored one,
// then, if the wallet is unlocked, a new one.
func (s *stepper) push(st *job.Stage, parent chainhash.Hash, deadline int32, stay job.State) Action {
	patience := int32(BumpAfter)
	if deadline > 0 && deadline-s.f.Tip <= hurryBefore {
		patience = hurryAfter
	}
	v := st.Versions[st.Current]
	sent := s.f.Txs[v.Txid].InMempool || s.f.Sent[v.Txid]
	if sent && s.f.Tip-st.Since >= patience {
		for _, i := range s.versions(st.Role, parent) {
			if i > st.Current {
				return Action{Do: DoUse, Role: st.Role, Version: i, To: stay}
			}
		}
		if s.f.CanSign {
			w := s.send(st, "to be confirmed", deadline).Wait
			return Action{Do: DoSign, Role: st.Role, Replace: true, Optional: true, To: stay, Wait: w}
		}
		if deadline > 0 { // fees have passed everything that was signed
			return Action{Do: DoSign, Role: st.Role, Replace: true, To: stay,
				Wait: &job.Wait{For: "a higher fee to be signed", Deadline: deadline, Txid: &v.Txid}}
		}
	}
	return s.send(st, "to be confirmed", deadline)
}

// finish publishes, waits for depth, and ends the job.
func (s *stepper) finish(v *job.Version, t TxFact) Action {
	if s.f.CanPublish && !s.j.IsPublic && len(s.j.Request.ZoneFile) > 0 {
		return Action{Do: DoPublish, To: s.j.State}
	}
	if t.Confirmations < s.need {
		return s.waitDepth(v, t)
	}
	return s.enter(job.Done)
}

// refused ends a job whose transaction the index refused, once that is settled.
func (s *stepper) refused(v *job.Version, t TxFact) Action {
	if t.Confirmations < s.need {
		return s.waitDepth(v, t)
	}
	reason := t.Reason
	if reason == "" {
		reason = "the name rules refused it"
	}
	return s.over(job.Rejected, fmt.Sprintf("transaction %s in block %d: %s", v.Txid, t.Height, reason))
}

// gone ends a job whose name was registered by another transaction, once that is settled.
func (s *stepper) gone() (Action, bool) {
	switch {
	case s.f.Held:
		return s.over(job.Rejected, "the name is its owner's already: another transaction registered it"), true
	case !s.f.Taken:
		return Action{}, false
	case s.f.TakenFor < s.need:
		return s.wait(&job.Wait{For: "the chain to settle who has the name", Blocks: s.need - s.f.TakenFor}), true
	}
	return s.over(job.Rejected, fmt.Sprintf("%s got the name first; what the preorder burnt is lost", s.f.TakenBy)), true
}

// settle goes on with the version that a miner took, which need not be the one that was to be sent.
func (s *stepper) settle(role job.Role, v *job.Version, to job.State) Action {
	st := s.j.Stage(role)
	if i := slices.Index(st.Versions, v); i != st.Current || !st.Used { // perhaps another machine sent it
		return Action{Do: DoUse, Role: role, Version: i, To: to}
	}
	return s.enter(to)
}

func (s *stepper) enter(to job.State) Action { return Action{Do: DoEnter, To: to} }

func (s *stepper) over(to job.State, reason string) Action {
	return Action{Do: DoEnter, To: to, Reason: reason}
}

func (s *stepper) wait(w *job.Wait) Action { return Action{Do: DoWait, To: s.j.State, Wait: w} }

func (s *stepper) waitIndex(v *job.Version) Action {
	return s.wait(&job.Wait{For: "the name index to read the latest blocks", Txid: &v.Txid})
}

func (s *stepper) waitDepth(v *job.Version, t TxFact) Action {
	return s.wait(&job.Wait{For: fmt.Sprintf("confirmations (%d of %d)", t.Confirmations, s.need), Blocks: s.need - t.Confirmations, Txid: &v.Txid})
}
