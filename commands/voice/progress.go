package voice

import (
	"fmt"
	"strings"
	"time"
)

// Progress shows how far something long has come, on standard error: a line that is drawn over on a
// terminal, JSON lines with --json, plain lines in a pipe with --verbose, otherwise nothing.
type Progress struct {
	p       *Printer
	phase   string
	unit    string
	started time.Time
	first   int64 // where the count began, for the estimate
	last    time.Time
	width   int // of the line on screen
}

// Progress begins to show a phase, counted in unit (blocks, transactions). The caller ends it with
// Done.
func (p *Printer) Progress(phase, unit string) *Progress {
	now := time.Now()
	return &Progress{p: p, phase: phase, unit: unit, started: now, first: -1}
}

// Phase is what is shown.
func (g *Progress) Phase() string { return g.phase }

// Update says that done of total are done; total 0: nobody knows.
func (g *Progress) Update(done, total int64) {
	now := time.Now()
	if g.first < 0 {
		g.first = done
	}
	every := time.Second
	if g.drawn() {
		every = 100 * time.Millisecond
	}
	if g.p.quiet || now.Sub(g.last) < every {
		return
	}
	g.last = now
	rate, left := g.estimate(now, done, total)
	if g.p.json {
		item := map[string]any{"phase": g.phase, "unit": g.unit, "done": done}
		if total > 0 {
			item["total"] = total
		}
		if left > 0 {
			item["seconds_left"] = int64(left.Seconds())
		}
		g.p.errLine(map[string]any{"progress": item})
		return
	}
	line := fmt.Sprintf("%s: %d", g.phase, done)
	if total > 0 {
		line += fmt.Sprintf(" of %d", total)
	}
	line += " " + g.unit
	if rate >= 1 {
		line += fmt.Sprintf(", %.0f/s", rate)
	}
	if left > 0 {
		line += ", about " + left.Round(time.Second).String() + " left"
	}
	switch {
	case g.drawn():
		g.draw(line)
	case g.p.verbose:
		g.p.say("progress", plain, "%s", line)
	}
}

// Done takes the line off the screen.
func (g *Progress) Done() {
	g.p.mu.Lock()
	defer g.p.mu.Unlock()
	g.erase()
	if g.p.progress == g {
		g.p.progress = nil
	}
}

// drawn reports whether the line is drawn over itself.
func (g *Progress) drawn() bool { return g.p.errTerm && !g.p.json && !g.p.quiet }

// estimate returns how many are done in a second, and the time the rest will take at that pace; 0:
// unknown.
func (g *Progress) estimate(now time.Time, done, total int64) (rate float64, left time.Duration) {
	elapsed := now.Sub(g.started).Seconds()
	if elapsed < 1 || done <= g.first {
		return 0, 0
	}
	rate = float64(done-g.first) / elapsed
	if total > done {
		left = time.Duration(float64(total-done) / rate * float64(time.Second))
	}
	return rate, left
}

// draw writes the line over the last one.
func (g *Progress) draw(line string) {
	g.p.mu.Lock()
	defer g.p.mu.Unlock()
	line = Shown(line, LongestCell)
	pad := max(0, g.width-len(line))
	fmt.Fprintf(g.p.err, "\r%s%s", line, strings.Repeat(" ", pad))
	g.width = len(line)
	g.p.progress = g
}

// erase takes the line off the screen; the next Update draws it again.
func (g *Progress) erase() {
	if g.width > 0 {
		fmt.Fprintf(g.p.err, "\r%s\r", strings.Repeat(" ", g.width))
		g.width = 0
	}
}

// ClearProgress makes room for a question on the terminal.
func (p *Printer) ClearProgress() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.eraseProgress()
}

// eraseProgress makes room for other output; the caller holds the lock.
func (p *Printer) eraseProgress() {
	if p.progress != nil {
		p.progress.erase()
	}
}
