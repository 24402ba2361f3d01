package step

import (
	"errors"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
)

// Instead is what is done when an action cannot be. An optional one is left for later. A version
// that the ceiling forbids is not signed: a preorder that would burn for nothing is replaced by a
// transaction that returns its coins, which costs less than what the ceiling has allowed for
// already; the rest waits.
func Instead(j *job.Job, f Facts, a Action, err error) (Action, bool) {
	switch {
	case err == nil:
		return Action{}, false
	case a.Optional:
		return Action{Do: DoWait, To: j.State, Wait: a.Wait}, true
	case a.Dearer || !a.Replace || !errors.As(err, new(*job.OverBudget)):
		return Action{}, false
	case a.Role == j.Flow().Preorder:
		return Action{Do: DoSign, Role: job.RoleReturn, To: job.Cancelling, Reason: "a newer version would have cost more than the ceiling allows"}, true
	}
	v := j.Stage(a.Role).Versions[j.Stage(a.Role).Current]
	if f.Txs[v.Txid].InMempool || f.Sent[v.Txid] {
		return Action{Do: DoWait, To: j.State, Wait: a.Wait}, true
	}
	return Action{Do: DoBroadcast, Role: a.Role, Version: j.Stage(a.Role).Current, To: j.State}, true
}

// RefusedOne finds the version of an action that was refused.
func RefusedOne(j *job.Job, a Action, txid chainhash.Hash) (Pick, *job.Version) {
	for _, p := range a.Picks() {
		if v := j.Stage(p.Role).Versions[p.Version]; v.Txid == txid {
			return p, v
		}
	}
	return Pick{}, nil
}

// HasFitter says whether another stored version of a transaction was not refused and still counts.
func HasFitter(j *job.Job, f Facts, role job.Role) bool {
	s := stepper{j: j, f: f}
	return s.fitter(j.Stage(role)) >= 0
}
