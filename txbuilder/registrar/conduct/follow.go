package conduct

import (
	"context"
	"errors"
	"time"

	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/schedule"
)

// within is a context that ends when the time of a request is over.
func within(ctx context.Context, most time.Duration) (context.Context, context.CancelFunc) {
	if most > 0 {
		return context.WithTimeout(ctx, most)
	}
	return context.WithCancel(ctx)
}

// Follow advances a job as far as the terms say. That the time is over is no error: the outcome is
// how the job stands.
func (s *Service) Follow(ctx context.Context, id registrar.ID, t Terms) (Outcome, error) {
	waiting, cancel := within(ctx, t.Timeout)
	defer cancel()
	j, err := s.advanceUntil(waiting, id, t.Until)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return Outcome{}, &Interrupted{ID: id, Err: ctx.Err()}
	case waiting.Err() == nil:
		return Outcome{}, err
	case j == nil: // the time was over before the job could be looked at with a node
		if j, err = s.Engine.Job(ctx, id); err != nil {
			return Outcome{}, err
		}
	}
	return outcomeOf(j), nil
}

// advanceUntil advances a job, waiting for blocks in between.
func (s *Service) advanceUntil(ctx context.Context, id registrar.ID, until schedule.Until) (last *registrar.Job, err error) {
	if until == schedule.Recorded {
		return s.Engine.Job(ctx, id)
	}
	for {
		tip, err := s.Blocks.Tip(ctx)
		if err != nil {
			return last, err
		}
		j, err := s.Advance(ctx, id)
		if j != nil {
			last = j
		}
		switch {
		case err != nil:
			return last, err
		case !schedule.BlocksHelp(j.Wait), !j.Open(), until == schedule.Sent, until == schedule.Mined && j.Mined():
			return j, nil
		}
		s.Teller.Waiting(j)
		if err := s.Blocks.Next(ctx, tip); err != nil {
			return last, err
		}
	}
}

// Advance takes a job as far as it goes now. The keys are only wanted when something new must be
// signed.
func (s *Service) Advance(ctx context.Context, id registrar.ID) (*registrar.Job, error) {
	j, err := s.advanceAgreed(ctx, id)
	if !errors.Is(err, registrar.ErrNeedsKey) {
		return j, err
	}
	switch locked := s.Keys.Unlock(ctx); {
	case errors.Is(locked, ErrNobody):
		return j, err // how many blocks are left matters more
	case locked != nil:
		return j, locked
	}
	return s.advanceAgreed(ctx, id)
}

// advanceAgreed advances a job, and again when the user says that it may go on.
func (s *Service) advanceAgreed(ctx context.Context, id registrar.ID) (*registrar.Job, error) {
	j, err := s.Engine.Advance(ctx, id)
	var not *registrar.NotAgreed
	if !errors.As(err, &not) {
		return j, err
	}
	if err := s.acknowledge(ctx, not.Job); err != nil {
		return j, err
	}
	return s.Engine.Advance(ctx, id)
}

// FollowEach advances several jobs as far as the terms say, all of them at each block, so that none
// with a deadline is held up by one that fails or waits. Only what is the same for all, such as a
// node that is away, ends it.
func (s *Service) FollowEach(ctx context.Context, jobs []*registrar.Job, t Terms) ([]schedule.Entry, error) {
	list := make([]schedule.Entry, len(jobs))
	for i, j := range jobs {
		list[i].Job = j
	}
	if len(jobs) == 0 || t.Until == schedule.Recorded {
		return list, nil
	}
	waiting, cancel := within(ctx, t.Timeout)
	defer cancel()
	all := schedule.Schedule{Until: t.Until, Advance: s.Advance, React: s.reaction,
		Chain: func(ctx context.Context) (func(context.Context) error, error) {
			tip, err := s.Blocks.Tip(ctx)
			return func(ctx context.Context) error { return s.Blocks.Next(ctx, tip) }, err
		}}
	err := all.Follow(waiting, list)
	switch {
	case err == nil || ctx.Err() == nil && waiting.Err() != nil:
		return list, nil
	case ctx.Err() != nil:
		return nil, &Interrupted{Err: ctx.Err()}
	}
	return nil, err
}

// reaction is what an error of one of several jobs means for the others.
func (s *Service) reaction(err error) schedule.Reaction {
	switch {
	case s.Passes(err):
		return schedule.Stop
	case s.LeftAlone(err):
		return schedule.Leave
	}
	return schedule.Stuck
}
