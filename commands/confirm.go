package commands

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
)

// confirmFee is what --confirm says for a fee that is out of proportion.
const confirmFee = "fee"

// ConfirmDangerous asks about an act that cannot be undone or that costs more than it seems. --yes does not answer
// it: what is at stake is typed, or given with --confirm: a name, a transaction, or the word fee. --confirm may be given
// several times, since one command may have to ask about several things.
func (e *Env) ConfirmDangerous(ctx context.Context, act, what string) error {
	flag := "--confirm " + what
	if slices.Contains(e.said.confirm, what) {
		e.confirmed = append(e.confirmed, what)
		return nil
	}
	for _, other := range e.said.confirm {
		if confirmKind(other) == confirmKind(what) && !slices.Contains(e.confirmed, other) {
			return fault.Usage("--confirm names %s, but %s is about %s", voice.Clean(other), act, what).Hint("agree with: %s", flag)
		}
	}
	answer, err := e.Ask.Text(ctx, Question{Text: act + "; type " + what + " to agree", Flag: flag, Expect: what})
	if err != nil {
		return err
	}
	if answer != what {
		return declined(act)
	}
	return nil
}

// confirmKind tells what a value of --confirm can be about: values of one kind are mistaken for each other, others are not.
func confirmKind(value string) string {
	switch {
	case value == confirmFee:
		return "fee"
	case len(value) == 2*chainhash.HashSize && strings.Trim(value, "0123456789abcdef") == "":
		return "transaction"
	}
	return "name"
}

// agreeToFee asks before a fee is paid that is out of proportion to what the operations send or burn. Who has given the rate has
// agreed to what it costs.
func agreeToFee(ctx context.Context, env *Env, rateGiven bool, ops ...txbuilder.Cost) error {
	odd, is := txbuilder.OutOfProportion(ops...)
	if rateGiven || !is {
		return nil
	}
	act := fmt.Sprintf("pay a fee of %s to move %s", voice.BTC(odd.Fee), voice.BTC(odd.Moved))
	if odd.Moved == 0 {
		act = fmt.Sprintf("pay a fee of %s for what moves no bitcoin", voice.BTC(odd.Fee))
	}
	return env.ConfirmDangerous(ctx, act, confirmFee)
}

// agreeToFollow is agreeToFee for jobs that were found again: what follows their preorders is still to be paid for.
func agreeToFollow(ctx context.Context, env *Env, rateGiven bool, jobs []*registrar.Job) error {
	var ops []txbuilder.Cost
	if err := env.withJobs(ctx, nil, func(r *registrar.Registrar) error {
		for _, j := range jobs {
			c, err := registrar.Following(ctx, r, j)
			if err != nil {
				return fmt.Errorf("%s: what is still to be paid: %w", j.Request.Subject(), err)
			}
			ops = append(ops, c)
		}
		return nil
	}); err != nil {
		return err
	}
	return agreeToFee(ctx, env, rateGiven, ops...)
}

// agreeToPayees asks before a name is paid elsewhere than last time.
func agreeToPayees(ctx context.Context, env *Env, payees []payee) error {
	for _, q := range payees {
		if q.Before == nil {
			continue
		}
		if err := env.ConfirmDangerous(ctx, fmt.Sprintf("pay %s at %s, not at %s as last time", q.Name, q.Address, q.Before.Address), q.Name.String()); err != nil {
			return err
		}
	}
	return nil
}
