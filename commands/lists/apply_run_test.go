package lists

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home/config"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/lists"
)

// TestListWhoseSplitIsRefused: the split of a list is refused, and nothing else is known to be
// wrong. That is no matter of waiting: its series can do nothing without it.
func TestListWhoseSplitIsRefused(t *testing.T) {
	out := &bytes.Buffer{}
	env := &session.Session{Out: voice.New(out, io.Discard)}
	env.Use(&config.Config{Network: "regtest"})
	n, err := names.Parse("alice.id")
	if err != nil {
		t.Fatal(err)
	}
	item := registrar.Item{Kind: registrar.KindRegister, Name: n}
	split := &registrar.Job{ID: "split", State: registrar.Running, Request: registrar.Request{Kind: registrar.KindSplit}}
	series := &registrar.Job{ID: "series", State: registrar.Running, Listed: registrar.Listed{Items: []registrar.Progress{{State: registrar.PreorderSigned}}},
		Request: registrar.Request{Kind: registrar.KindSeries, Series: &registrar.Series{Split: "split", Items: []registrar.Item{item}}}}
	no := &registrar.Refused{Txid: chainhash.Hash{1}, Reason: "some new policy"}
	a := &applyRun{env: env, schema: "name.apply", failed: map[registrar.ID]error{"split": no}}
	a.add(1, &lists.Line{Name: n, Item: &item})
	a.Adopt(series)
	a.Adopt(split)
	if got := a.SplitOf("series"); got != "split" || a.SplitOf("split") != "" {
		t.Errorf("the split of the series is %q", got)
	}
	f := faults.Of(t.Context(), a.finish())
	if f.Code != "refused_by_node" || f.Exit() != fault.ExitFailed || !strings.Contains(f.Message, "some new policy") {
		t.Errorf("%s, exit %d: %s", f.Code, f.Exit(), f.Message)
	}
	if !strings.Contains(out.String(), "alice.id") {
		t.Errorf("the names are not listed: %q", out)
	}
	delete(a.failed, "split")
	if f := faults.Of(t.Context(), a.finish()); f.Code != "pending" {
		t.Errorf("without a refusal: %s", f.Code)
	}
}
