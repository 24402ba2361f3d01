package rules

// quota counts the names of a script against what one script may own.
type quota struct {
	*standing
	// registered counts registrations of this pass over the block by the script that they count
	// for.
	registered map[string]int
}

func newQuota(s *standing) *quota { return &quota{s, make(map[string]int)} }

// full reports whether a script can take no more names: those count that live at L, and those that
// registrations gave it earlier in this pass over the block.
func (q *quota) full(script []byte) bool {
	return q.registered[string(script)]+len(q.namesOf(script, q.p.MaxNamesPerOwner+1)) >= q.p.MaxNamesPerOwner
}
