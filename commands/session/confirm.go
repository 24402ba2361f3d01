package session

import (
	"context"
	"fmt"

	"blockstack/commands/prompt"
	"blockstack/commands/voice"
	"blockstack/txbuilder"
)

// ConfirmDangerous asks about an act that cannot be undone or that costs more than it seems
// ([prompt.Answers.Dangerous]).
func (e *Session) ConfirmDangerous(ctx context.Context, act, what string) error {
	return e.Said.Dangerous(ctx, e.Ask, act, what)
}

// AgreeToFee asks before a fee is paid that is out of proportion to what the operations send or
// burn. Who has given the rate has agreed to what it costs.
func AgreeToFee(ctx context.Context, env *Session, rateGiven bool, ops ...txbuilder.Cost) error {
	odd, is := txbuilder.OutOfProportion(ops...)
	if rateGiven || !is {
		return nil
	}
	return AgreeToOddFee(ctx, env, odd)
}

// AgreeToOddFee asks before a fee is paid that is out of proportion.
func AgreeToOddFee(ctx context.Context, env *Session, odd txbuilder.Cost) error {
	act := fmt.Sprintf("pay a fee of %s to move %s", voice.BTC(odd.Fee), voice.BTC(odd.Moved))
	if odd.Moved == 0 {
		act = fmt.Sprintf("pay a fee of %s for what moves no bitcoin", voice.BTC(odd.Fee))
	}
	return env.ConfirmDangerous(ctx, act, prompt.ForFee)
}

// Confirm asks an ordinary question and returns a declined fault for no. --yes answers it.
func (e *Session) Confirm(ctx context.Context, question string) error {
	return prompt.Ordinary(ctx, e.Ask, question)
}
