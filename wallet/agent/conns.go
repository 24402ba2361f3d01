package agent

import (
	"net"
	"slices"
	"sync"
)

// maxConns is how many connections are open at a time.
const maxConns = 16

// conns are the open connections. One that has not said what it wants gives way to a new one, the
// oldest first: a client that asks at once is answered, whoever holds connections open and says
// nothing.
type conns struct {
	mu      sync.Mutex
	waiting []net.Conn // their request is not read yet, oldest first
	busy    int
}

// add takes a new connection; false: all others are being answered.
func (t *conns) add(c net.Conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting)+t.busy >= maxConns && !t.dropOldest() {
		return false
	}
	t.waiting = append(t.waiting, c)
	return true
}

// drop closes the oldest connection that waits, if there is one: its descriptor may be needed.
func (t *conns) drop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dropOldest()
}

// dropOldest is drop. t.mu is held.
func (t *conns) dropOldest() bool {
	if len(t.waiting) == 0 {
		return false
	}
	_ = t.waiting[0].Close()
	t.waiting = slices.Delete(t.waiting, 0, 1)
	return true
}

// asked says that the request of a connection is there; false: it gave way meanwhile.
func (t *conns) asked(c net.Conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(t.waiting, c)
	if i < 0 {
		return false
	}
	t.waiting = slices.Delete(t.waiting, i, i+1)
	t.busy++
	return true
}

// done forgets a connection; busy says that its request had been read.
func (t *conns) done(c net.Conn, busy bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if busy {
		t.busy--
		return
	}
	if i := slices.Index(t.waiting, c); i >= 0 {
		t.waiting = slices.Delete(t.waiting, i, i+1)
	}
}
