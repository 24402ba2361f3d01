package naming

import (
	"context"
	"errors"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/jobrun"
	"blockstack/commands/session"
	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
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

// The checks in their order.
const (
	checkName      = "name"
	checkNamespace = "namespace"
	checkQuota     = "owner_quota"
	checkPreorder  = "own_preorder"
	checkRival     = "competitor"
	checkCoins     = "coins"
)

// failedCheck is the check that an error of the registrar is about; empty: none of them.
func failedCheck(err error) string {
	switch {
	case errors.As(err, new(*registrar.NameTaken)), errors.As(err, new(*registrar.Conflict)):
		return checkName
	case errors.As(err, new(*registrar.NamespaceClosed)), errors.As(err, new(*registrar.PayeeChanging)):
		return checkNamespace
	case errors.As(err, new(*registrar.Quota)):
		return checkQuota
	case errors.As(err, new(*registrar.PreorderOurs)), errors.As(err, new(*registrar.PreorderOutstanding)):
		return checkPreorder
	case errors.As(err, new(*registrar.Contested)):
		return checkRival
	case errors.As(err, new(*registrar.TokensShort)), errors.Is(err, txbuilder.ErrInsufficientFunds), errors.Is(err, txbuilder.ErrNoFirstInput):
		return checkCoins
	}
	return ""
}

// registerChecks makes all the checks that a registration by this wallet makes before money moves. refused is why it would be
// refused, nil: it would not.
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
	failed := failedCheck(err)
	if err != nil && failed == "" {
		return nil, nil, err
	}
	good, bad, seen := true, false, false
	for _, check := range []string{checkName, checkNamespace, checkQuota, checkPreorder, checkRival, checkCoins} {
		c := checkView{Check: check, OK: &good}
		switch {
		case check == failed:
			refused = faults.Of(ctx, err)
			c.OK, c.Message, c.Hints, seen = &bad, refused.Message, refused.Hints, true
		case seen:
			c.OK = nil
		}
		checks = append(checks, c)
	}
	if est != nil && est.Running != nil {
		checks[0].Message = "job " + string(est.Running.ID) + " is registering it"
	}
	return checks, refused, nil
}
