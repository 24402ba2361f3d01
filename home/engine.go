package home

import (
	"context"
	"errors"
	"fmt"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
)

// JobEngine is the registrar of a home as requests see it: opened for each call, and closed before
// the next.
type JobEngine struct {
	Home    *Home
	Request JobRequest
}

// Plan says what a request would do.
func (g JobEngine) Plan(ctx context.Context, req registrar.Request) (est *registrar.Estimate, err error) {
	err = g.Home.WithJobs(ctx, g.Request, func(r *registrar.Registrar) (err error) {
		est, err = r.Plan(ctx, req)
		return err
	})
	return est, err
}

// Start records a request as a job.
func (g JobEngine) Start(ctx context.Context, req registrar.Request) (j *registrar.Job, err error) {
	err = g.Home.WithJobs(ctx, g.Request, func(r *registrar.Registrar) (err error) {
		j, err = r.Start(ctx, req)
		return err
	})
	return j, err
}

// Advance takes a job as far as it goes now.
func (g JobEngine) Advance(ctx context.Context, id registrar.ID) (j *registrar.Job, err error) {
	err = g.Home.WithJobs(ctx, g.Request, func(r *registrar.Registrar) (err error) {
		j, err = r.Advance(ctx, id)
		return err
	})
	return j, err
}

// Agree marks a job as one that the user has agreed to.
func (g JobEngine) Agree(ctx context.Context, id registrar.ID) error {
	return g.Home.WithJobs(ctx, g.Request, func(r *registrar.Registrar) error { return r.Agree(ctx, id) })
}

// RescueLaunch makes the job of a namespace that a key of this wallet has revealed; nil: none has.
func (g JobEngine) RescueLaunch(ctx context.Context, id names.NamespaceID, rate txbuilder.FeeRate) (j *registrar.Job, err error) {
	err = g.Home.WithJobs(ctx, g.Request, func(r *registrar.Registrar) (err error) {
		j, err = r.RescueLaunch(ctx, id, registrar.Request{Rate: rate})
		return err
	})
	return j, err
}

// Following is what is still to be paid for jobs that were found again.
func (g JobEngine) Following(ctx context.Context, jobs []*registrar.Job) (ops []txbuilder.Cost, err error) {
	err = g.Home.WithJobs(ctx, g.Request, func(r *registrar.Registrar) error {
		for _, j := range jobs {
			c, err := registrar.Following(ctx, r, j)
			if err != nil {
				return fmt.Errorf("%s: what is still to be paid: %w", j.Request.Subject(), err)
			}
			ops = append(ops, c)
		}
		return nil
	})
	return ops, err
}

// Job reads a job from the journal, without a node.
func (g JobEngine) Job(ctx context.Context, id registrar.ID) (*registrar.Job, error) {
	j, err := g.Home.Journal(ctx)
	if err != nil {
		return nil, err
	}
	job, err := j.Job(ctx, id)
	return job, errors.Join(err, j.Close())
}

// JobBlocks are the blocks of a home as requests see them.
type JobBlocks struct {
	Home *Home
	// NoMine waits for blocks where they could be mined, too.
	NoMine bool
}

// Tip is the last block.
func (b JobBlocks) Tip(ctx context.Context) (tip [32]byte, err error) {
	n, err := b.Home.Node(ctx)
	if err != nil {
		return tip, err
	}
	_, tip, err = n.Tip(ctx)
	return tip, err
}

// Next returns when the chain has moved on from a tip. On the sandbox it mines a block.
func (b JobBlocks) Next(ctx context.Context, tip [32]byte) error {
	mined, err := b.Mine(ctx)
	if err != nil || mined {
		return err
	}
	n, err := b.Home.Node(ctx)
	if err != nil {
		return err
	}
	_, _, err = n.WaitBlock(ctx, tip)
	return err
}

// Mine mines a block on the sandbox, unless that is not wanted.
func (b JobBlocks) Mine(ctx context.Context) (bool, error) {
	if b.NoMine {
		return false, nil
	}
	return b.Home.MineOne(ctx)
}
