package commands

import (
	"context"
	"fmt"

	"blockstack/commands/prompt"
	"blockstack/commands/voice"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
)

// ConfirmDangerous asks about an act that cannot be undone or that costs more than it seems ([prompt.Answers.Dangerous]).
func (e *Env) ConfirmDangerous(ctx context.Context, act, what string) error {
	return e.said.Dangerous(ctx, e.Ask, act, what)
}

// agreeToFee asks before a fee is paid that is out of proportion to what the operations send or burn. Who has given the rate has
// agreed to what it costs.
func agreeToFee(ctx context.Context, env *Env, rateGiven bool, ops ...txbuilder.Cost) error {
	odd, is := txbuilder.OutOfProportion(ops...)
	if rateGiven || !is {
		return nil
	}
	return agreeToOddFee(ctx, env, odd)
}

// agreeToOddFee asks before a fee is paid that is out of proportion.
func agreeToOddFee(ctx context.Context, env *Env, odd txbuilder.Cost) error {
	act := fmt.Sprintf("pay a fee of %s to move %s", voice.BTC(odd.Fee), voice.BTC(odd.Moved))
	if odd.Moved == 0 {
		act = fmt.Sprintf("pay a fee of %s for what moves no bitcoin", voice.BTC(odd.Fee))
	}
	return env.ConfirmDangerous(ctx, act, prompt.ForFee)
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

// Confirm asks an ordinary question and returns a declined fault for no. --yes answers it.
func (e *Env) Confirm(ctx context.Context, question string) error {
	return prompt.Ordinary(ctx, e.Ask, question)
}
