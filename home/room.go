package home

import (
	"context"
	"errors"
	"sync"
	"time"
)

// turn lets one goroutine in at a time. Whoever waits stops waiting when his context ends, which a
// mutex does not offer.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// take waits for the turn.
func (t turn) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// give ends it.
func (t turn) give() { <-t }

// opening makes what a room holds; closing may be nil.
type opening[T any] func(ctx context.Context) (value T, closing func() error, err error)

// room is a part of the home that is opened on first use, shared by all requests and closed with
// the home.
type room[T any] struct {
	turn    turn
	open    bool
	value   T
	closing func() error
}

func newRoom[T any]() *room[T] { return &room[T]{turn: newTurn()} }

// get returns what the room holds, and opens it if nobody has. Those who come meanwhile wait; after
// a failure the next one tries again.
func (r *room[T]) get(ctx context.Context, open opening[T]) (T, error) {
	if err := r.turn.take(ctx); err != nil {
		var none T
		return none, err
	}
	defer r.turn.give()
	if r.open {
		return r.value, nil
	}
	value, closing, err := open(ctx)
	if err != nil {
		return value, err
	}
	r.value, r.closing, r.open = value, closing, true
	return value, nil
}

// close closes the room; the next get opens it anew. Nobody may use what it held.
func (r *room[T]) close() error {
	r.turn <- struct{}{}
	defer r.turn.give()
	if !r.open {
		return nil
	}
	var none T
	closing := r.closing
	r.value, r.closing, r.open = none, nil, false
	if closing == nil {
		return nil
	}
	return closing()
}

// How long a file that one process at a time can have open is held. Requests share it. When it has
// been open for longestLease, others may join only while one of the first is still at work, which
// keeps it open anyway; then it is closed, and for leasePause another process can take it.
const (
	longestLease = time.Second
	leasePause   = 120 * time.Millisecond // bbolt tries for the lock of a file every 50 ms
)

// lease is a file that other processes want, too: it is open only while requests use it.
type lease[T any] struct {
	turn    turn
	first   int // users who came before the lease was old
	later   int // users who came after
	since   time.Time
	drained chan struct{} // closed when an old lease ends; nil: nobody waits for that
	value   T
	closing func() error
	ended   time.Time // when the last old lease ended
}

func newLease[T any]() *lease[T] { return &lease[T]{turn: newTurn()} }

// old reports whether the lease has lasted so long that others should have their turn.
func (l *lease[T]) old() bool { return time.Since(l.since) >= longestLease }

// take returns the file, opened if nobody has it open, and what gives it back.
func (l *lease[T]) take(ctx context.Context, open opening[T]) (value T, release func() error, err error) {
	for {
		if err := l.turn.take(ctx); err != nil {
			return value, nil, err
		}
		if l.first > 0 || l.later == 0 {
			break
		}
		if l.drained == nil {
			l.drained = make(chan struct{})
		}
		wait := l.drained
		l.turn.give()
		select {
		case <-wait:
		case <-ctx.Done():
			return value, nil, ctx.Err()
		}
	}
	defer l.turn.give()
	if l.first > 0 {
		return l.value, l.join(), nil
	}
	if err := l.rest(ctx); err != nil {
		return value, nil, err
	}
	opened, closing, err := open(ctx)
	if err != nil {
		return value, nil, err
	}
	l.value, l.closing, l.since = opened, closing, time.Now()
	return l.value, l.join(), nil
}

// takeOpen is take for somebody who has no need of the file when nobody has it open.
func (l *lease[T]) takeOpen(ctx context.Context) (value T, release func() error, open bool, err error) {
	if err := l.turn.take(ctx); err != nil {
		return value, nil, false, err
	}
	defer l.turn.give()
	if l.first == 0 {
		return value, nil, false, nil
	}
	return l.value, l.join(), true, nil
}

// join counts one more user, and returns how he leaves.
func (l *lease[T]) join() (release func() error) {
	users := &l.first
	if l.old() {
		users = &l.later
	}
	*users++
	return sync.OnceValue(func() error { // called again it does nothing
		l.turn <- struct{}{}
		defer l.turn.give()
		*users--
		if l.first+l.later > 0 {
			return nil
		}
		return l.end()
	})
}

// end closes the file that nobody uses any more.
func (l *lease[T]) end() error {
	var none T
	closing := l.closing
	l.value, l.closing = none, nil
	if l.old() {
		l.ended = time.Now()
	}
	if l.drained != nil {
		close(l.drained)
		l.drained = nil
	}
	if closing == nil {
		return nil
	}
	return closing()
}

// rest keeps away for a moment from a file that was open for long, so that another process can have
// it.
func (l *lease[T]) rest(ctx context.Context) error {
	left := leasePause - time.Since(l.ended)
	if l.ended.IsZero() || left <= 0 {
		return nil
	}
	select {
	case <-time.After(left):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// joinClosing closes several things, the last one first.
func joinClosing(list ...func() error) error {
	var errs []error
	for i := len(list) - 1; i >= 0; i-- {
		if list[i] != nil {
			errs = append(errs, list[i]())
		}
	}
	return errors.Join(errs...)
}
