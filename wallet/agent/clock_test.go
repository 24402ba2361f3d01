package agent

import (
	"context"
	"errors"
	"testing"
	"time"

	"blockstack/wallet/keychain"
)

// clocks can be set.
type clocks struct{ now moment }

func (c *clocks) read() moment { return c.now }

// run lets time pass: all clocks, or one that stands still in sleep.
func (c *clocks) run(d time.Duration)   { c.now.awake += d; c.sleep(d) }
func (c *clocks) sleep(d time.Duration) { c.now.boot += d; c.set(d) }
func (c *clocks) set(d time.Duration)   { c.now.wall = c.now.wall.Add(d) }

// TestTerm: whichever clock says first that the time is over ends it.
func TestTerm(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*clocks)
		over   bool
	}{
		"nothing":                         {func(*clocks) {}, false},
		"a little":                        {func(c *clocks) { c.run(14 * time.Minute) }, false},
		"time":                            {func(c *clocks) { c.run(15 * time.Minute) }, true},
		"a short sleep":                   {func(c *clocks) { c.sleep(14 * time.Minute) }, false},
		"sleep":                           {func(c *clocks) { c.sleep(7 * time.Hour) }, true},
		"sleep, then set back":            {func(c *clocks) { c.sleep(7 * time.Hour); c.set(-7 * time.Hour) }, true},
		"time, then set back":             {func(c *clocks) { c.run(15 * time.Minute); c.set(-10 * time.Minute) }, true},
		"set forward":                     {func(c *clocks) { c.set(time.Hour) }, true},
		"set back":                        {func(c *clocks) { c.set(-2 * time.Hour) }, true},
		"corrected":                       {func(c *clocks) { c.set(-3 * time.Second) }, false},
		"no boot clock: sleep":            {func(c *clocks) { c.now.counts = false; c.sleep(7 * time.Hour) }, true},
		"no boot clock: slept, set back":  {func(c *clocks) { c.now.counts = false; c.sleep(7 * time.Hour); c.set(-8 * time.Hour) }, true},
		"no boot clock: a short sleep":    {func(c *clocks) { c.now.counts = false; c.sleep(time.Minute) }, false},
		"no boot clock: time, no setting": {func(c *clocks) { c.now.counts = false; c.run(15 * time.Minute) }, true},
	} {
		k := &clocks{moment{wall: time.Now().Round(0), awake: time.Hour, boot: 2 * time.Hour, counts: true}}
		term := newTerm(k.now.wall.Add(15*time.Minute), k.read)
		if term.over() {
			t.Fatalf("%s: over at once", name)
		}
		if c.change(k); term.over() != c.over {
			t.Errorf("%s: over is %v", name, term.over())
		}
	}
	if m := systemClocks(); m.wall.IsZero() || m.awake <= 0 || m.counts && m.boot <= 0 {
		t.Errorf("the clocks of this machine: %+v", m)
	}
}

// TestAgentAfterSleep: no request is served after the end by any clock, also between two looks at
// the clocks.
func TestAgentAfterSleep(t *testing.T) {
	ctx := context.Background()
	_, keys, _ := start(t, ctx, time.Hour)
	k := &clocks{moment{wall: time.Now().Round(0), counts: true}}
	s := &server{keys: keys, term: newTerm(k.now.wall.Add(15*time.Minute), k.read), stop: func() {}, work: make(chan struct{}, 1)}
	q := request{Op: opSignMessage, Path: keychain.OwnerPath(0).String(), Text: []byte("x")}
	if a := s.answer(ctx, q); a.Signature == "" {
		t.Fatalf("before its end: %+v", a)
	}
	k.sleep(7 * time.Hour)
	a := s.answer(ctx, q)
	if err := a.err(); !errors.Is(err, keychain.ErrLocked) || a.Signature != "" || !keys.Locked() {
		t.Errorf("7 hours later: %+v, locked %v", a, keys.Locked())
	}
}

// TestAgentEndsBySleep: a wall clock past the end is the end, whatever the time that a timer has
// waited.
func TestAgentEndsBySleep(t *testing.T) {
	dir := t.TempDir()
	_, keys, _ := start(t, context.Background(), time.Hour)
	k := &clocks{moment{wall: time.Now().Round(0), counts: true}}
	term := newTerm(k.now.wall.Add(15*time.Minute), k.read)
	k.sleep(8 * time.Hour)
	done := make(chan error, 1)
	go func() { done <- serve(context.Background(), dir+"/s", keys, term, func() error { return nil }) }()
	select {
	case err := <-done:
		if err != nil || !keys.Locked() {
			t.Errorf("%v, locked %v", err, keys.Locked())
		}
	case <-time.After(5 * time.Second):
		t.Fatal("it runs on")
	}
}
