package home

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestRoom holds a room to one opening for many, to another try after a failure, and to a new
// opening after it was closed.
func TestRoom(t *testing.T) {
	ctx := context.Background()
	r := newRoom[int]()
	var opened, closed atomic.Int32
	broken := errors.New("broken")
	if _, err := r.get(ctx, func(context.Context) (int, func() error, error) { return 0, nil, broken }); !errors.Is(err, broken) {
		t.Fatalf("a failed opening gives %v", err)
	}
	open := func(context.Context) (int, func() error, error) {
		time.Sleep(5 * time.Millisecond)
		return int(opened.Add(1)), func() error { closed.Add(1); return nil }, nil
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if v, err := r.get(ctx, open); v != 1 || err != nil {
				t.Errorf("got %d, %v", v, err)
			}
		})
	}
	all.Wait()
	if err := errors.Join(r.close(), r.close()); err != nil || closed.Load() != 1 {
		t.Fatalf("closed %d times, %v", closed.Load(), err)
	}
	if v, err := r.get(ctx, open); v != 2 || err != nil {
		t.Fatalf("after closing: %d, %v", v, err)
	}
}

// TestRoomWaitEnds lets somebody who waits for a slow opening give up.
func TestRoomWaitEnds(t *testing.T) {
	r := newRoom[int]()
	slow, begun := make(chan struct{}), make(chan struct{})
	go func() {
		_, _ = r.get(context.Background(), func(context.Context) (int, func() error, error) {
			close(begun)
			<-slow
			return 1, nil, nil
		})
	}()
	<-begun
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := r.get(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting ended with %v", err)
	}
	close(slow)
}

// TestLease holds a lease to one opening for users at the same time, and to closing after the last.
func TestLease(t *testing.T) {
	ctx := context.Background()
	l := newLease[int]()
	var opened, isOpen atomic.Int32
	open := func(context.Context) (int, func() error, error) {
		if isOpen.Add(1) != 1 {
			t.Error("opened while it is open")
		}
		return int(opened.Add(1)), func() error { isOpen.Add(-1); return nil }, nil
	}
	v, first, err := l.take(ctx, open)
	if err != nil || v != 1 {
		t.Fatal(v, err)
	}
	v, second, err := l.take(ctx, open)
	if err != nil || v != 1 {
		t.Fatal(v, err)
	}
	if err := first(); err != nil || isOpen.Load() != 1 {
		t.Fatalf("closed while it is used, %v", err)
	}
	if err := first(); err != nil || isOpen.Load() != 1 {
		t.Fatalf("closed by one who had left, %v", err)
	}
	if err := second(); err != nil || isOpen.Load() != 0 {
		t.Fatalf("open when nobody uses it, %v", err)
	}
	if v, release, err := l.take(ctx, open); err != nil || v != 2 || release() != nil {
		t.Fatal(v, err)
	}
}

// TestLeaseIsFair lets many requests use a file without a pause, and looks whether somebody else
// gets it all the same.
func TestLeaseIsFair(t *testing.T) {
	l := newLease[int]()
	var file sync.Mutex // what another process would take
	busy := make(chan struct{})
	begun := sync.OnceFunc(func() { close(busy) })
	open := func(context.Context) (int, func() error, error) {
		file.Lock()
		begun()
		return 1, func() error { file.Unlock(); return nil }, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for ctx.Err() == nil {
				_, release, err := l.take(ctx, open)
				if err != nil {
					return
				}
				time.Sleep(3 * time.Millisecond)
				if err := release(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	<-busy
	time.Sleep(20 * time.Millisecond)
	deadline := time.Now().Add(20 * time.Second)
	for !file.TryLock() {
		if time.Now().After(deadline) {
			t.Error("nobody else ever gets the file")
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	cancel()
	if !t.Failed() {
		file.Unlock()
	}
	all.Wait()
}
