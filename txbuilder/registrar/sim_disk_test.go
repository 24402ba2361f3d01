package registrar

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
)

// disk is what a journal file stands on: one that can be full, and that keeps after a loss of power
// only what was flushed, with a write under way torn at any page.
//
// bbolt writes the changed pages, flushes, writes one of the two first pages, the meta pages, and
// flushes again. So what a loss of power leaves is the old file with any of the new pages, or the
// new one with a whole or a torn meta page.
type disk struct {
	t       testing.TB
	rng     *rand.Rand
	path    string
	durable []byte // what a loss of power leaves
	lost    bool   // power was lost; the next start finds durable
	full    int    // how many writes find no space
	tear    int    // countdown to a write in which power is lost; 0: none
}

const diskPage = 4096

// save does a write.
func (d *disk) save(path string, unflushed bool, write func() error) error {
	if d == nil {
		return write()
	}
	if d.full > 0 {
		d.full--
		return fmt.Errorf("write %s: %w", path, syscall.ENOSPC)
	}
	d.settle(unflushed)
	if err := write(); err != nil {
		return err
	}
	now := d.read()
	if d.tear > 0 {
		if d.tear--; d.tear == 0 {
			d.durable, d.lost = d.torn(d.durable, now), true
			panic(killed{"torn write"})
		}
	}
	if !unflushed {
		d.durable = now
	}
	return nil
}

// settle takes what is in the file for flushed: the marks of copies are, before a copy is written.
func (d *disk) settle(unflushed bool) {
	if !unflushed {
		d.durable = d.read()
	}
}

// torn is a write that power was lost in.
func (d *disk) torn(old, now []byte) []byte {
	pages := len(now) / diskPage
	half := make([]byte, len(now))
	copy(half, old)
	all := d.rng.IntN(2) == 0
	for p := 2; p < pages; p++ {
		if all || d.rng.IntN(2) == 0 {
			copy(half[p*diskPage:(p+1)*diskPage], now[p*diskPage:])
		}
	}
	if all { // the meta page was being written
		cut := d.rng.IntN(3) * 40
		for p := range 2 {
			copy(half[p*diskPage:p*diskPage+cut], now[p*diskPage:])
		}
	}
	return half
}

func (d *disk) read() []byte {
	raw, err := os.ReadFile(d.path)
	if err != nil {
		d.t.Fatal(err)
	}
	return raw
}

// reboot puts back what survived.
func (d *disk) reboot() {
	d.tear = 0
	if !d.lost {
		return
	}
	d.lost = false
	if err := os.WriteFile(d.path, d.durable, 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// holds says whether bytes would survive a loss of power now.
func (d *disk) holds(b []byte) bool { return bytes.Contains(d.durable, b) }
