package agent

import "time"

// moment is what the clocks of the machine say.
type moment struct {
	wall  time.Time     // the clock that people set; no monotonic reading
	awake time.Duration // counts while the machine runs, and on some systems not while it sleeps
	boot  time.Duration // counts through sleep; meaningless where counts is false
	// counts says that the system has a clock that counts through sleep.
	counts bool
}

// started is what the awake clock counts from.
var started = time.Now()

// systemClocks reads the clocks of the machine.
func systemClocks() moment {
	now := time.Now()
	m := moment{wall: now.Round(0), awake: now.Sub(started)}
	m.boot, m.counts = bootTime()
	return m
}

// setBack is how far the wall clock may be set back to before the agent began.
const setBack = time.Minute

// term is how long an agent may sign. Each clock alone can end it: the wall clock, which goes on
// while the machine sleeps and which somebody may set back; the clocks that nobody sets, of which
// one may stand still in sleep. A wall clock that stands before the beginning has been set back,
// and says nothing any more: that ends it too.
type term struct {
	read  func() moment
	began moment
	until time.Time // by the wall clock
	life  time.Duration
}

// newTerm begins a term that lasts until a time, by its reading of the wall clock and, if it has
// one, by its monotonic reading.
func newTerm(until time.Time, read func() moment) *term {
	t := &term{read: read, began: read(), until: until.Round(0)}
	t.life = t.until.Sub(t.began.wall)
	if monotonic := time.Until(until); monotonic < t.life {
		t.life = monotonic
	}
	return t
}

// over says whether the term has ended.
func (t *term) over() bool {
	now := t.read()
	switch {
	case !now.wall.Before(t.until), now.wall.Before(t.began.wall.Add(-setBack)):
		return true
	case now.awake-t.began.awake >= t.life:
		return true
	}
	return now.counts && t.began.counts && now.boot-t.began.boot >= t.life
}

// next is how long to wait before the clocks are looked at again when nobody asks: a timer stands
// still in sleep.
func (t *term) next() time.Duration {
	left := t.until.Sub(t.read().wall)
	return max(min(left, 2*time.Second), time.Millisecond)
}
