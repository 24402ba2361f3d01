package job

import (
	"encoding/json"
	"slices"
	"testing"
)

// TestStoredKeys holds the stored form of a job: the bodies of the kinds lie flat beside what all
// kinds have, and what a kind has none of is not written.
func TestStoredKeys(t *testing.T) {
	keys := func(j *Job) (list []string) {
		t.Helper()
		raw, err := json.Marshal(j)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]json.RawMessage
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		for k := range m {
			list = append(list, k)
		}
		slices.Sort(list)
		return list
	}
	all := []string{"attempt", "created", "id", "request", "state", "updated"}
	for _, c := range []struct {
		j    Job
		more []string
	}{
		{Job{State: Planned}, nil},
		{Job{State: Planned, Single: Single{Price: &Price{}, Supersedes: "x", NeedsUpdate: true, Deadline: 1, Published: []string{"a"}, IsPublic: true}},
			[]string{"deadline", "is_public", "needs_update", "price", "published", "supersedes"}},
		{Job{State: Running, Listed: Listed{Items: []Progress{{State: Planned}}, Paths: []Path{{}}, Path: 1, Since: 2}}, []string{"items", "path", "paths", "since"}},
		{Job{State: Planned, External: External{Drafted: []*Draft{{}}}}, []string{"drafts"}},
		{Job{State: Planned, Sender: []byte{1}, Reason: "x", Mark: []byte{1}, Stages: []*Stage{{}}, Wait: &Wait{}, From: "x"}, []string{"mark", "reason", "sender", "stages"}},
	} {
		want := slices.Sorted(slices.Values(append(slices.Clone(all), c.more...)))
		if got := keys(&c.j); !slices.Equal(got, want) {
			t.Errorf("stored as %v, want %v", got, want)
		}
	}
}
