package step

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
)

// SeriesAction is what has to happen next to a series.
type SeriesAction struct {
	Do Deed
	To job.State
	// Items are where the names stand now, for DoEnter.
	Items []job.Progress
	// Confirmed is the part of the tree that is in blocks; First and Second are the items that need
	// their first transaction or their registration on top of it, for DoSign. Without either the
	// coin goes back to its script.
	Confirmed []chainhash.Hash
	// Root is the version of the split under it, for DoSign.
	Root chainhash.Hash
	// Later are those whose preorder is not deep enough yet; their registrations are signed ahead.
	First, Second, Later []int
	Replace              bool // what was sent must be outbid
	Dearer               bool // the node refused what was signed before for its fee
	Optional             bool
	Path                 int              // DoUse
	Links                []chainhash.Hash // DoBroadcast, parents first
	Publish              []int            // DoPublish: items
	Reason               string
	Wait                 *job.Wait
}

// seriesStepper is seriesStep at work.
type seriesStepper struct {
	j     *job.Job
	f     *SeriesFacts
	need  int32
	links map[chainhash.Hash]job.Link
	// confirmed is the path that is in blocks, at the transactions on it by item.
	confirmed []chainhash.Hash
	at        map[int][]job.Link
	items     []job.Progress
	first     []int
	second    []int
	shallow   []int
	soonest   *job.Wait // what the names that need nothing are waiting for
	settling  bool      // a preorder that is in a block may still come to nothing
	publish   []int
}

// SeriesStep says what has to happen next to a series. It is pure. The states that a series takes,
// with "~" where a reorg undid something:
//
//	Planned   > Running Cancelled
//	Running   > Done Rejected Cancelled
//	Done, Rejected, Cancelled > ~Running
func SeriesStep(j *job.Job, f *SeriesFacts) SeriesAction {
	s := &seriesStepper{j: j, f: f, need: j.Request.Confirmations, links: j.Links(), at: make(map[int][]job.Link)}
	if !f.Synced {
		return s.wait(&job.Wait{For: "the name index to read the latest blocks"})
	}
	if f.Missing {
		if !j.Open() {
			return SeriesAction{Do: DoNothing, To: j.State}
		}
		return s.wait(&job.Wait{For: fmt.Sprintf("job %s, which made its coin, to be imported", j.Request.Series.Split)})
	}
	s.walk()
	for i := range j.Items {
		p := s.judge(i)
		switch { // for good: another batch may do it now
		case p.State.Final():
		case f.Orphan:
			p.State, p.Dropped, p.Reason = job.Cancelled, job.Cancelled, "the batch that it is part of was never signed; nothing was paid"
		case f.Doomed:
			p.State, p.Dropped, p.Reason = job.Cancelled, job.Cancelled, "what was to pay for the batch is gone; nothing was paid"
		}
		s.items = append(s.items, p)
	}
	if f.Orphan || f.Doomed {
		return s.end()
	}
	if !j.Open() {
		return s.over()
	}
	if !reflect.DeepEqual(s.items, j.Items) {
		return SeriesAction{Do: DoEnter, To: j.State, Items: s.items}
	}
	if len(s.publish) > 0 {
		return SeriesAction{Do: DoPublish, To: j.State, Publish: s.publish}
	}
	return s.proceed()
}

// walk finds the path that is in blocks.
func (s *seriesStepper) walk() {
	children := make(map[chainhash.Hash][]chainhash.Hash)
	for id, l := range s.links {
		if s.f.Txs[id].Height > 0 {
			children[l.Version.Parent] = append(children[l.Version.Parent], id)
		}
	}
	for at := s.f.Root; at != (chainhash.Hash{}) && len(children[at]) > 0; {
		at = children[at][0] // they spend one output: there is never another
		s.confirmed = append(s.confirmed, at)
		l := s.links[at]
		s.at[l.Item] = append(s.at[l.Item], l)
	}
}

// tip is the transaction that the next one spends.
func (s *seriesStepper) tip() chainhash.Hash {
	switch {
	case len(s.confirmed) > 0:
		return s.confirmed[len(s.confirmed)-1]
	case s.f.Root != (chainhash.Hash{}):
		return s.f.Root
	}
	return s.f.Newest
}

// proceed goes on with an open series whose names are written down as they stand.
func (s *seriesStepper) proceed() SeriesAction {
	over := len(s.first)+len(s.second) == 0
	if s.f.Root == (chainhash.Hash{}) && s.wrongInPool(over) {
		// They would be mined together with the split that waits: there is no time until then.
		rooted := *s.f
		rooted.Root, s.f = rooted.Pooled, &rooted
	}
	if over {
		return s.finish()
	}
	if s.f.Root == (chainhash.Hash{}) {
		if s.path(s.f.Newest) < 0 && (s.f.CanSign || s.j.State == job.Planned) {
			return s.sign(nil)
		}
		return s.waitRoot()
	}
	k := s.fitting()
	switch {
	case k < 0 && len(s.first) == 0 && s.settling:
		return s.wait(s.soonest) // then it is known who is to be registered
	case k < 0:
		return s.sign(s.outdated())
	case k != s.j.Path:
		return SeriesAction{Do: DoUse, To: job.Running, Path: k}
	}
	wave := s.wave(k)
	if len(s.first) == 0 && s.settling {
		return s.wait(s.soonest)
	}
	if unsent := slices.DeleteFunc(slices.Clone(wave), s.sent); len(unsent) > 0 {
		return SeriesAction{Do: DoBroadcast, To: job.Running, Links: unsent}
	}
	return s.push(wave)
}

// wrongInPool says whether a reorg put the split back into the memory pool, where what was sent on
// top of it may wait with it, and is not to be mined: it would count no more, or its names are
// over.
func (s *seriesStepper) wrongInPool(over bool) bool {
	if s.f.Pooled == (chainhash.Hash{}) {
		return false
	}
	for _, p := range s.j.Paths {
		for _, id := range p.Links {
			if l := s.links[id]; p.Root == s.f.Pooled && l.Stage.Used && (over || s.isOutdated(l.Version)) {
				return true
			}
		}
	}
	return false
}

// waitRoot waits for the split.
func (s *seriesStepper) waitRoot() SeriesAction {
	return s.wait(&job.Wait{For: "the coins of the batch to be confirmed", Blocks: 1, Txid: &s.f.Newest})
}

// push waits, and after some patience raises the fee: by a path that was signed before, or, where
// no consensus hash will do it anyway, by a new one.
func (s *seriesStepper) push(wave []chainhash.Hash) SeriesAction {
	w := &job.Wait{For: fmt.Sprintf("%d transactions to be confirmed", len(wave)), Blocks: s.need, Deadline: s.deadline(wave), Txid: &wave[0]}
	if len(wave) == 1 {
		w.For = job.Words(s.links[wave[0]].Stage.Role) + " to be confirmed"
	}
	patience := int32(BumpAfter)
	if w.Deadline > 0 && w.Deadline-s.f.Tip <= hurryBefore {
		patience = hurryAfter
	}
	since := s.j.Since
	for _, id := range wave { // what is sent later than the path was chosen has not waited yet
		since = max(since, s.links[id].Stage.Since)
	}
	if s.f.Tip-since < patience {
		return s.wait(w)
	}
	for k := s.j.Path + 1; k < len(s.j.Paths); k++ {
		if s.fits(k) {
			return SeriesAction{Do: DoUse, To: job.Running, Path: k}
		}
	}
	quotes := slices.ContainsFunc(wave, func(id chainhash.Hash) bool { return s.links[id].Version.Window > 0 })
	if quotes || !s.f.CanSign {
		return s.wait(w)
	}
	a := s.sign(w)
	a.Optional = true
	return a
}

// finish ends a series whose names are all over, after what was sent for those that were left out
// is replaced.
func (s *seriesStepper) finish() SeriesAction {
	for _, p := range s.items {
		if !p.State.Final() {
			return s.wait(s.soonest)
		}
	}
	if last := s.at[-1]; len(last) > 0 {
		v := last[len(last)-1].Version
		if t := s.f.Txs[v.Txid]; t.Confirmations < s.need {
			return s.waitDepth(v, t)
		}
		return s.end()
	}
	if s.f.Root == (chainhash.Hash{}) && slices.ContainsFunc(s.j.Stages, func(st *job.Stage) bool { return st.Used }) {
		return s.waitRoot() // only then can the coin go back
	}
	if !s.pending() {
		return s.end()
	}
	k := s.fitting()
	if k < 0 {
		return s.sign(nil)
	}
	if k != s.j.Path {
		return SeriesAction{Do: DoUse, To: job.Running, Path: k}
	}
	if wave := s.wave(k); !s.sent(wave[0]) {
		return SeriesAction{Do: DoBroadcast, To: job.Running, Links: wave}
	}
	return s.wait(&job.Wait{For: job.Words(job.RoleReturn) + " to be confirmed", Blocks: s.need})
}

// end is the state of a series in which every name is over.
func (s *seriesStepper) end() SeriesAction {
	a := SeriesAction{Do: DoEnter, To: job.Done, Items: s.items}
	failed, cancelled := "", 0
	n := 0
	for i, p := range s.items {
		if p.State == job.Done {
			continue
		}
		if n++; failed == "" {
			failed = fmt.Sprintf("%s: %s", s.j.Request.Series.Items[i].Name, p.Reason)
		}
		if p.State == job.Cancelled {
			cancelled++
		}
	}
	switch {
	case n == 0:
	case cancelled == len(s.items):
		a.To, a.Reason = job.Cancelled, failed
	default:
		a.To, a.Reason = job.Rejected, fmt.Sprintf("%d of %d names did not come to their end: %s", n, len(s.items), failed)
	}
	if a.To == s.j.State && reflect.DeepEqual(s.items, s.j.Items) {
		return SeriesAction{Do: DoNothing, To: s.j.State}
	}
	return a
}

// over goes on with a series that had ended when a reorg undid some of it, or took away what
// returned its coin.
func (s *seriesStepper) over() SeriesAction {
	back := s.f.Root != (chainhash.Hash{}) && len(s.at[-1]) == 0 && s.pending()
	if reflect.DeepEqual(s.items, s.j.Items) && len(s.publish) == 0 && !back {
		return SeriesAction{Do: DoNothing, To: s.j.State}
	}
	return SeriesAction{Do: DoEnter, To: job.Running, Items: s.items}
}

// sign has a new path made on top of what is in blocks.
func (s *seriesStepper) sign(w *job.Wait) SeriesAction {
	return SeriesAction{Do: DoSign, To: job.Running, Confirmed: s.confirmed, Root: s.f.Root, First: s.first, Second: s.second, Later: s.shallow, Replace: s.pending(), Wait: w}
}

// path is the latest path from a root, -1: there is none.
func (s *seriesStepper) path(root chainhash.Hash) int {
	for k := len(s.j.Paths) - 1; k >= 0; k-- {
		if s.j.Paths[k].Root == root {
			return k
		}
	}
	return -1
}

// pending says whether a transaction that may have been sent could still be mined next.
func (s *seriesStepper) pending() bool {
	tip := s.tip()
	for _, l := range s.links {
		if l.Stage.Used && l.Version.Parent == tip {
			return true
		}
	}
	return false
}

// isOutdated says whether a version quotes a consensus hash that is about to be too old, or was
// taken away by a reorg.
func (s *seriesStepper) isOutdated(v *job.Version) bool {
	return v.Window > 0 && (s.f.Tip+ReplaceMargin >= v.Window && s.f.Tip > v.Signed || s.f.Stale[v.Txid])
}

// outdated is what must be replaced soon, for the one who has the key.
func (s *seriesStepper) outdated() *job.Wait {
	if s.j.Path >= len(s.j.Paths) {
		return nil
	}
	for _, id := range s.j.Paths[s.j.Path].Links {
		if v := s.links[id].Version; s.f.Txs[id].Height == 0 && s.isOutdated(v) {
			return &job.Wait{For: "a newer consensus hash to be signed", Deadline: v.Window, Txid: &v.Txid}
		}
	}
	return nil
}

// deadline is the last block that is good enough for all of some transactions.
func (s *seriesStepper) deadline(wave []chainhash.Hash) (d int32) {
	for _, id := range wave {
		l := s.links[id]
		end := l.Version.Window
		if l.Stage.Role == job.RoleRegister && l.Item >= 0 && s.f.Lifetime > 0 && len(s.at[l.Item]) > 0 {
			end = s.f.Txs[s.at[l.Item][0].Version.Txid].Height + s.f.Lifetime
		}
		if end > 0 && (d == 0 || end < d) {
			d = end
		}
	}
	return d
}

func (s *seriesStepper) wait(w *job.Wait) SeriesAction {
	if w == nil {
		w = &job.Wait{For: "the chain to move on", Blocks: 1}
	}
	return SeriesAction{Do: DoWait, To: s.j.State, Wait: w}
}

func (s *seriesStepper) waitDepth(v *job.Version, t TxFact) SeriesAction {
	return s.wait(&job.Wait{For: fmt.Sprintf("confirmations (%d of %d)", t.Confirmations, s.need), Blocks: s.need - t.Confirmations, Txid: &v.Txid})
}

// walked is a stepper that knows which path of the series is in blocks.
func walked(j *job.Job, f *SeriesFacts) *seriesStepper {
	s := &seriesStepper{j: j, f: f, need: j.Request.Confirmations, links: j.Links(), at: make(map[int][]job.Link)}
	s.walk()
	return s
}

// UndoneItems are the names of a series that it will do again what it had done for, because a reorg
// undid that.
func UndoneItems(j *job.Job, f *SeriesFacts) map[names.Name]bool {
	s, undone := walked(j, f), make(map[names.Name]bool)
	for i := range j.Items {
		if j.Items[i].State == job.Done && !s.judge(i).State.Final() {
			undone[j.Request.Series.Items[i].Name] = true
		}
	}
	return undone
}

// UnpaidItems are the names of a series that are not over and for which nothing is in a block.
func UnpaidItems(j *job.Job, f *SeriesFacts) (items []int) {
	s := walked(j, f)
	for i := range j.Items {
		if len(s.at[i]) == 0 && !j.Items[i].State.Final() {
			items = append(items, i)
		}
	}
	return items
}
