package record

import (
	"context"
	"errors"
	"slices"
	"testing"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
)

// journal keeps jobs in memory, and can be full.
type journal struct {
	ports.Journal
	saved []*job.Job
	full  error
}

func (j *journal) Save(_ context.Context, one *job.Job) error {
	if j.full == nil {
		j.saved = append(j.saved, one)
	}
	return j.full
}

// notary marks intentions with themselves.
type notary struct{ locked bool }

func (n notary) Agree(_ context.Context, intention []byte) ([]byte, error) {
	if n.locked {
		return nil, nil
	}
	return slices.Clone(intention), nil
}

func (n notary) Agreed(_ context.Context, intention, mark []byte) (bool, error) {
	return slices.Equal(intention, mark), nil
}

func planned(t *testing.T) *job.Job {
	t.Helper()
	n, err := names.Parse("alice.id")
	if err != nil {
		t.Fatal(err)
	}
	return &job.Job{ID: "x", State: job.Planned, Request: job.Request{Kind: job.KindUpdate, Name: n, Owner: []byte{1}, ZoneFile: []byte("z")}}
}

// TestChange gives a changed job out only when it is on disk, and tells of its state only then. The
// one that was given is never altered.
func TestChange(t *testing.T) {
	disk, told := &journal{}, []Event(nil)
	b := &Book{Journal: disk, Clock: ports.SystemClock{}, Notify: func(e Event) { told = append(told, e) }}
	j := planned(t)
	cancel := func(n *job.Job) error { n.Reason = "why"; return nil }
	next, err := b.Change(t.Context(), j, job.Cancelled, cancel)
	if err != nil || next.State != job.Cancelled || next.Reason != "why" || len(disk.saved) != 1 || len(told) != 1 || told[0].State != job.Cancelled {
		t.Fatalf("%+v, %v, %d saved, %+v", next, err, len(disk.saved), told)
	}
	if j.State != job.Planned || j.Reason != "" {
		t.Errorf("the job itself was altered: %+v", j)
	}
	disk.full = errors.New("no space")
	if next, err := b.Change(t.Context(), j, job.Cancelled, cancel); !errors.Is(err, disk.full) || next != nil || len(told) != 1 {
		t.Errorf("with a full disk: %+v, %v, %+v", next, err, told)
	}
	disk.full = nil
	no := errors.New("no")
	if next, err := b.Change(t.Context(), j, job.Cancelled, func(*job.Job) error { return no }); !errors.Is(err, no) || next != nil || len(disk.saved) != 1 {
		t.Errorf("%+v, %v, %d saved", next, err, len(disk.saved))
	}
}

// TestAgreed holds a job to the intention that it was marked with. Rates may change after that.
func TestAgreed(t *testing.T) {
	b := &Book{Journal: &journal{}, Notary: notary{}}
	j := planned(t)
	if err := b.Agreed(t.Context(), j); !errors.As(err, new(*NotAgreed)) {
		t.Errorf("without a mark: %v", err)
	}
	if err := b.Agree(t.Context(), j); err != nil || len(j.Mark) == 0 {
		t.Fatalf("%x, %v", j.Mark, err)
	}
	j.Request.Rate, j.Request.HighRate = 5000, 9000
	if err := b.Agreed(t.Context(), j); err != nil {
		t.Errorf("at another rate: %v", err)
	}
	j.Request.Owner = []byte{2}
	if err := b.Agreed(t.Context(), j); !errors.As(err, new(*NotAgreed)) {
		t.Errorf("for another owner: %v", err)
	}
	j.Request.External = true
	if err := b.Agreed(t.Context(), j); err != nil {
		t.Errorf("what is signed elsewhere is agreed to there: %v", err)
	}
	if err := (&Book{}).Agreed(t.Context(), planned(t)); err != nil {
		t.Errorf("without a notary: %v", err)
	}
}
