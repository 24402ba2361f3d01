package owned

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/verbtest"
	"blockstack/home/config"
	"blockstack/names"
	"blockstack/names/holdings"
	"blockstack/testdata"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/labels"
)

// inSession runs f as a verb of a home.
func inSession(t *testing.T, h verbtest.Home, f func(env *session.Session) error) {
	t.Helper()
	c := &cli.Command{Name: "test", Action: line.Verb(line.NoOptions, func(_ context.Context, env *session.Session, _ line.None) error { return f(env) })}
	if o := h.Run(t, c); o.Fault != nil {
		t.Fatal(o.Fault)
	}
}

// TestViewChangeOfName: a change with a transaction has its id, one that time made has none.
func TestViewChangeOfName(t *testing.T) {
	alice, err := names.Parse("alice.id")
	if err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]holdings.Change{
		`{"name":"alice.id","event":"name_in_grace","height":700,"renewable_until_height":713}`: {Name: alice, Event: holdings.InGrace, Height: 700, Until: 713},
		`{"name":"alice.id","event":"name_lost","height":714}`:                                  {Name: alice, Event: holdings.Lost, Height: 714},
		`{"name":"alice.id","event":"name_moved","height":690,"txid":"0000000000000000000000000000000000000000000000000000000000000001","owner_address":"1J"}`: {
			Name: alice, Event: holdings.Moved, Height: 690, Txid: chainhash.Hash{1}, Owner: "1J"},
	} {
		if b, err := json.Marshal(ViewChangeOfName(c)); err != nil || string(b) != want {
			t.Errorf("%s %v, want %s", b, err, want)
		}
	}
}

// TestViewSent: in a block or not yet, of a name or a namespace, with the block until which it is
// good.
func TestViewSent(t *testing.T) {
	h := verbtest.Recorded(t, testdata.Vectors(t, "chain/d01-lifecycle.json"))
	script := append(append([]byte{0x76, 0xa9, 0x14}, make([]byte, 20)...), 0x88, 0xac)
	inSession(t, h, func(env *session.Session) error {
		mined, waiting := &registrar.Sent{Until: 844}, &registrar.Sent{}
		mined.Txid, mined.Sender, mined.Height = chainhash.Hash{1}, script, 700
		waiting.Txid, waiting.Sender, waiting.Namespace = chainhash.Hash{2}, script, true
		views, lines, err := ViewSent(t.Context(), env, []*registrar.Sent{mined, waiting})
		if err != nil {
			return err
		}
		if len(views) != 2 || *views[0].Height != 700 || *views[0].Until != 844 || views[0].Namespace || views[1].Height != nil || views[1].Until != nil || !views[1].Namespace ||
			views[0].Sender != "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8" {
			t.Errorf("%+v", views)
		}
		if !strings.HasPrefix(lines[0], "a preorder of a name that no job follows, in block 700, good until block 844: ") || !strings.HasPrefix(lines[1], "a preorder of a namespace that no job follows, in no block yet: ") {
			t.Errorf("%q", lines)
		}
		return nil
	})
}

// TestNothingOwned: a wallet that owns no name of the chain has none, has lost none, and knows of
// no preorder.
func TestNothingOwned(t *testing.T) {
	h := verbtest.Recorded(t, testdata.Vectors(t, "chain/d01-lifecycle.json")).WithWallet(t)
	inSession(t, h, func(env *session.Session) error {
		x, err := env.Index(t.Context())
		if err != nil {
			return err
		}
		list, err := Names(t.Context(), env, x)
		if err != nil || len(list) > 0 {
			t.Errorf("%v %v", list, err)
		}
		changes, err := ChangesOfNames(t.Context(), env, x)
		if err != nil || len(changes) > 0 {
			t.Errorf("%v %v", changes, err)
		}
		return nil
	})
	inSession(t, h, func(env *session.Session) error {
		w, err := env.Wallet(t.Context())
		if err != nil {
			return err
		}
		sent, err := UnfollowedPreorders(t.Context(), env, w)
		if err != nil || len(sent) > 0 {
			t.Errorf("%v %v", sent, err)
		}
		return nil
	})
}

// TestNamesOfAll: the names of several owners in one order.
func TestNamesOfAll(t *testing.T) {
	h := verbtest.Recorded(t, testdata.Vectors(t, "chain/d01-lifecycle.json"))
	inSession(t, h, func(env *session.Session) error {
		x, err := env.Index(t.Context())
		if err != nil {
			return err
		}
		owners := map[string]bool{}
		for _, address := range []string{"mnEYdCtkMEQgv4D3kkXHHK3VkYkXRGFNQz", "mk4PdHZjUgt1neKRRnAP7q5po9ZdeFhXX3"} {
			script, err := x.Params().AddressScript(address)
			if err != nil {
				return err
			}
			owners[string(script)] = true
		}
		list, err := namesOfAll(t.Context(), x, owners)
		if err != nil {
			return err
		}
		var got []string
		for _, r := range list {
			got = append(got, r.Name.String())
		}
		if strings.Join(got, " ") != "b_2.test bar-1.test foo.test imported.test second.test" {
			t.Errorf("%q", got)
		}
		return nil
	})
}

// TestThings: what a word may become, of a wallet with labels; where nothing is, nothing, and
// nothing is made.
func TestThings(t *testing.T) {
	none := &Things{Ctx: t.Context(), Cfg: &config.Config{Network: "regtest", Home: t.TempDir()}}
	if got := len(none.Names()) + len(none.Jobs()) + len(none.Subjects()) + len(none.Payees()) + len(none.OwnerAddresses()) + len(none.Identities("")) +
		len(none.Labelled(labels.Tx)) + len(none.Transactions()) + len(none.Coins()); got != 0 {
		t.Errorf("%d things out of nothing", got)
	}
	h := verbtest.Empty(t).WithWallet(t)
	inSession(t, h, func(env *session.Session) error {
		w, err := env.Wallet(t.Context())
		if err != nil {
			return err
		}
		if err := w.SetLabel(t.Context(), labels.Label{Type: labels.Address, Ref: "2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9", Text: "landlord"}); err != nil {
			return err
		}
		some := &Things{Ctx: t.Context(), Cfg: env.Config, Wallet: w}
		if got := some.Identities("owner:"); len(got) != 1 || got[0].Text != "owner:0" || got[0].About != some.OwnerAddresses()[0].Text || some.OwnerAddresses()[0].About != "identity 0" {
			t.Errorf("%v", got)
		}
		if got := some.Labelled(labels.Address); len(got) != 1 || got[0] != (Candidate{"2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9", "landlord"}) {
			t.Errorf("%v", got)
		}
		if got := some.Labelled(labels.Tx); len(got) > 0 {
			t.Errorf("labels of another kind: %v", got)
		}
		return nil
	})
}
