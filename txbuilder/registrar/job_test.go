package registrar

import (
	"bytes"
	"testing"

	"blockstack/names"
)

// TestRegister launches a namespace of every version and registers a name in it, from nothing to a
// record with the zone file.
func TestRegister(t *testing.T) {
	for version := uint16(1); version <= 3; version++ {
		v := newWorld(t)
		launch := v.launch("id", version)
		if launch.State != Done {
			t.Fatalf("launch: %s: %s", launch.State, launch.Reason)
		}
		ns, err := v.x.Namespace(t.Context(), "id")
		if err != nil || ns.Status != names.NamespaceIsReady || ns.Version != int(version) {
			t.Fatalf("namespace %+v, %v", ns, err)
		}
		req := v.register("alice.id")
		j := v.run(req)
		if j.State != Done {
			t.Fatalf("version %d: register: %s: %s", version, j.State, j.Reason)
		}
		rec, err := v.x.Record(t.Context(), req.Name)
		if err != nil || rec.Status != names.Registered || !bytes.Equal(rec.Owner, v.w.owner) || rec.ZoneFile != names.HashZoneFile(req.ZoneFile) {
			t.Fatalf("version %d: record %+v, %v", version, rec, err)
		}
		if v.pub.files[rec.ZoneFile] == 0 || len(j.Published) != 1 {
			t.Errorf("version %d: the zone file was not published", version)
		}
		view := j.View()
		if view.State != "done" || len(view.Txids) != 2 || view.Txids[1] != rec.LastTx.String() || view.FeeSat <= 0 {
			t.Errorf("version %d: view %+v", version, view)
		}
		if tokens := version == 3; tokens != (view.BurnUstacks != nil) || view.BurnSat < 546 {
			t.Errorf("version %d: paid %d satoshi and %v", version, view.BurnSat, view.BurnUstacks)
		}
		again, err := v.r.Start(t.Context(), req)
		if err != nil || again.ID != j.ID {
			t.Errorf("version %d: the same request again: %v, %v", version, again, err)
		}
	}
}
