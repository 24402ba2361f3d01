package conduct

import (
	"context"
	"fmt"
	"slices"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
)

// Act is what the user is asked about.
type Act int

// The acts.
const (
	Start       Act = iota + 1 // what Question.Plan says
	Revoke                     // to revoke its name for good
	OddFee                     // to pay Question.Odd, whose fee is out of proportion
	Refusable                  // to spend money on a name where the index is not exact, so that others are likely to refuse it
	Unhonoured                 // to spend money on a name that others may not honour
	GoOn                       // to go on with what was sent already, by Question.Job; only fees are still to be paid
	GoOnAll                    // GoOn for all of Question.Jobs
	Acknowledge                // to go on with Question.Job, of which nothing shows that the user began it
)

// Question is what the user is asked.
type Question struct {
	Act  Act
	Plan *registrar.Estimate // of Start, Revoke, Refusable and Unhonoured
	Odd  txbuilder.Cost      // of OddFee
	Job  *registrar.Job      // of Acknowledge and GoOn
	Jobs []*registrar.Job    // of GoOnAll
}

// Consent asks the user.
type Consent interface {
	// Ask returns an error unless the answer is yes.
	Ask(ctx context.Context, q Question) error
	// Sure reports whether the user has said that no preorder of what was sent.
	Sure(what string) bool
}

// Teller tells the user what goes on.
type Teller interface {
	Running(j *registrar.Job)      // it is recorded already
	Launched(id names.NamespaceID) // its launch was found on the chain
	Found(p *registrar.Pending)    // it was sent already
	Plan(e *registrar.Estimate)    // what is about to be asked
	Settled(d *registrar.InDoubt)  // its blocks were waited for
	Waiting(j *registrar.Job)      // for a block
}

// ask asks one question.
func (s *Service) ask(ctx context.Context, q Question) error {
	if err := s.Consent.Ask(ctx, q); err != nil {
		return &NoConsent{Question: q, Err: err}
	}
	return nil
}

// Caution adds what the user should know about the registry to the risks of a plan.
func (s *Service) Caution(ctx context.Context, est *registrar.Estimate) error {
	moved, err := s.Moved(ctx)
	if err != nil {
		return err
	}
	if h := est.ExactUntil; h != nil {
		est.Risks = append(est.Risks,
			fmt.Sprintf("the index is exact up to block %d only: what this plan relies on may not be what others see", *h),
			"operations quote the consensus hash of a recent block; where that of this index is not the one that others have, they refuse the operation, and what it pays is lost")
	}
	if moved {
		est.Risks = append(est.Risks, "these names were moved to another chain in 2021; others may not honour a registration made on Bitcoin")
	}
	return nil
}

// Approve shows a plan, and asks whether to go on with it.
func (s *Service) Approve(ctx context.Context, est *registrar.Estimate, rateGiven bool) error {
	s.Teller.Plan(est)
	if err := s.AgreeToFee(ctx, rateGiven, est.Costs()...); err != nil {
		return err
	}
	act := Start
	if est.Request.Kind == registrar.KindRevoke {
		act = Revoke
	}
	if err := s.ask(ctx, Question{Act: act, Plan: est}); err != nil {
		return err
	}
	return s.AgreeToBurn(ctx, est)
}

// AgreeToFee asks before a fee is paid that is out of proportion to what the operations send or
// burn. Who has given the rate has agreed to what it costs.
func (s *Service) AgreeToFee(ctx context.Context, rateGiven bool, ops ...txbuilder.Cost) error {
	odd, is := txbuilder.OutOfProportion(ops...)
	if rateGiven || !is {
		return nil
	}
	return s.ask(ctx, Question{Act: OddFee, Odd: odd})
}

// AgreeToBurn asks before money is spent on a name that others may not honour.
func (s *Service) AgreeToBurn(ctx context.Context, est *registrar.Estimate) error {
	if est.Burn == 0 && est.Given == 0 && (est.BurnTokens == nil || est.BurnTokens.Sign() == 0) {
		return nil
	}
	if est.ExactUntil != nil {
		return s.ask(ctx, Question{Act: Refusable, Plan: est})
	}
	moved, err := s.Moved(ctx)
	if err != nil || !moved {
		return err
	}
	return s.ask(ctx, Question{Act: Unhonoured, Plan: est})
}

// AgreeToFollow is AgreeToFee for jobs that were found again: what follows their preorders is still
// to be paid for.
func (s *Service) AgreeToFollow(ctx context.Context, rateGiven bool, jobs ...*registrar.Job) error {
	ops, err := s.Engine.Following(ctx, jobs)
	if err != nil {
		return err
	}
	return s.AgreeToFee(ctx, rateGiven, ops...)
}

// AgreeToGoOn asks whether to go on with several jobs that were found again, before they are made,
// and unlocks the wallet so that they are marked as agreed to.
func (s *Service) AgreeToGoOn(ctx context.Context, jobs []*registrar.Job, external, rateGiven bool) error {
	if err := s.AgreeToFollow(ctx, rateGiven, jobs...); err != nil {
		return err
	}
	if err := s.ask(ctx, Question{Act: GoOnAll, Jobs: jobs}); err != nil {
		return err
	}
	return s.unlockToAgree(ctx, external)
}

// acknowledge asks whether to go on with a job of which nothing shows that the user began it, and
// marks it as agreed to. The same request, made again here, is an answer.
func (s *Service) acknowledge(ctx context.Context, j *registrar.Job) error {
	if s.Meant == nil || !slices.Contains(*s.Meant, j.ID) {
		if err := s.ask(ctx, Question{Act: Acknowledge, Job: j}); err != nil {
			return err
		}
	}
	return s.Engine.Agree(ctx, j.ID)
}

// mean notes that a job is for what is asked for here.
func (s *Service) mean(j *registrar.Job, req *registrar.Request) {
	if s.Meant != nil && j.Request.Kind == req.Kind { // the list that a name is in is more than the name
		*s.Meant = append(*s.Meant, j.ID)
	}
}
