package step

// Picks are the versions that an action uses or sends.
func (a Action) Picks() []Pick {
	if len(a.All) > 0 {
		return a.All
	}
	return []Pick{{a.Role, a.Version}}
}
