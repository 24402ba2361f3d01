package paying

import (
	"context"
	"fmt"

	"blockstack/commands/faults"
	"blockstack/commands/prompt"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/paid"
)

// decidePayee asks who is paid, where that is open.
func decidePayee(ctx context.Context, env *session.Session, s *payments.Service, p *payments.Payee) error {
	if p.How != payments.Open {
		return nil
	}
	if len(p.Choices) > 0 {
		q := prompt.Question{Text: "The profile of " + p.Name.String() + " names several addresses; which one is paid", Flag: "an address as TARGET"}
		i, err := env.Ask.Choose(ctx, q, p.Choices)
		if err != nil {
			return err
		}
		return s.Choose(p, p.Choices[i])
	}
	ask := env.Ask
	if yes, ok := ask.(prompt.Yes); ok {
		ask = yes.Prompter // --yes answers ordinary questions; another payee is none
	}
	ok, err := ask.Confirm(ctx, prompt.Question{Text: fmt.Sprintf("%s: %s; pay its owner %s", p.Name, p.Instead, p.Address), Flag: "--to-owner"})
	if err != nil {
		return err
	}
	if !ok {
		return prompt.Declined("pay the owner of " + p.Name.String())
	}
	p.PayOwner()
	return nil
}

// warnOfNewPayees says which names are paid elsewhere than last time.
func warnOfNewPayees(env *session.Session, list []payments.Payee) {
	for i := range list {
		if q := &list[i]; q.Before != nil {
			env.Out.Warn("%s IS PAID AT ANOTHER ADDRESS THAN LAST TIME: now %s, on %s it was %s; if this surprises you, ask its owner another way before you pay",
				q.Name, q, voice.Time(q.Before.Time), q.Before.Address)
		}
	}
}

// agreeToPlan asks about each concern of a plan, but for owners that are not certain.
func agreeToPlan(ctx context.Context, env *session.Session, p *payments.Plan) error {
	for _, c := range p.Concerns {
		var err error
		switch c := c.(type) {
		case *payments.PayeeChanged:
			q := c.Payee
			err = env.ConfirmDangerous(ctx, fmt.Sprintf("pay %s at %s, not at %s as last time", q.Name, q.Address, q.Before.Address), q.Name.String())
		case *payments.OddFee:
			err = session.AgreeToOddFee(ctx, env, c.Cost)
		case *payments.TwinFound:
			err = agreeToTwin(ctx, env, c.Twin)
		case *payments.Uncertain:
			continue
		}
		if err != nil {
			return err
		}
		p.Agree(c)
	}
	return nil
}

// agreeToUncertain asks before money goes to names whose owners are not certain.
func agreeToUncertain(ctx context.Context, env *session.Session, p *payments.Plan) error {
	for _, c := range p.Concerns {
		u, is := c.(*payments.Uncertain)
		if !is {
			continue
		}
		if err := env.ConfirmDangerous(ctx, "pay "+u.Name.String()+", whose owner is not certain", u.Name.String()); err != nil {
			return err
		}
		p.Agree(c)
	}
	return nil
}

// agreeToTwin asks before the same is paid again. --yes does not answer it.
func agreeToTwin(ctx context.Context, env *session.Session, t paid.Twin) error {
	txid := t.Txid.String()
	if env.Said.Agrees(txid) {
		return nil
	}
	where := "in no block yet"
	switch {
	case t.Prepared:
		where = "prepared, not sent"
	case t.Height >= 0:
		where = fmt.Sprintf("in block %d", t.Height)
	}
	q := prompt.Question{Text: fmt.Sprintf("%s was paid already, on %s, with transaction %s (%s); pay it again",
		payments.Describe([]paid.Target{t.Target}), voice.Time(t.Time), txid, where), Flag: "--confirm " + txid}
	ask := env.Ask
	if env.Said.Yes {
		ask = prompt.Refusing{Why: "--yes does not answer it"}
	}
	yes, err := ask.Confirm(ctx, q)
	if err != nil {
		f := *faults.Of(ctx, err)
		return f.Because(err).Detail("txid", txid).Hint("give each payment an id of its own, and it is made exactly once: --request-id TEXT")
	}
	if !yes {
		return prompt.Declined("pay the same again")
	}
	return nil
}
