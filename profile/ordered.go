package profile

import (
	"context"
	"iter"
)

// ordered runs work over items on several goroutines and hands the results to emit in the order of
// the items, one at a time, on the caller's goroutine. At most a few items for each worker are held
// at a time, however many there are. The first error of work or emit stops everything and is
// returned, at once even when items is waiting for input; what waits ends when its input comes.
func ordered[In, Out any](ctx context.Context, items iter.Seq[In], workers int, work func(context.Context, In) (Out, error), emit func(Out) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type slot struct {
		in   In
		out  Out
		err  error
		done chan struct{}
	}
	todo := make(chan *slot)
	line := make(chan *slot, 4*workers) // in the order of the items; its length bounds what is held
	go func() {
		defer close(line)
		defer close(todo)
		for in := range items {
			s := &slot{in: in, done: make(chan struct{})}
			select {
			case line <- s:
			case <-ctx.Done():
				return
			}
			select {
			case todo <- s:
			case <-ctx.Done():
				s.err = ctx.Err()
				close(s.done)
				return
			}
		}
	}()
	for range workers {
		go func() {
			for s := range todo {
				s.out, s.err = work(ctx, s.in)
				close(s.done)
			}
		}()
	}
	for {
		select {
		case s, more := <-line:
			if !more {
				return ctx.Err()
			}
			<-s.done
			if s.err != nil {
				return s.err
			}
			if err := emit(s.out); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
