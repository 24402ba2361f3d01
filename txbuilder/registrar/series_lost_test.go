package registrar

import (
	"errors"
	"testing"
)

// TestBatchHalfRecorded stops the program between the series of a batch and its split. The next
// batch makes as many coins with the same scripts; what was left of the first must not take them
// for its own, then or later.
func TestBatchHalfRecorded(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	b, err := v.r.PlanBatch(t.Context(), v.list("a", 2))
	if err != nil {
		t.Fatal(err)
	}
	v.fail = func(at string) error {
		if at == "before save running" {
			return errFault
		}
		return nil
	}
	if _, _, err := v.r.StartBatch(t.Context(), b); !errors.Is(err, errFault) {
		t.Fatal(err)
	}
	v.fail = nil
	_, ids := v.begin(v.list("b", 2))
	for n := 0; n < 9 && v.all(); n++ {
		v.mine(1)
	}
	jobs, err := v.r.Jobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs {
		want := Done
		if j.Request.Kind == KindSeries && j.ID != ids[0] {
			want = Cancelled
		}
		if j = v.advance(j.ID); j.State != want {
			t.Errorf("%s: %s, want %s: %s", j.Request.Subject(), j.State, want, j.Reason)
		}
	}
	if n := v.preorders(); n != 2 {
		t.Errorf("%d preorders are in the chain", n)
	}
}

// TestImportOtherBatch brings the batch of one machine into the journal of another that has a batch
// of its own, with as many coins at the same addresses. Nothing of it may be paid for with the
// other's coin.
func TestImportOtherBatch(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	dir := v.copying()
	far := v.elsewhere()
	_, ours := v.begin(v.list("m", 2))
	v.all()
	v.mine(1)
	v.all()
	v.mine(1) // the preorders are in a block, nothing is registered
	_, theirs := far.begin(far.list("f", 2))
	if ours[1] != theirs[1] {
		t.Fatalf("the splits are %s and %s", ours[1], theirs[1])
	}
	list, err := far.r.Import(t.Context(), readCopies(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	barred := 0
	for _, in := range list {
		if in.What == ImportBarred && in.Err != nil {
			barred++
		}
	}
	if barred != 2 {
		t.Errorf("%+v", list)
	}
	for n := 0; n < 9 && far.all(); n++ {
		far.mine(1)
	}
	for n := 0; n < 9 && v.all(); n++ {
		v.mine(1)
	}
	if n := v.preorders(); n != 4 {
		t.Errorf("%d preorders are in the chain", n)
	}
}

// TestImportBatch brings a batch that is under way into an empty journal, in any order of its
// files; there it goes on. A series without its split is not brought in, and one whose split a
// journal has lost waits for it.
func TestImportBatch(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	dir := v.copying()
	_, ids := v.begin(v.list("m", 2))
	v.all()
	v.mine(1)
	v.all()
	var series, split []*Job
	for _, j := range readCopies(t, dir) {
		switch j.Request.Kind {
		case KindSeries:
			series = append(series, j)
		case KindSplit:
			split = append(split, j)
		}
	}
	far := v.elsewhere()
	list, err := far.r.Import(t.Context(), series)
	if err != nil || list[0].What != ImportBarred || !errors.Is(list[0].Err, ErrBadCopy) {
		t.Errorf("without its split: %+v, %v", list, err)
	}
	if err := far.journal.Save(t.Context(), series[0]); err != nil {
		t.Fatal(err)
	}
	v.mine(1)
	if j := far.advance(ids[0]); !j.Open() || j.Wait == nil || j.Items[0].State.Final() {
		t.Errorf("its split is lost: %s: %s, %+v", j.State, j.Reason, j.Items)
	}
	if list, err = far.r.Import(t.Context(), append(series, split...)); err != nil || len(list) != 2 || list[0].Err != nil || list[1].Err != nil {
		t.Errorf("%+v, %v", list, err)
	}
	for n := 0; n < 9 && far.all(); n++ {
		far.mine(1)
	}
	for _, id := range ids {
		if j := far.advance(id); j.State != Done {
			t.Errorf("%s: %s: %s", j.Request.Subject(), j.State, j.Reason)
		}
	}
	if n := v.preorders(); n != 2 {
		t.Errorf("%d preorders are in the chain", n)
	}
}

// TestSeriesCancelledAtOnce gives a series up before anything of it was sent: its coin is nobody's
// then.
func TestSeriesCancelledAtOnce(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	_, ids := v.begin(v.list("c", 3))
	v.all()
	if _, err := v.r.Cancel(t.Context(), ids[0]); err != nil {
		t.Fatal(err)
	}
	v.mine(1)
	v.all()
	reserved, err := v.r.Reserved(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for op, kept := range reserved {
		if kept.Holder == ids[0] {
			t.Errorf("%s is still kept for a series that is over", op)
		}
	}
}

// TestBatchTwice plans the same list twice before either plan is confirmed, as two programs do that
// run at once: only one of them begins.
func TestBatchTwice(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	req := v.list("t", 2)
	first, err := v.r.PlanBatch(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	second, err := v.r.PlanBatch(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	_, begun, err := v.r.StartBatch(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	var busy *Conflict
	if _, _, err := v.r.StartBatch(t.Context(), second); !errors.As(err, &busy) || busy.ID != begun[0].ID {
		t.Errorf("the second one: %v", err)
	}
	for n := 0; n < 9 && v.all(); n++ {
		v.mine(1)
	}
	if n := v.preorders(); n != 2 {
		t.Errorf("%d preorders are in the chain", n)
	}
	// After it is done, the old plan is out of date.
	if _, _, err := v.r.StartBatch(t.Context(), second); !errors.As(err, &busy) || !busy.Over {
		t.Errorf("after the first: %v", err)
	}
}

// TestBatchTwiceRenewed is TestBatchTwice for what can be paid for again and again.
func TestBatchTwiceRenewed(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	alice := v.register("alice.id")
	if j := v.run(alice); j.State != Done {
		t.Fatal(j.State)
	}
	req := v.list("", 0)
	req.Items = []Item{{Kind: KindRenew, Name: alice.Name, Owner: alice.Owner}}
	plan := func() *Batch {
		b, err := v.r.PlanBatch(t.Context(), req)
		if err != nil || len(b.Series) != 1 {
			t.Fatalf("%+v, %v", b, err)
		}
		return b
	}
	first, second, third := plan(), plan(), plan()
	if _, _, err := v.r.StartBatch(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if _, _, err := v.r.StartBatch(t.Context(), second); err == nil {
		t.Error("the second one began as well")
	}
	for n := 0; n < 9 && v.all(); n++ {
		v.mine(1)
	}
	if _, _, err := v.r.StartBatch(t.Context(), third); err == nil {
		t.Error("an old plan was begun after the first was done")
	}
	for n := 0; n < 9 && v.all(); n++ {
		v.mine(1)
	}
	jobs, err := v.r.Jobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	renewed := 0
	for _, j := range jobs {
		if st := j.StageOf(RoleRenew, alice.Name); st != nil && j.State == Done {
			renewed++
		}
	}
	if renewed != 1 {
		t.Errorf("renewed %d times", renewed)
	}
}

// TestCommitted counts against a ceiling what the transactions of a batch may still cost, the one
// that makes the coins included.
func TestCommitted(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	req := v.list("k", 3)
	b, err := v.r.PlanBatch(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	req.MaxTotal = b.Worst
	v.begin(req)
	sum, err := v.r.Committed(t.Context(), req.List)
	if err != nil || sum != req.MaxTotal {
		t.Errorf("%d of %d are committed, %v", sum, req.MaxTotal, err)
	}
}

// TestSeriesNotPublished has a place for zone files that takes none. The update in the list is in a
// block and its zone file waits; the registrations follow all the same, else their preorders would
// lapse. Once the place is there again, all of it is put there.
func TestSeriesNotPublished(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	alice := v.register("alice.id")
	if j := v.run(alice); j.State != Done {
		t.Fatal(j.State)
	}
	req := v.list("p", 2)
	req.Items = append(req.Items, Item{Kind: KindUpdate, Name: alice.Name, Owner: alice.Owner,
		ZoneFile: []byte("$ORIGIN alice.id\n$TTL 60\n_http._tcp\tIN\tURI\t10\t1\t\"https://example.net/p.json\"\n")})
	_, ids := v.begin(req)
	v.fail = func(at string) error {
		if at == "before publish" {
			return errFault
		}
		return nil
	}
	told := false
	for range 6 {
		_, err := v.r.AdvanceAll(t.Context())
		told = told || errors.Is(err, errFault)
		v.mine(1)
	}
	j, err := v.r.Job(t.Context(), ids[0])
	if err != nil || !told || !j.Open() {
		t.Fatalf("%s, told of it: %v, %v", j.State, told, err)
	}
	for _, it := range req.Items[:2] {
		if rec, err := v.x.Record(t.Context(), it.Name); err != nil || rec.Owner == nil {
			t.Errorf("%s is not registered: %+v, %v", it.Name, rec.Status, err)
		}
	}
	v.fail = nil
	v.all()
	if j, err = v.r.Job(t.Context(), ids[0]); err != nil || j.State != Done {
		t.Fatalf("%s: %s, %v", j.State, j.Reason, err)
	}
	for i, p := range j.Items {
		if !p.IsPublic {
			t.Errorf("the zone file of %s was not put anywhere", req.Items[i].Name)
		}
	}
}

// TestRescueSeries knows each preorder of a series as that of its job.
func TestRescueSeries(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	_, ids := v.begin(v.list("r", 3))
	v.all()
	v.mine(1)
	v.all()
	v.mine(1)
	scripts, err := v.w.Scripts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := v.r.Rescue(t.Context(), RescueRequest{Scripts: scripts}, true)
	if err != nil || len(list) != 3 {
		t.Fatalf("%d preorders, %v", len(list), err)
	}
	for _, p := range list {
		if p.Owned == nil || p.Owned.ID != ids[0] {
			t.Errorf("preorder %s is nobody's", p.Txid)
		}
	}
}
