package registrar

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/step"
)

// ring gives the wallet the first keys of the revealer's ring.
func (v *world) ring(n uint32) (scripts [][]byte) {
	v.t.Helper()
	key := v.w.keys[string(v.w.revealer)]
	root := hdkeychain.NewExtendedKey([]byte{4, 0x88, 0xad, 0xe4}, key.Serialize(), make([]byte, 32), make([]byte, 4), 0, 0, true)
	for j := range n {
		child, err := root.Derive(j)
		if err != nil {
			v.t.Fatal(err)
		}
		priv, err := child.ECPrivKey()
		if err != nil {
			v.t.Fatal(err)
		}
		script := names.PubKeyHashScript([20]byte(address.Hash160(priv.PubKey().SerializeCompressed())))
		v.w.keys[string(script)] = priv
		scripts = append(scripts, script)
	}
	return scripts
}

// revealed is a namespace that is held for imports.
func revealed(t *testing.T) (*world, *Job) {
	t.Helper()
	v := newWorld(t)
	req := v.launchRequest("id", 1)
	req.Hold = true
	j, err := v.r.Start(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if j = v.advance(j.ID); j.Wait != nil && j.Wait.Held {
			return v, j
		}
		v.mine(1)
	}
	t.Fatalf("the launch is not held: %s", j.State)
	return nil, nil
}

// importing is the request to import n names.
func (v *world) importing(n int) Request {
	v.t.Helper()
	set := &ImportSet{Namespace: "id", Ring: v.ring(3)}
	for i := range n {
		name, err := names.Parse(fmt.Sprintf("import%d.id", i))
		if err != nil {
			v.t.Fatal(err)
		}
		zf := fmt.Appendf(nil, "$ORIGIN %s\n$TTL 3600\n_http._tcp\tIN\tURI\t10\t1\t\"https://example.com/%d.json\"\n\n", name, i)
		owner := v.w.owner
		if i%2 == 1 {
			owner = v.w.payer2
		}
		set.Names = append(set.Names, Import{Name: name, Owner: owner, Hash: names.HashZoneFile(zf), ZoneFile: zf})
	}
	return Request{Kind: KindImport, Owner: v.w.revealer, Import: set, Rate: txbuilder.SatPerVByte(10)}
}

// imported looks whether every name of a request has its owner and its zone file.
func (v *world) imported(req Request) {
	v.t.Helper()
	for _, n := range req.Import.Names {
		rec, err := v.x.Record(v.t.Context(), n.Name)
		if err != nil || rec.Status != names.Registered || !bytes.Equal(rec.Owner, n.Owner) || rec.ZoneFile != n.Hash {
			v.t.Errorf("%s: %+v, %v", n.Name, rec, err)
		}
		if v.pub.files[n.Hash] == 0 {
			v.t.Errorf("%s: its zone file is not published", n.Name)
		}
	}
}

// TestImportNames launches a namespace with imports: revealed, imported, opened.
func TestImportNames(t *testing.T) {
	for _, n := range []int{1, 2, 30} {
		v, launch := revealed(t)
		req := v.importing(n)
		e, err := v.r.Plan(t.Context(), req)
		if err != nil || len(e.Transactions) != n+1 || e.Burn != 0 || e.Given != txbuilder.DustLimit(v.w.owner)*2*btcutil.Amount(n) || len(e.Risks) != 2 {
			t.Fatalf("%d: %+v, %v", n, e, err)
		}
		j := v.run(req)
		if j.State != Done {
			t.Fatalf("%d: %s: %s", n, j.State, j.Reason)
		}
		v.imported(req)
		if view := j.View(); len(view.Txids) != n+1 || view.Imports != n || view.Namespace != "id" || view.FeeSat != int64(e.Fee) {
			t.Errorf("%d: view %+v, planned %d", n, view, e.Fee)
		}
		if again, err := v.r.Start(t.Context(), req); err != nil || again.ID != j.ID {
			t.Errorf("the same list again: %v, %v", again, err)
		}
		more := v.importing(n)
		more.Import.Names = more.Import.Names[:1]
		more.Import.Names[0].Owner = v.w.payer
		if j := v.run(more); j.State != Done {
			t.Errorf("another owner: %s: %s", j.State, j.Reason)
		}
		if _, err := v.r.Release(t.Context(), launch.ID); err != nil {
			t.Fatal(err)
		}
		if j := v.finish(launch.ID); j.State != Done {
			t.Fatalf("launch: %s: %s", j.State, j.Reason)
		}
		if _, err := v.r.Plan(t.Context(), v.importing(40)); !errors.As(err, new(*NamespaceTaken)) {
			t.Errorf("after it was opened: %v", err)
		}
		rec, err := v.x.Record(t.Context(), req.Import.Names[0].Name)
		if err != nil || !bytes.Equal(rec.Owner, v.w.payer) {
			t.Errorf("imported again: %+v, %v", rec, err)
		}
	}
}

// TestImportNamesCrash kills an import at every boundary.
func TestImportNamesCrash(t *testing.T) {
	prepare := func(v *world) Request { return v.importing(3) }
	var points int
	for k := 0; ; k++ {
		v, _ := revealed(t)
		req := prepare(v)
		n := 0
		v.kill = func(string) bool {
			n++
			return n == k
		}
		if j := v.live(req); j.State != Done {
			t.Fatalf("killed at %d: %s: %s", k, j.State, j.Reason)
		}
		v.kill = nil
		v.imported(req)
		if got := len(v.broadcasts()); got != 2+1+3 { // the launch's two, the coins, the imports
			t.Errorf("killed at %d: %d transactions", k, got)
		}
		if points = n; k >= n {
			break
		}
	}
	if points < 15 {
		t.Errorf("only %d boundaries", points)
	}
}

// TestImportNamesReorg takes the imports out of the chain again and again.
func TestImportNamesReorg(t *testing.T) {
	for depth := int32(1); depth <= 3; depth++ { // the reveal stays
		for _, drop := range []bool{false, true} {
			v, _ := revealed(t)
			req := v.importing(4)
			j := v.run(req)
			v.reorg(depth, drop)
			v.advance(j.ID)
			for range 8 {
				v.mine(1)
				j = v.advance(j.ID)
			}
			if j.State != Done {
				t.Errorf("depth %d, drop %v: %s: %s, %+v", depth, drop, j.State, j.Reason, j.Wait)
			}
			v.imported(req)
		}
	}
}

// TestImportNamesFees lets the market rise: the funding is replaced and all imports are signed
// anew, the imports are sent at their second rate.
func TestImportNamesFees(t *testing.T) {
	v, _ := revealed(t)
	req := v.importing(3)
	j, err := v.r.Start(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	v.advance(j.ID)
	empty := func(blocks int) {
		for range blocks {
			if _, err := v.btc.MineTxs(); err != nil {
				t.Fatal(err)
			}
			v.follow()
			v.advance(j.ID)
		}
	}
	empty(step.BumpAfter + 1)
	if j, err = v.r.Job(t.Context(), j.ID); err != nil || len(j.Stage(RoleFund).Versions) != 2 || len(j.Stage(job.ImportRole(2)).Versions) != 4 {
		t.Fatalf("%+v, %v", j.Stage(RoleFund), err)
	}
	v.mine(1)
	v.advance(j.ID)
	empty(step.BumpAfter + 1)
	j = v.advance(j.ID)
	if st := j.Stage(job.ImportRole(0)); st.Versions[st.Current].Rate != j.Request.HighRate {
		t.Errorf("the first import is at %s", st.Versions[st.Current].Rate)
	}
	v.mine(1)
	v.w.locked = true // all is signed
	if j := v.finish(j.ID); j.State != Done {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	v.imported(req)
}

// TestImportNamesCancel gives an import up while its coins are in no block.
func TestImportNamesCancel(t *testing.T) {
	v, _ := revealed(t)
	j, err := v.r.Start(t.Context(), v.importing(3))
	if err != nil {
		t.Fatal(err)
	}
	v.advance(j.ID)
	if _, err := v.r.Cancel(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	if j := v.finish(j.ID); j.State != Cancelled {
		t.Errorf("%s: %s", j.State, j.Reason)
	}
}

// TestImportNamesRefused refuses lists that cannot be imported.
func TestImportNamesRefused(t *testing.T) {
	v, _ := revealed(t)
	for what, alter := range map[string]func(*Request){
		"another namespace": func(r *Request) { r.Import.Namespace = "other" },
		"a name twice":      func(r *Request) { r.Import.Names[1] = r.Import.Names[0] },
		"no names":          func(r *Request) { r.Import.Names = nil },
		"too many":          func(r *Request) { r.Import.Names = make([]Import, MaxImports+1) },
		"another hash":      func(r *Request) { r.Import.Names[0].Hash[0] ^= 1 },
		"no ring":           func(r *Request) { r.Import.Ring = nil },
		"a nested revealer": func(r *Request) { r.Owner = v.w.payer },
		"not the revealer":  func(r *Request) { r.Owner = v.w.payer2 },
		"an owner of none":  func(r *Request) { r.Import.Names[0].Owner = []byte{0, 20} },
	} {
		req := v.importing(2)
		alter(&req)
		if _, err := v.r.Start(t.Context(), req); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	far := newWorld(t)
	if _, err := far.r.Start(t.Context(), far.importing(1)); !errors.As(err, new(*NamespaceClosed)) {
		t.Errorf("no such namespace: %v", err)
	}
}
