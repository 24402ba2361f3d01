package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/line"
	"blockstack/commands/owned"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/names/holdings"
	"blockstack/names/index"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/chain"
)

// WatchCommand is `watch`.
func WatchCommand() *cli.Command {
	return &cli.Command{
		Name:     "watch",
		Category: line.Names,
		Usage:    "advance all jobs with each block, until interrupted",
		Description: "Runs until Ctrl-C, which is safe at any moment. What was signed in advance needs no password; for the rest a running\n" +
			"agent (blockstack wallet unlock) signs, or the password is read from where --password-file and the like say. It never\n" +
			"asks. A node that goes away is waited for. With --json every event is a line.\n\n" + line.Examples(
			"blockstack watch",
			"blockstack watch --json --quiet >>jobs.log"),
		Flags: []cli.Flag{&cli.DurationFlag{Name: "timeout", Usage: "end after `DURATION`, such as 90m", DefaultText: " "}},
		Action: line.Verb(func(c *cli.Context) (time.Duration, error) {
			if d := c.Duration("timeout"); d < 0 {
				return 0, fault.Usage("--timeout is negative")
			}
			return c.Duration("timeout"), nil
		}, runWatch),
	}
}

// watchEvent is one line of `watch --json`.
type watchEvent struct {
	Time    string       `json:"time"`
	Event   string       `json:"event"` // block, signed, broadcast, state, published, waiting, needs_key, error, unreachable, reachable, name_in_grace, name_lost, name_moved
	Height  *int32       `json:"height,omitempty"`
	Open    *int         `json:"open_jobs,omitempty"`
	JobID   registrar.ID `json:"job_id,omitempty"`
	Kind    string       `json:"kind,omitempty"`
	Subject string       `json:"subject,omitempty"` // name or namespace
	Name    string       `json:"name,omitempty"`    // of the events name_…
	Owner   string       `json:"owner_address,omitempty"`
	State   string       `json:"state,omitempty"`
	Txid    string       `json:"txid,omitempty"`
	Blocks  *int32       `json:"blocks_left,omitempty"`
	Message string       `json:"message,omitempty"`
}

// watcher is a run of `watch`.
type watcher struct {
	env     *session.Session
	jobs    map[registrar.ID]*registrar.Job
	last    map[registrar.ID]string     // what was said last about a job that stands still
	away    bool                        // the node
	pending []watchEvent                // events of a round
	told    map[owned.ChangeOfName]bool // what has become of names, as far as it was said
}

// watchPauses are how long a node that is away is left alone before it is asked again.
const (
	watchPause    = time.Second
	watchMaxPause = 30 * time.Second
)

// runWatch advances the jobs, waits for a block, and so on.
func runWatch(ctx context.Context, env *session.Session, timeout time.Duration) error {
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	if _, err := env.Wallet(ctx); err != nil { // without a wallet there is nothing to wait for
		return err
	}
	w := &watcher{env: env, jobs: map[registrar.ID]*registrar.Job{}, last: map[registrar.ID]string{}, told: map[owned.ChangeOfName]bool{}}
	pause := watchPause
	for first := true; ; first = false {
		tip, err := w.round(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err == nil {
			pause = watchPause
			if err = w.wait(ctx, tip); ctx.Err() != nil {
				return nil
			}
		}
		if err == nil {
			continue
		}
		if first && !home.Passes(err) {
			return err // a slip in the configuration, say
		}
		if err := w.absent(err); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, watchMaxPause)
		if err := env.Reconnect(); err != nil {
			return err
		}
	}
}

// wait returns when the chain has moved on.
func (w *watcher) wait(ctx context.Context, tip [32]byte) error {
	n, err := w.env.Node(ctx)
	if err != nil {
		return err
	}
	_, _, err = n.WaitBlock(ctx, tip)
	return err
}

// absent says once that the node is away, or another process has the files.
func (w *watcher) absent(err error) error {
	if w.away {
		return nil
	}
	w.away = true
	event := "error"
	if home.Away(err) {
		event = "unreachable"
	}
	told := faults.Of(context.Background(), err)
	return w.say(watchEvent{Event: event, Message: told.Message})
}

// round advances every job once. It gives the tip that it began at.
func (w *watcher) round(ctx context.Context) (tip [32]byte, err error) {
	n, err := w.env.Node(ctx)
	if err != nil {
		return tip, err
	}
	height, hash, err := n.Tip(ctx)
	if err != nil {
		return tip, err
	}
	wallet, err := w.env.Wallet(ctx)
	if err != nil {
		return tip, err
	}
	wallet.Lock() // the agent of the last round may have ended
	if !w.env.Keys.HasPassword() {
		if _, err := w.env.Keys.UseAgent(ctx, wallet); err != nil {
			return tip, err
		}
	}
	locked, err := w.advance(ctx)
	if err == nil && locked && w.env.Keys.HasPassword() {
		if err = w.env.Keys.Unlock(ctx, wallet); err == nil {
			_, err = w.advance(ctx)
			wallet.Lock()
		}
	}
	if err != nil {
		return tip, err
	}
	if w.away {
		w.away = false
		if err := w.say(watchEvent{Event: "reachable"}); err != nil {
			return tip, err
		}
	}
	open := 0
	for _, j := range w.jobs {
		if j.Open() {
			open++
		}
	}
	if err := w.say(watchEvent{Event: "block", Height: &height, Open: &open}); err != nil {
		return tip, err
	}
	for _, e := range w.pending {
		if err := w.say(e); err != nil {
			return tip, err
		}
	}
	w.pending = nil
	return hash, w.names(ctx)
}

// names says what has become of names, once each.
func (w *watcher) names(ctx context.Context) error {
	var changes []holdings.Change
	err := w.env.WithIndex(ctx, func(x *index.Index) error {
		var err error
		changes, err = owned.ChangesOfNames(ctx, w.env, x)
		return err
	})
	if err != nil {
		return err
	}
	for _, c := range changes {
		v := owned.ViewChangeOfName(c)
		if w.told[v] {
			continue
		}
		w.told[v] = true
		e := watchEvent{Event: string(v.Event), Name: v.Name.String(), Height: &v.Height, Txid: v.Txid, Owner: v.Owner, Message: c.String()}
		if err := w.say(e); err != nil {
			return err
		}
	}
	return nil
}

// advance is one pass over all jobs. locked says that one of them needs a key.
func (w *watcher) advance(ctx context.Context) (locked bool, err error) {
	w.pending = nil
	err = w.env.WithJobs(ctx, w.notice, func(r *registrar.Registrar) error {
		jobs, err := r.Jobs(ctx)
		if err != nil {
			return err
		}
		for _, j := range jobs {
			w.jobs[j.ID] = j
		}
		return r.AdvanceEach(ctx, func(j *registrar.Job, err error) error {
			w.jobs[j.ID] = j
			locked = locked || errors.Is(err, registrar.ErrNeedsKey)
			if errors.Is(err, chain.ErrUnreachable) {
				return err
			}
			w.stands(j, err)
			return ctx.Err()
		})
	})
	return locked, err
}

// notice collects what a job does.
func (w *watcher) notice(ev registrar.Event) {
	e := watchEvent{Event: string(ev.What), JobID: ev.Job, State: ev.State.String(), Txid: ev.Txid, Message: ev.Text}
	if ev.What == registrar.EventWaiting {
		return // stands says it, when it is new
	}
	w.pending = append(w.pending, w.about(e))
}

// about adds what a job is.
func (w *watcher) about(e watchEvent) watchEvent {
	if j := w.jobs[e.JobID]; j != nil {
		e.Kind, e.Subject = string(j.Request.Kind), j.Request.Subject()
	}
	return e
}

// stands says what a job stands still for, or why it could not go on, when that is not what was
// said last.
func (w *watcher) stands(j *registrar.Job, err error) {
	e := watchEvent{Event: "waiting", JobID: j.ID, State: j.State.String()}
	var key *registrar.NeedsKey
	switch {
	case errors.As(err, &key):
		e.Event, e.Message, e.Blocks = "needs_key", err.Error(), &key.Blocks
	case errors.Is(err, registrar.ErrNeedsKey):
		e.Event, e.Message = "needs_key", err.Error()
	case err != nil:
		e.Event, e.Message = "error", err.Error()
	case j.Wait == nil:
		delete(w.last, j.ID)
		return
	default:
		e.Message = j.Wait.For
	}
	if said := e.Event + e.State + e.Message; w.last[j.ID] != said {
		w.last[j.ID] = said
		w.pending = append(w.pending, w.about(e))
	}
}

// say prints an event.
func (w *watcher) say(e watchEvent) error {
	e.Time = voice.Time(time.Now())
	return w.env.Out.Stream("watch", e, func(t *voice.Text) {
		text := e.Time + " " + e.Event
		if e.Subject != "" {
			text += fmt.Sprintf(" %s %s", e.Kind, e.Subject)
		}
		if e.Event == string(registrar.EventState) || e.Event == "waiting" {
			text += " (" + e.State + ")"
		}
		if e.Height != nil && e.Open != nil {
			text += fmt.Sprintf(" %d, %s open", *e.Height, voice.Count(*e.Open, "job"))
		}
		if e.Message != "" {
			text += ": " + e.Message
		}
		if e.Txid != "" && e.Name == "" {
			text += " " + e.Txid
		}
		t.Line("%s", text)
	})
}
