package conduct

import (
	"context"
	"errors"
	"fmt"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/schedule"
)

// Engine is the registrar of a home, opened for each call and closed before the next, so that
// nobody waits for who is asked or waits for a block.
type Engine interface {
	Plan(ctx context.Context, req registrar.Request) (*registrar.Estimate, error)
	Start(ctx context.Context, req registrar.Request) (*registrar.Job, error)
	Advance(ctx context.Context, id registrar.ID) (*registrar.Job, error)
	// Agree marks a job as one that the user has agreed to.
	Agree(ctx context.Context, id registrar.ID) error
	// RescueLaunch makes the job of a namespace that a key of this wallet has revealed, from what
	// is on the chain; nil: none has.
	RescueLaunch(ctx context.Context, id names.NamespaceID, rate txbuilder.FeeRate) (*registrar.Job, error)
	// Following is what is still to be paid for jobs that were found again.
	Following(ctx context.Context, jobs []*registrar.Job) ([]txbuilder.Cost, error)
	// Job reads a job from the journal, without a node.
	Job(ctx context.Context, id registrar.ID) (*registrar.Job, error)
}

// Keys are the keys of the wallet. An error where the user would have to be asked, and cannot be,
// wraps ErrNobody.
type Keys interface {
	WatchOnly(ctx context.Context) (bool, error)
	Unlock(ctx context.Context) error
	// Copies makes the copies of jobs readable; false: nobody is to be asked for the password.
	Copies(ctx context.Context) (bool, error)
}

// Blocks are the blocks of the chain.
type Blocks interface {
	Tip(ctx context.Context) ([32]byte, error)
	// Next returns when the chain has moved on from a tip. Where blocks are mined for whatever is
	// waited for, it mines one.
	Next(ctx context.Context, tip [32]byte) error
	// Mine mines a block, where that is done; false: it is not.
	Mine(ctx context.Context) (bool, error)
}

// Service carries requests out.
type Service struct {
	Engine  Engine
	Keys    Keys
	Blocks  Blocks
	Consent Consent
	Teller  Teller
	// Moved reports whether the names are those that many people had and that were moved to another
	// chain.
	Moved func(ctx context.Context) (bool, error)
	// Passes reports whether an error goes away by itself and is the same for all jobs, LeftAlone
	// whether it wants an answer that nobody has given, so that it is not asked for again at each
	// block. Both are for several jobs at once.
	Passes, LeftAlone func(err error) bool
	// Meant are the jobs that the requests made here are the same as. Nil: none is remembered.
	Meant *[]registrar.ID
}

// maxPlans is how often a request is planned again because of a doubt.
const maxPlans = 3

// Do makes a request a job, with the user's consent, and advances it as far as the terms say. The
// same request again goes on with the job that is running for it.
func (s *Service) Do(ctx context.Context, req registrar.Request, t Terms) (Outcome, error) {
	out, err := s.Begin(ctx, req, t)
	if err != nil || t.DryRun {
		return out, err
	}
	if t.Once {
		j, err := s.Advance(ctx, out.Job.ID)
		if err != nil {
			return Outcome{}, err
		}
		return outcomeOf(j), nil
	}
	return s.Follow(ctx, out.Job.ID, t)
}

// Begin is Do up to where the job is recorded.
func (s *Service) Begin(ctx context.Context, req registrar.Request, t Terms) (Outcome, error) {
	for plans := 0; ; plans++ {
		est, err := s.Engine.Plan(ctx, req)
		switch {
		case err != nil:
			return Outcome{}, err
		case est.Running != nil:
			return s.goOnRunning(est.Running, req, t)
		}
		if err := s.NeedsKeys(ctx, req.External || t.DryRun); err != nil {
			return Outcome{}, err
		}
		if est.Found != nil {
			if t.DryRun {
				s.Teller.Found(est.Found)
				return Outcome{What: Found, Found: est.Found}, nil
			}
			j, err := s.GoOnWith(ctx, est.Found, req, t)
			if err != nil {
				return Outcome{}, err
			}
			return outcomeOf(j), nil
		}
		switch {
		case est.Doubt == nil || t.DryRun:
			return s.begin(ctx, req, est, t)
		case plans == maxPlans:
			return Outcome{}, inDoubt(&req, est.Doubt)
		}
		if req.Assured, err = s.Settle(ctx, est.Doubt, t); err != nil {
			return Outcome{}, inDoubt(&req, err)
		}
	}
}

// goOnRunning goes on with the job that a request means.
func (s *Service) goOnRunning(j *registrar.Job, req registrar.Request, t Terms) (Outcome, error) {
	s.Teller.Running(j)
	if t.DryRun {
		return Outcome{What: Running, Job: j}, nil
	}
	if req.External && !j.Request.External {
		return Outcome{}, fmt.Errorf("job %s: %w", j.ID, registrar.ErrNotExternal)
	}
	s.mean(j, &req)
	return outcomeOf(j), nil
}

// begin asks, and records the job.
func (s *Service) begin(ctx context.Context, req registrar.Request, est *registrar.Estimate, t Terms) (Outcome, error) {
	if err := s.Caution(ctx, est); err != nil {
		return Outcome{}, err
	}
	if t.DryRun {
		return Outcome{What: Planned, Plan: est}, nil
	}
	if err := s.Approve(ctx, est, t.RateGiven); err != nil {
		return Outcome{}, err
	}
	if !req.External {
		if err := s.Keys.Unlock(ctx); err != nil {
			return Outcome{}, err
		}
	}
	j, err := s.Engine.Start(ctx, req)
	if err != nil {
		return Outcome{}, err
	}
	return outcomeOf(j), nil
}

// NeedsKeys refuses what a wallet without keys cannot do, before anything is shown or asked.
// elsewhere says that nothing is signed here.
func (s *Service) NeedsKeys(ctx context.Context, elsewhere bool) error {
	if elsewhere {
		return nil
	}
	only, err := s.Keys.WatchOnly(ctx)
	if err == nil && only {
		err = ErrWatchOnly
	}
	return err
}

// GoOnWith makes the job of what was sent already, with the user's consent.
func (s *Service) GoOnWith(ctx context.Context, p *registrar.Pending, req registrar.Request, t Terms) (*registrar.Job, error) {
	s.Teller.Found(p)
	renewal := p.Job.Request.Kind == registrar.KindRenew
	if !renewal { // nothing follows a renewal
		if err := s.AgreeToFollow(ctx, t.RateGiven, p.Job); err != nil {
			return nil, err
		}
	}
	if !renewal || p.Height == 0 { // a renewal in a block is paid for
		if err := s.ask(ctx, Question{Act: GoOn, Job: p.Job}); err != nil {
			return nil, err
		}
	}
	if err := s.unlockToAgree(ctx, req.External); err != nil {
		return nil, err
	}
	return s.Engine.Start(ctx, req)
}

// FindLaunch makes the job of a namespace that this wallet has revealed from what is on the chain;
// nil: it has not. Nothing of it is paid again.
func (s *Service) FindLaunch(ctx context.Context, id names.NamespaceID, rate txbuilder.FeeRate) (*registrar.Job, error) {
	found, err := s.Engine.RescueLaunch(ctx, id, rate)
	if err != nil || found == nil {
		return nil, err
	}
	s.Teller.Launched(id)
	if err := s.unlockToAgree(ctx, false); err != nil {
		return nil, err
	}
	return found, s.Engine.Agree(ctx, found.ID)
}

// unlockToAgree unlocks the wallet for a job that is about to be recorded and may have nothing to
// sign yet: only the keys mark it as agreed to, and without a mark nothing is signed for it later.
// Where no password can be had it is left for later.
func (s *Service) unlockToAgree(ctx context.Context, external bool) error {
	only, err := s.Keys.WatchOnly(ctx)
	if err != nil || external || only {
		return err
	}
	if err := s.Keys.Unlock(ctx); err != nil && !errors.Is(err, ErrNobody) {
		return err
	}
	return nil
}

// Settle goes on where a plan says that nothing is started yet: with the user's word that it may
// be, or, where blocks are mined for whatever is waited for, after the blocks that it takes.
// assured is what the request is to say.
func (s *Service) Settle(ctx context.Context, d *registrar.InDoubt, t Terms) (assured int32, err error) {
	if s.Consent.Sure(d.What) {
		return d.Since, nil
	}
	if t.DryRun {
		return 0, d
	}
	if d.Unread != nil {
		switch ok, err := s.Keys.Copies(ctx); {
		case err != nil:
			return 0, err
		case !ok:
			return 0, d
		case d.Blocks == 0: // they are read now, and looked at again
			return 0, nil
		}
	}
	if t.Until != schedule.Over {
		return 0, d
	}
	for range d.Blocks {
		mined, err := s.Blocks.Mine(ctx)
		if err != nil {
			return 0, err
		}
		if !mined {
			return 0, d
		}
	}
	s.Teller.Settled(d)
	return 0, nil
}
