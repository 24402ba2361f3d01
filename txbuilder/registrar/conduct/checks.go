package conduct

import (
	"errors"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
)

// Check is one of the checks before a registration.
type Check string

// The checks, in their order.
const (
	CheckName      Check = "name"
	CheckNamespace Check = "namespace"
	CheckQuota     Check = "owner_quota"
	CheckPreorder  Check = "own_preorder"
	CheckRival     Check = "competitor"
	CheckCoins     Check = "coins"
)

// Verdict is what came of a check.
type Verdict int

// The verdicts.
const (
	Passed  Verdict = iota
	Failed          // the error of the plan says why
	NotMade         // an earlier one failed
)

// Checked is a check with its verdict.
type Checked struct {
	Check   Check
	Verdict Verdict
}

// Checks says of the error of a registration's plan which checks were passed. known is false for an
// error that is about none of them.
func Checks(err error) (list []Checked, known bool) {
	failed := failedCheck(err)
	if err != nil && failed == "" {
		return nil, false
	}
	verdict := Passed
	for _, c := range []Check{CheckName, CheckNamespace, CheckQuota, CheckPreorder, CheckRival, CheckCoins} {
		if c == failed {
			verdict = Failed
		}
		list = append(list, Checked{c, verdict})
		if verdict == Failed {
			verdict = NotMade
		}
	}
	return list, true
}

// failedCheck is the check that an error is about; empty: none of them.
func failedCheck(err error) Check {
	switch {
	case errors.As(err, new(*registrar.NameTaken)), errors.As(err, new(*registrar.Conflict)):
		return CheckName
	case errors.As(err, new(*registrar.NamespaceClosed)), errors.As(err, new(*registrar.PayeeChanging)):
		return CheckNamespace
	case errors.As(err, new(*registrar.Quota)):
		return CheckQuota
	case errors.As(err, new(*registrar.PreorderOurs)), errors.As(err, new(*registrar.PreorderOutstanding)):
		return CheckPreorder
	case errors.As(err, new(*registrar.Contested)):
		return CheckRival
	case errors.As(err, new(*registrar.TokensShort)), errors.Is(err, txbuilder.ErrInsufficientFunds), errors.Is(err, txbuilder.ErrNoFirstInput):
		return CheckCoins
	}
	return ""
}
