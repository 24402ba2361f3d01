package schedule

import (
	"context"
	"errors"
	"testing"

	"blockstack/txbuilder/registrar/job"
)

// chain runs jobs by hand: each has the states that it takes, one for each time that it is
// advanced; 0 is an error.
type chain struct {
	states map[job.ID][]job.State
	waits  map[job.ID]*job.Wait
	blocks int
	asked  map[job.ID]int
}

var errJob, errNode = errors.New("no coins"), errors.New("node is away")

func (c *chain) advance(_ context.Context, id job.ID) (*job.Job, error) {
	c.asked[id]++
	s := c.states[id]
	if len(s) > 1 {
		c.states[id] = s[1:]
	}
	if s[0] == 0 {
		return nil, errJob
	}
	return &job.Job{ID: id, State: s[0], Wait: c.waits[id], Request: job.Request{Kind: job.KindRegister}}, nil
}

func (c *chain) follow(t *testing.T, until Until, react Reaction, ids ...job.ID) ([]Entry, error) {
	t.Helper()
	c.asked = map[job.ID]int{}
	var list []Entry
	for _, id := range ids {
		list = append(list, Entry{Job: &job.Job{ID: id}})
	}
	f := Schedule{Until: until, Advance: c.advance, React: func(error) Reaction { return react },
		Chain: func(context.Context) (func(context.Context) error, error) {
			if c.blocks > 20 {
				return nil, errNode
			}
			return func(context.Context) error { c.blocks++; return nil }, nil
		}}
	return list, f.Follow(t.Context(), list)
}

// TestFollow follows two jobs until both are over, one of them longer than the other.
func TestFollow(t *testing.T) {
	c := &chain{states: map[job.ID][]job.State{
		"a": {job.PreorderSigned, job.RegisterSigned, job.RegisterConfirmed, job.Done},
		"b": {job.PreorderSigned, job.Done},
	}}
	list, err := c.follow(t, Over, Stuck, "a", "b")
	if err != nil || list[0].Job.State != job.Done || list[1].Job.State != job.Done || c.blocks != 3 || c.asked["b"] != 2 {
		t.Fatalf("%+v, %v, %d blocks, %v", list, err, c.blocks, c.asked)
	}
	c = &chain{states: map[job.ID][]job.State{"a": {job.PreorderSigned, job.RegisterSigned, job.RegisterConfirmed, job.Done}}}
	if list, err := c.follow(t, Mined, Stuck, "a"); err != nil || list[0].Job.State != job.RegisterConfirmed || c.blocks != 2 {
		t.Errorf("until it is mined: %+v, %v, %d blocks", list[0].Job, err, c.blocks)
	}
	c = &chain{states: map[job.ID][]job.State{"a": {job.PreorderSigned}}}
	if _, err := c.follow(t, Sent, Stuck, "a"); err != nil || c.blocks != 0 {
		t.Errorf("until it is sent: %v, %d blocks", err, c.blocks)
	}
}

// TestFollowErrors: one that is stuck is tried again when another one ends, and holds nobody up;
// one that needs an answer is left alone; what is the same for all ends it.
func TestFollowErrors(t *testing.T) {
	states := func() map[job.ID][]job.State {
		return map[job.ID][]job.State{"stuck": {0}, "helped": {0, 0, job.Done}, "good": {job.PreorderSigned, job.Done}}
	}
	c := &chain{states: states()}
	list, err := c.follow(t, Over, Stuck, "stuck", "helped", "good")
	if err != nil || !errors.Is(list[0].Err, errJob) || list[1].Err != nil || list[1].Job.State != job.Done || c.asked["stuck"] != 4 {
		t.Errorf("%+v, %v, %v", list, err, c.asked)
	}
	c = &chain{states: states()}
	if list, err := c.follow(t, Over, Leave, "stuck", "good"); err != nil || c.asked["stuck"] != 1 || list[1].Job.State != job.Done {
		t.Errorf("%+v, %v, %v", list, err, c.asked)
	}
	c = &chain{states: states()}
	if _, err := c.follow(t, Over, Stop, "good", "stuck"); !errors.Is(err, errJob) || c.asked["good"] != 1 {
		t.Errorf("%v, %v", err, c.asked)
	}
}

// TestFollowWaits does not wait for blocks where these do not help: for the user's word, or for a
// signature elsewhere.
func TestFollowWaits(t *testing.T) {
	for _, w := range []*job.Wait{{Held: true}, {Signatures: true}} {
		c := &chain{states: map[job.ID][]job.State{"a": {job.PreorderSigned}}, waits: map[job.ID]*job.Wait{"a": w}}
		if list, err := c.follow(t, Over, Stuck, "a"); err != nil || c.blocks != 0 || !list[0].Over {
			t.Errorf("%+v: %+v, %v, %d blocks", w, list, err, c.blocks)
		}
	}
}
