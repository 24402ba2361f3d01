package ports

import (
	"context"
	"time"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
)

// SystemClock is the real one.
type SystemClock struct{}

// Now is the time in UTC.
func (SystemClock) Now() time.Time { return time.Now().UTC() }

// Publisher puts a zone file where it can be found by its hash. It may be called again with the
// same file. It returns where the file is now.
type Publisher interface {
	Publish(ctx context.Context, n names.Name, zoneFile []byte) ([]string, error)
}

// Clock tells the time for the journal's record; nothing is decided by it.
type Clock interface{ Now() time.Time }

// Journal is where jobs are kept. Every Save is durable when it returns.
type Journal interface {
	// Jobs lists all jobs, oldest first.
	Jobs(ctx context.Context) ([]*job.Job, error)
	// Job gives one job, or ErrNoJob.
	Job(ctx context.Context, id job.ID) (*job.Job, error)
	// Save writes a job, new or changed.
	Save(ctx context.Context, j *job.Job) error
}
