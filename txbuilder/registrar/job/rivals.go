package job

import "slices"

// A journal has more than one open job for a name only when a reorg undid a finished one after the
// next had begun: a registration, say, and the revocation that followed it. Both must go on, the
// first before the second. So jobs that come from one journal stand beside each other here as they
// did there. Those of two journals are rivals.

// stood are the journals in whose copies each job was.
type Beside map[ID][]string

// BesideIn looks at copies before those of one job are made one.
func BesideIn(copies []*Job) Beside {
	s := make(Beside)
	for _, j := range copies {
		if j.From != "" && !slices.Contains(s[j.ID], j.From) {
			s[j.ID] = append(s[j.ID], j.From)
		}
	}
	return s
}

// Together says whether two jobs come from one journal. Two that would pay a price for the same are
// rivals all the same.
func (s Beside) Together(a, b *Job) bool {
	mine := a.Request.Requests()
	for _, q := range b.Request.Requests() {
		if slices.ContainsFunc(mine, func(p Request) bool { return p.Name == q.Name && p.Kind == q.Kind && q.Kind.pays() }) {
			return false
		}
	}
	return len(mine) > 0 && slices.ContainsFunc(s[a.ID], func(journal string) bool { return slices.Contains(s[b.ID], journal) })
}

// InTheWay says whether two open jobs work on one name or namespace. A list that is through with a
// name does not work on it.
func InTheWay(a, b *Job) bool {
	if !a.Open() || !b.Open() || !a.Request.SameSubject(&b.Request) {
		return false
	}
	mine := a.Request.Requests()
	return len(mine) == 0 || slices.ContainsFunc(mine, func(q Request) bool {
		_, both := b.ForName(q.Name)
		return both && !a.ProgressOf(q.Name).State.Final() && !b.ProgressOf(q.Name).State.Final()
	})
}
