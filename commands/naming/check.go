package naming

import (
	"context"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/jobrun"
	"blockstack/commands/session"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/conduct"
)

// nameCheckOptions say which name is checked, and for whom.
type nameCheckOptions struct {
	Name  names.Name
	Owner string // empty: only what concerns everybody
}

// checkView is one of the checks before a registration.
type checkView struct {
	Check   string   `json:"check"` // name, namespace, owner_quota, own_preorder, competitor, coins
	OK      *bool    `json:"ok"`    // null: an earlier one failed, so it was not made
	Message string   `json:"message,omitempty"`
	Hints   []string `json:"hints,omitempty"`
}

// registerChecks makes all the checks that a registration by this wallet makes before money moves.
// refused is why it would be refused, nil: it would not.
func registerChecks(ctx context.Context, e *session.Session, o nameCheckOptions) (checks []checkView, refused *fault.Fault, err error) {
	owner, err := session.OwnerScript(ctx, e, o.Owner)
	if err != nil {
		return nil, nil, err
	}
	req := registrar.Request{Kind: registrar.KindRegister, Name: o.Name, Owner: owner}
	if err := (jobrun.Options{Target: 3}).Fill(ctx, e, &req); err != nil {
		return nil, nil, err
	}
	est, err := jobrun.Plan(ctx, e, req)
	list, known := conduct.Checks(err)
	if !known {
		return nil, nil, err
	}
	good, bad := true, false
	for _, one := range list {
		c := checkView{Check: string(one.Check), OK: &good}
		switch one.Verdict {
		case conduct.Failed:
			refused = faults.Of(ctx, err)
			c.OK, c.Message, c.Hints = &bad, refused.Message, refused.Hints
		case conduct.NotMade:
			c.OK = nil
		}
		checks = append(checks, c)
	}
	if est != nil && est.Running != nil {
		checks[0].Message = "job " + string(est.Running.ID) + " is registering it"
	}
	return checks, refused, nil
}
