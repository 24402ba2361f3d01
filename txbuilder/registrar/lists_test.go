package registrar

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/lists"
)

// listWallet is the wallet of a world as lists see it, with its first identities.
type listWallet struct {
	v      *world
	owners [][]byte
}

func (l listWallet) Ours(ctx context.Context, script []byte) (bool, error) {
	scripts, err := l.v.w.Scripts(ctx)
	return slices.ContainsFunc(scripts, func(s []byte) bool { return bytes.Equal(s, script) }), err
}

func (l listWallet) OwnerScript(_ context.Context, n uint32) ([]byte, error) { return l.owners[n], nil }

// TestListLines finds out what each name of a list needs: nothing, an update, a transfer, a
// registration for whoever has room, or that it is somebody else's. What is planned is started, and
// then the list waits for it.
func TestListLines(t *testing.T) {
	v := owned(t)
	v.stranger("foreign.id", true)
	v.stranger("foreign.id", false)
	name := func(s string) names.Name { return v.register(s).Name }
	zone := []byte("$ORIGIN alice.id\n$TTL 60\n_http._tcp\tIN\tURI\t10\t1\t\"https://example.org/p.json\"\n")
	run := &lists.Run{MaxIdentity: 0, Lines: []*lists.Line{
		{Name: name("alice.id"), ZoneFile: zone},
		{Name: name("bob.id")},
		{Name: name("foreign.id")},
		{Name: name("carol.id"), To: v.w.payer2},
	}}
	w := listWallet{v, [][]byte{v.w.owner}}
	order := lists.Order{Rate: txbuilder.SatPerVByte(10), List: "list", Scripts: v.list("list", 0).Scripts,
		Ceiling: func(context.Context) (btcutil.Amount, error) { return 0, nil }}
	b, err := run.Plan(t.Context(), v.r, w, order)
	if err != nil || b == nil {
		t.Fatalf("%+v, %v", b, err)
	}
	for i, want := range []Kind{KindUpdate, KindRegister, "", KindRegister} {
		l := run.Lines[i]
		if want == "" != (l.Item == nil) || l.Item != nil && l.Item.Kind != want {
			t.Errorf("%s: %+v, want %s", l.Name, l.Item, want)
		}
	}
	if taken := new(NameTaken); !errors.As(run.Lines[2].Refused, &taken) || run.Lines[2].Item != nil {
		t.Errorf("somebody else's name: %v", run.Lines[2].Refused)
	}
	if !bytes.Equal(run.Lines[1].Owner, v.w.owner) || !bytes.Equal(run.Lines[3].Item.Owner, v.w.payer2) {
		t.Error("free names go to other owners than they should")
	}
	split, series, err := v.r.StartBatch(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	again := &lists.Run{Lines: []*lists.Line{{Name: name("alice.id"), ZoneFile: zone}, {Name: name("bob.id")}, {Name: name("carol.id"), To: v.w.owner}}}
	if b, err := again.Plan(t.Context(), v.r, w, order); err != nil || b != nil {
		t.Fatalf("planned again: %+v, %v", b, err)
	}
	if again.Lines[0].Job != series[0].ID || again.SplitOf(series[0].ID) != split.ID || again.Jobs[split.ID] == nil || again.Over(again.Lines[0]) {
		t.Errorf("the jobs that run are not waited for: %+v", again.IDs)
	}
	if c := new(Conflict); !errors.As(again.Lines[2].Refused, &c) || c.ID != series[0].ID || c.What != "owner" {
		t.Errorf("another owner while it runs: %v", again.Lines[2].Refused)
	}
	full := &lists.Run{Lines: []*lists.Line{{Name: name("dave.id")}}}
	v.params.MaxNamesPerOwner = 2
	if _, err := full.Plan(t.Context(), v.r, w, order); err != nil || !errors.As(full.Lines[0].Refused, new(*lists.NoRoom)) {
		t.Errorf("no room: %v, %v", full.Lines[0].Refused, err)
	}
}
