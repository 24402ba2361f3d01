package index

import (
	"time"
)

// meter works out rate and estimate, and keeps reports apart.
type meter struct {
	out    func(Progress)
	last   time.Time // of the last report
	marks  []mark    // of late
	target int32
}

type mark struct {
	at     time.Time
	height int32
}

// reportEvery keeps reports apart.
const reportEvery = 250 * time.Millisecond

func newMeter(out func(Progress)) *meter { return &meter{out: out} }

// start begins to count.
func (m *meter) start(from, target int32) {
	m.marks = []mark{{time.Now(), from - 1}}
	m.target = target
}

// report calls the callback, unless it was called a moment ago and this is not always.
func (m *meter) report(p Progress, always bool) {
	if m.out == nil {
		return
	}
	now := time.Now()
	if !always && now.Sub(m.last) < reportEvery {
		return
	}
	m.last = now
	if p.Phase == PhaseBlocks && len(m.marks) > 0 {
		m.marks = append(m.marks, mark{now, p.Height})
		if len(m.marks) > 40 { // about ten seconds
			m.marks = m.marks[1:]
		}
		first := m.marks[0]
		if passed := now.Sub(first.at).Seconds(); passed > 0 {
			p.Rate = float64(p.Height-first.height) / passed
		}
		if p.Rate > 0 {
			p.Left = time.Duration(float64(m.target-p.Height) / p.Rate * float64(time.Second)).Round(time.Second)
		}
	}
	m.out(p)
}
