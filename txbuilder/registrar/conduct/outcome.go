package conduct

import (
	"errors"
	"fmt"
	"time"

	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/schedule"
)

// Terms are how a request is to be carried out.
type Terms struct {
	// DryRun plans only.
	DryRun bool
	// RateGiven says that the user named the fee rate, and so agreed to what it costs.
	RateGiven bool
	// Until is how far the job is waited for, Timeout how long; zero: as long as it takes.
	Until   schedule.Until
	Timeout time.Duration
	// Once advances the job once and waits for nothing: what is to be signed elsewhere is wanted.
	Once bool
}

// What is how a request ended that no error ended.
type What int

// The outcomes. The first three are of dry runs.
const (
	Planned    What = iota + 1 // Outcome.Plan is what it would do; its Doubt why it would not be started yet
	Running                    // Outcome.Job is recorded already
	Found                      // Outcome.Found was sent already
	Done                       // the job is done
	Cancelled                  // it was cancelled
	Rejected                   // it ended otherwise, for the reason that it has
	Held                       // it waits for the user's word
	Signatures                 // it waits for signatures from elsewhere
	Block                      // it waits for a block
)

// Outcome is what became of a request.
type Outcome struct {
	What  What
	Job   *registrar.Job      // nil: it was only planned, or found
	Plan  *registrar.Estimate // Planned
	Found *registrar.Pending  // Found
}

// StandingOf says how a job stands.
func StandingOf(j *registrar.Job) What {
	switch w := j.Wait; {
	case j.State == registrar.Done:
		return Done
	case j.State == registrar.Cancelled:
		return Cancelled
	case !j.Open():
		return Rejected
	case w != nil && w.Held:
		return Held
	case w != nil && w.Signatures:
		return Signatures
	}
	return Block
}

// outcomeOf is the outcome of a request whose job was advanced.
func outcomeOf(j *registrar.Job) Outcome { return Outcome{What: StandingOf(j), Job: j} }

var (
	// ErrNobody is wrapped by what Keys return when the user would have to be asked for a password,
	// and cannot be.
	ErrNobody = errors.New("nobody can be asked for the keys")
	// ErrWatchOnly says that a wallet without keys was to sign.
	ErrWatchOnly = errors.New("this wallet is watch-only: it can look, not sign")
)

// Interrupted says that the context ended while a job was waited for. The job is recorded, and the
// same request goes on with it.
type Interrupted struct {
	ID  registrar.ID // empty: there were several
	Err error
}

// Error says that it was interrupted.
func (e *Interrupted) Error() string { return "interrupted" }

// Unwrap is the error of the context.
func (e *Interrupted) Unwrap() error { return e.Err }

// NoConsent says that the user said no to a question, or that nobody could be asked.
type NoConsent struct {
	Question Question
	Err      error
}

// Error says what was asked.
func (e *NoConsent) Error() string { return e.Err.Error() }

// Unwrap is what Consent said.
func (e *NoConsent) Unwrap() error { return e.Err }

// inDoubt is the error of a request that is not started yet.
func inDoubt(req *registrar.Request, err error) error {
	return fmt.Errorf("%s: %s: %w", req.Subject(), req.Kind, err)
}
