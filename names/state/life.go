package state

import (
	"math"

	"blockstack/names"
)

// Alive reports whether a name exists at height n (protocol 7.3): it was registered by then, and
// its namespace is ready and its lifetime and grace period are not over, or its namespace is
// revealed and waits to be made ready. Note the >= of the renewal beside the > of the ready block.
func Alive(p *names.Params, row *NameRow, space *NamespaceRow, n int32) bool {
	if row == nil || space == nil || row.FirstRegistered > n {
		return false
	}
	if !space.Ready() {
		return RevealedAt(p, space, n)
	}
	_, epoch := p.Epoch(n)
	rules := epoch.Rules(names.AnyNamespace)
	life := int64(space.Lifetime)*int64(rules.LifetimeMultiplier) + int64(rules.GracePeriod)
	return int64(space.ReadyAt)+life > int64(n) || int64(row.LastRenewed)+life >= int64(n)
}

// RevealedAt reports whether a namespace is revealed and not ready at height n.
func RevealedAt(p *names.Params, space *NamespaceRow, n int32) bool {
	return space != nil && space.Act == ActReveal && space.RevealedAt <= n &&
		int64(n) < int64(space.RevealedAt)+int64(p.NamespaceRevealLifetime)
}

// deadlines are the heights at which a name's lifetime and its grace period end, seen from height
// n. ok is false while its namespace is not ready; heights past the last possible one mean never.
func deadlines(p *names.Params, row *NameRow, space *NamespaceRow, n int32) (expires, graceEnds int64, ok bool) {
	if row == nil || space == nil || !space.Ready() {
		return 0, 0, false
	}
	_, epoch := p.Epoch(n)
	rules := epoch.Rules(names.NamespaceID(space.ID))
	expires = int64(max(space.ReadyAt, row.LastRenewed)) + int64(space.Lifetime)*int64(rules.LifetimeMultiplier)
	return expires, expires + int64(rules.GracePeriod), true
}

// InGrace reports whether a name can only be renewed at height n.
func InGrace(p *names.Params, row *NameRow, space *NamespaceRow, n int32) bool {
	if !Alive(p, row, space, n) {
		return false
	}
	expires, graceEnds, ok := deadlines(p, row, space, n)
	return ok && expires <= int64(n) && int64(n) < graceEnds
}

// heightOrNever turns a deadline into a height, 0 for never.
func heightOrNever(h int64) int32 {
	if h > math.MaxInt32 {
		return 0
	}
	return int32(h)
}
