package record

import "blockstack/txbuilder/registrar/job"

// Event is something that a job did or waits for.
type Event struct {
	Job  job.ID
	What EventKind
	// State is the job's state after it.
	State job.State
	Role  job.Role
	Txid  string
	Text  string
	Wait  *job.Wait
}

// EventKind classifies events.
type EventKind string

// The kinds of events.
const (
	EventSigned    EventKind = "signed"
	EventDrafted   EventKind = "drafted"
	EventBroadcast EventKind = "broadcast"
	EventState     EventKind = "state"
	EventPublished EventKind = "published"
	EventWaiting   EventKind = "waiting"
)
