package state

import (
	"testing"

	"blockstack/names"
)

// TestLife walks a name of a namespace with a lifetime of 10 blocks, and 3 of grace, through its
// heights.
func TestLife(t *testing.T) {
	p := names.Sandbox("", nil)
	rules := p.Epochs[0].Namespaces[names.AnyNamespace]
	rules.LifetimeMultiplier, rules.GracePeriod = 1, 3
	p.Epochs[0].Namespaces = map[names.NamespaceID]names.NamespaceRules{names.AnyNamespace: rules}
	p.NamespaceRevealLifetime = 20
	space := &NamespaceRow{ID: "test", RevealedAt: 5, ReadyAt: 8, Lifetime: 10, Act: ActReady}
	row := &NameRow{Name: "one.test", Owner: names.PubKeyHashScript([20]byte{1}), FirstRegistered: 10, LastRenewed: 10}
	for height, want := range map[int32]names.Status{
		9: names.Expired, 10: names.Registered, 19: names.Registered, 20: names.Grace, 22: names.Grace, 24: names.Expired,
	} {
		rec, err := RecordAt(p, row, space, height, names.ConsensusHash{})
		if err != nil || rec.Status != want || rec.ExpiresAt != 20 || rec.GraceEnds != 23 {
			t.Errorf("at %d: %s, expires %d, grace ends %d, %v; want %s", height, rec.Status, rec.ExpiresAt, rec.GraceEnds, err, want)
		}
	}
	// The renewal counts with >= where the ready block counts with >: at the end of its grace
	// period a name is alive once more.
	if !Alive(p, row, space, 23) || InGrace(p, row, space, 23) {
		t.Errorf("at 23: alive %t, in grace %t", Alive(p, row, space, 23), InGrace(p, row, space, 23))
	}
	revoked := *row
	revoked.Revoked = true
	if rec, err := RecordAt(p, &revoked, space, 15, names.ConsensusHash{}); err != nil || rec.Status != names.Revoked || !rec.Revoked {
		t.Errorf("revoked: %+v, %v", rec, err)
	}
	waiting := &NamespaceRow{ID: "test", RevealedAt: 5, Lifetime: 10, Act: ActReveal}
	rec, err := RecordAt(p, row, waiting, 24, names.ConsensusHash{})
	if err != nil || rec.Status != names.Registered || rec.ExpiresAt != 25 {
		t.Errorf("in a namespace that is not open yet: %+v, %v", rec, err)
	}
	if rec, err := RecordAt(p, row, waiting, 25, names.ConsensusHash{}); err != nil || rec.Status != names.Expired {
		t.Errorf("in one that was never opened: %+v, %v", rec, err)
	}
	if _, err := RecordAt(p, &NameRow{Name: "ONE.test"}, space, 15, names.ConsensusHash{}); err == nil {
		t.Error("a name that is none has a record")
	}
}

// TestNamespaceAt asks for a namespace before it is ready, ready, and revealed too long ago.
func TestNamespaceAt(t *testing.T) {
	p := names.Sandbox("", nil)
	p.NamespaceRevealLifetime = 20
	row := &NamespaceRow{ID: "test", RevealedAt: 5, Act: ActReveal}
	for height, want := range map[int32]names.NamespaceStatus{
		5: names.NamespaceRevealed, 24: names.NamespaceRevealed, 25: names.NamespaceExpired,
	} {
		if ns := NamespaceAt(p, row, height); ns.Status != want || ns.Height != height {
			t.Errorf("at %d: %+v, want %s", height, ns, want)
		}
	}
	row.Act, row.ReadyAt = ActReady, 7
	if ns := NamespaceAt(p, row, 1000); ns.Status != names.NamespaceIsReady || ns.ReadyHeight != 7 {
		t.Errorf("ready: %+v", ns)
	}
}
