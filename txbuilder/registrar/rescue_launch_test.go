package registrar

import (
	"testing"

	"blockstack/names"
	"blockstack/txbuilder"
)

// TestRevealedNamespaceWithoutJournal opens a namespace that was revealed before everything but the
// keys was lost.
func TestRevealedNamespaceWithoutJournal(t *testing.T) {
	for _, opened := range []bool{false, true} {
		for _, version := range []uint16{1, 3} {
			v := newWorld(t)
			req := v.launchRequest("id", version)
			req.Hold = !opened
			j, err := v.r.Start(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			for range 6 {
				if j = v.advance(j.ID); !j.Open() {
					break
				}
				v.mine(1)
			}
			far := v.forgetful()
			got, err := far.r.RescueLaunch(t.Context(), "id", Request{Rate: txbuilder.SatPerVByte(10)})
			if err != nil || got == nil {
				t.Fatalf("opened %v, version %d: %v, %v", opened, version, got, err)
			}
			if got.ID != j.ID || *got.Request.Namespace != *req.Namespace || got.Price.Amount.Cmp(j.Price.Amount) != 0 {
				t.Errorf("read off the chain: %+v, was %+v", got, j)
			}
			if again, err := far.r.RescueLaunch(t.Context(), "id", Request{Rate: txbuilder.SatPerVByte(10)}); err != nil || again.ID != got.ID {
				t.Errorf("again: %v, %v", again, err)
			}
			if !opened {
				if waits := far.advance(got.ID); waits.Wait == nil || !waits.Wait.Held {
					t.Fatalf("%s: %+v", waits.State, waits.Wait)
				}
				if _, err := far.r.Release(t.Context(), got.ID); err != nil {
					t.Fatal(err)
				}
			}
			if done := far.finish(got.ID); done.State != Done {
				t.Fatalf("%s: %s", done.State, done.Reason)
			}
			if ns, err := v.x.Namespace(t.Context(), "id"); err != nil || ns.Status != names.NamespaceIsReady {
				t.Errorf("%+v, %v", ns, err)
			}
			if none, err := far.r.RescueLaunch(t.Context(), "web", Request{Rate: txbuilder.SatPerVByte(10)}); err != nil || none != nil {
				t.Errorf("no such namespace: %v, %v", none, err)
			}
		}
	}
}
