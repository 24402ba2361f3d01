package lists

import (
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/txbuilder/registrar/job"
)

// TestSpent: what jobs have come to is added up, each transaction in the version that counts; what
// is signed ahead, what was replaced and what another run has done is not.
func TestSpent(t *testing.T) {
	stage := func(role job.Role, used bool, fees ...btcutil.Amount) *job.Stage {
		s := &job.Stage{Role: role, Used: used, Current: len(fees) - 1}
		for _, fee := range fees {
			s.Versions = append(s.Versions, &job.Version{Fee: fee, Burn: 10000 * fee})
		}
		return s
	}
	register := job.Request{Kind: job.KindRegister}
	r := &Run{IDs: []job.ID{"a", "b"}, Jobs: map[job.ID]*job.Job{
		"a":      {Request: register, Stages: []*job.Stage{stage(job.RolePreorder, true, 1, 20), stage(job.RoleRegister, true, 300)}},
		"b":      {Request: register, Stages: []*job.Stage{stage(job.RolePreorder, true, 4000), stage(job.RoleRegister, false, 5)}},
		"others": {Request: register, Stages: []*job.Stage{stage(job.RolePreorder, true, 6)}},
	}}
	if got, want := r.Spent(), (Spent{Transactions: 3, Fees: 4320, Burnt: 43200000}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := (&Run{}).Spent(); got != (Spent{}) {
		t.Errorf("nothing ran: %+v", got)
	}
}
