package journal

import (
	"encoding/json"
	"errors"
	"testing"

	"blockstack/txbuilder/registrar/job"
)

// TestJournalDamage changes every part of a stored job that money depends on.
func TestJournalDamage(t *testing.T) {
	raw, err := json.Marshal(storedJob(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := job.Decode(raw); err != nil {
		t.Fatal(err)
	}
	for what, alter := range map[string]func(*job.Job){
		"bytes of a transaction": func(j *job.Job) { j.Stages[0].Versions[0].Raw[50] ^= 1 },
		"cut bytes":              func(j *job.Job) { v := j.Stages[0].Versions[0]; v.Raw = v.Raw[:40] },
		"more bytes":             func(j *job.Job) { v := j.Stages[0].Versions[0]; v.Raw = append(v.Raw, 0) },
		"txid":                   func(j *job.Job) { j.Stages[0].Versions[0].Txid[3] ^= 1 },
		"current version":        func(j *job.Job) { j.Stages[0].Current = 9 },
		"empty stage":            func(j *job.Job) { j.Stages[0].Versions = nil },
		"no preorder":            func(j *job.Job) { j.Stages = j.Stages[1:] },
		"no amount":              func(j *job.Job) { j.Price.Amount = nil },
		"unknown kind":           func(j *job.Job) { j.Request.Kind = "x" },
		"launch without rules":   func(j *job.Job) { j.Request.Kind = job.KindLaunch },
	} {
		var bad job.Job
		if err := json.Unmarshal(raw, &bad); err != nil {
			t.Fatal(err)
		}
		alter(&bad)
		again, err := json.Marshal(&bad)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := job.Decode(again); !errors.Is(err, job.ErrBadJournal) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// FuzzDecodeJob reads anything as a job without a panic, and what it accepts it reads again.
func FuzzDecodeJob(f *testing.F) {
	f.Add([]byte(`{"id":"0011223344","state":1,"request":{"kind":"register","name":"alice.id","owner":"dqk="}}`))
	f.Add([]byte(`{"state":2,"stages":[{"role":"preorder","versions":[{"raw":"AA=="}],"current":0}]}`))
	f.Add([]byte(`{"state":2,"stages":[null]}`))
	f.Add([]byte(`{"request":{"kind":"register","name":"alice.id"}}`)) // no state
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		j, err := job.Decode(raw)
		if err != nil {
			if !errors.Is(err, job.ErrBadJournal) {
				t.Fatalf("%v", err)
			}
			return
		}
		again, err := job.Clone(j)
		if err != nil || again.ID != j.ID || again.State != j.State {
			t.Fatalf("%+v, %v", again, err)
		}
		_ = j.View()
	})
}
