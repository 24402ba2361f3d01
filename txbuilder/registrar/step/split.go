package step

import (
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
)

// SplitFacts are what the chain shows about a split, which the name index does not read.
type SplitFacts struct {
	Tip int32
	// Txs are its versions by txid.
	Txs map[chainhash.Hash]TxFact
	// Hangs says that something was sent that spends the version which waits in the memory pool in
	// place of the current one.
	Hangs bool
	// Cheap are versions that the node refused for their fee in this run, Sent those that were
	// offered to it.
	Cheap, Sent map[chainhash.Hash]bool
	CanSign     bool
}

// depth is how many confirmations a version has.
func (f *SplitFacts) depth(st *job.Stage) (depth int32) {
	for _, v := range st.Versions {
		if t := f.Txs[v.Txid]; t.Height > 0 {
			depth = t.Confirmations
		}
	}
	return depth
}

// other is the last version that waits in the memory pool, -1: none does.
func (f *SplitFacts) other(st *job.Stage) int {
	for i := len(st.Versions) - 1; i >= 0; i-- {
		if f.Txs[st.Versions[i].Txid].InMempool {
			return i
		}
	}
	return -1
}

// Other is the version that waits in the memory pool in place of the current one; nil: none.
func (f *SplitFacts) Other(j *job.Job) *job.Version {
	st := j.Stage(job.RoleSplit)
	if st == nil || f.Txs[st.Versions[st.Current].Txid].InMempool {
		return nil
	}
	if i := f.other(st); i >= 0 {
		return st.Versions[i]
	}
	return nil
}

// Rival says whether any version waits in the memory pool.
func (f *SplitFacts) Rival(j *job.Job) bool { return f.other(j.Stage(job.RoleSplit)) >= 0 }

// SplitStep says what has to happen next to a split. It is pure. The states that a split takes,
// with "~" where a reorg undid something, and "!" where its transaction can never confirm:
//
//	Planned > Running
//	Running > Done !Rejected
//	Done    > ~Running
func SplitStep(j *job.Job, f SplitFacts) Action {
	if !j.Open() && j.State != job.Done || j.State == job.Planned {
		return Action{Do: DoNothing, To: j.State}
	}
	st, need := j.Stage(job.RoleSplit), j.Request.Confirmations
	current, depth := st.Versions[st.Current], f.depth(st)
	pooled, offered := f.Txs[current.Txid].InMempool, f.Sent[current.Txid]
	w := &job.Wait{For: "the coins of the batch to be confirmed", Blocks: max(1, need-depth), Txid: &current.Txid}
	switch {
	case depth >= need && j.State == job.Done:
		return Action{Do: DoNothing, To: job.Done}
	case depth >= need:
		return Action{Do: DoEnter, To: job.Done}
	case j.State == job.Done && depth == 0:
		return Action{Do: DoEnter, To: job.Running}
	case depth == 0 && !pooled && !offered && f.other(st) >= 0 && f.Hangs:
		// A reorg brought it back, with what was built on it.
		return Action{Do: DoUse, Role: job.RoleSplit, Version: f.other(st), To: j.State}
	case depth == 0 && !pooled && f.Cheap[current.Txid]:
		return Action{Do: DoSign, Role: job.RoleSplit, Replace: true, Dearer: true, To: job.Running}
	case depth == 0 && !pooled && !offered:
		return Action{Do: DoBroadcast, Role: job.RoleSplit, Version: st.Current, To: j.State}
	case depth == 0 && !offered && f.Tip-st.Since >= BumpAfter && f.CanSign:
		return Action{Do: DoSign, Role: job.RoleSplit, Replace: true, Optional: true, To: job.Running, Wait: w}
	}
	return Action{Do: DoWait, To: j.State, Wait: w}
}
