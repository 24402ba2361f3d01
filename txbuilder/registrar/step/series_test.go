package step

import (
	"slices"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
)

// The transactions of the list below: two preorders, two registrations on them, the same at a
// higher fee, and what returns the coin.
var (
	root                                       = chainhash.Hash{0xff}
	pre1, pre2, reg1, reg2, dear1, dear2, back = chainhash.Hash{1}, chainhash.Hash{2}, chainhash.Hash{3}, chainhash.Hash{4}, chainhash.Hash{5}, chainhash.Hash{6}, chainhash.Hash{7}
)

// twoNames is a list of two registrations in which all is signed and the preorders may have been
// sent.
func twoNames(t *testing.T) *job.Job {
	t.Helper()
	var all []names.Name
	for _, text := range []string{"alice.id", "bob.id"} {
		n, err := names.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	st := func(role job.Role, n int, used bool, versions ...*job.Version) *job.Stage {
		return &job.Stage{Role: role, Name: all[n], Used: used, Since: 1000, Versions: versions}
	}
	v := func(id, parent chainhash.Hash, window int32) *job.Version {
		return &job.Version{Txid: id, Parent: parent, Window: window}
	}
	return &job.Job{ID: "l", State: job.Running, Request: job.Request{Kind: job.KindSeries, Confirmations: 3, Series: &job.Series{Split: "s",
		Items: []job.Item{{Kind: job.KindRegister, Name: all[0]}, {Kind: job.KindRegister, Name: all[1], ZoneFile: []byte("zone")}}}},
		Listed: job.Listed{Items: []job.Progress{{State: job.PreorderSigned}, {State: job.PreorderSigned}}, Since: 1000,
			Paths: []job.Path{{Root: root, Links: []chainhash.Hash{pre1, pre2, reg1, reg2}}, {Root: root, Links: []chainhash.Hash{pre1, pre2, dear1, dear2}}}},
		Stages: []*job.Stage{st(job.RolePreorder, 0, true, v(pre1, root, 1019)), st(job.RolePreorder, 1, true, v(pre2, pre1, 1019)),
			st(job.RoleRegister, 0, false, v(reg1, pre2, 0), v(dear1, pre2, 0)), st(job.RoleRegister, 1, false, v(reg2, reg1, 0), v(dear2, dear1, 0))}}
}

// facts are those at block 1000, when the split is in a block and all that is given are there with
// so many confirmations, accepted.
func facts(confirmations int32, ids ...chainhash.Hash) *SeriesFacts {
	f := &SeriesFacts{Tip: 1000, Synced: true, Root: root, Newest: root, Txs: make(map[chainhash.Hash]TxFact), Stale: make(map[chainhash.Hash]bool), Sent: make(map[chainhash.Hash]bool),
		Cheap: make(map[chainhash.Hash]bool), Names: make([]NameFact, 2), Lifetime: 144, CanSign: true}
	for _, id := range ids {
		f.Txs[id] = TxFact{Height: 1001 - confirmations, Confirmations: confirmations, Known: true, Accepted: true}
	}
	return f
}

// pooled lets transactions wait in the memory pool.
func pooled(f *SeriesFacts, ids ...chainhash.Hash) *SeriesFacts {
	for _, id := range ids {
		f.Txs[id] = TxFact{InMempool: true}
	}
	return f
}

// states says where the names of a list stand.
func states(j *job.Job, one, two job.State) { j.Items[0].State, j.Items[1].State = one, two }

// TestSeriesStep walks through what a list does next: waves of preorders and of registrations, what
// replaces them, and the end.
func TestSeriesStep(t *testing.T) {
	for what, c := range map[string]struct {
		f     *SeriesFacts
		put   func(j *job.Job, f *SeriesFacts)
		do    Deed
		to    job.State
		links []chainhash.Hash // DoBroadcast
		check func(a SeriesAction) bool
	}{
		"the index is behind":             {f: facts(0), put: func(_ *job.Job, f *SeriesFacts) { f.Synced = false }, do: DoWait, to: job.Running},
		"its split is not there":          {f: facts(0), put: func(_ *job.Job, f *SeriesFacts) { f.Missing = true }, do: DoWait, to: job.Running},
		"its split is in no block":        {f: facts(0), put: func(_ *job.Job, f *SeriesFacts) { f.Root = chainhash.Hash{} }, do: DoWait, to: job.Running},
		"its split was never signed":      {f: facts(0), put: func(_ *job.Job, f *SeriesFacts) { f.Orphan, f.Root = true, chainhash.Hash{} }, do: DoEnter, to: job.Cancelled},
		"its split is gone":               {f: facts(0), put: func(_ *job.Job, f *SeriesFacts) { f.Doomed, f.Root = true, chainhash.Hash{} }, do: DoEnter, to: job.Cancelled},
		"the split has another version":   {f: facts(0), put: func(_ *job.Job, f *SeriesFacts) { f.Root = chainhash.Hash{0xee} }, do: DoSign, to: job.Running, check: firsts(0, 1)},
		"nothing is sent":                 {f: facts(0), do: DoBroadcast, to: job.Running, links: []chainhash.Hash{pre1, pre2}},
		"one is sent":                     {f: pooled(facts(0), pre1), do: DoBroadcast, to: job.Running, links: []chainhash.Hash{pre2}},
		"both are sent":                   {f: pooled(facts(0), pre1, pre2), do: DoWait, to: job.Running, check: func(a SeriesAction) bool { return a.Wait.Deadline == 1019 && *a.Wait.Txid == pre1 }},
		"they quote what will be too old": {f: pooled(facts(0), pre1, pre2), put: func(_ *job.Job, f *SeriesFacts) { f.Tip = 1015 }, do: DoSign, to: job.Running, check: replaces(0, 1)},
		"not yet too old":                 {f: pooled(facts(0), pre1, pre2), put: func(j *job.Job, f *SeriesFacts) { f.Tip, j.Since = 1014, 1014 }, do: DoWait, to: job.Running},
		"a reorg took what they quote":    {f: pooled(facts(0), pre1, pre2), put: func(_ *job.Job, f *SeriesFacts) { f.Stale[pre2] = true }, do: DoSign, to: job.Running, check: replaces(0, 1)},
		"one is mined, not deep":          {f: pooled(facts(1, pre1), pre2), do: DoWait, to: job.Running},
		"one is mined, the other must go": {f: pooled(facts(1, pre1), pre2), put: func(_ *job.Job, f *SeriesFacts) { f.Stale[pre2] = true }, do: DoSign, to: job.Running, check: func(a SeriesAction) bool {
			return slices.Equal(a.First, []int{1}) && slices.Equal(a.Later, []int{0}) && slices.Equal(a.Confirmed, []chainhash.Hash{pre1})
		}},
		"both are mined, not deep":       {f: facts(2, pre1, pre2), do: DoWait, to: job.Running, check: func(a SeriesAction) bool { return a.Wait.Blocks == 1 }},
		"both are deep, to be noted":     {f: facts(3, pre1, pre2), do: DoEnter, to: job.Running, check: stand(job.PreorderConfirmed, job.PreorderConfirmed)},
		"both are deep":                  {f: facts(3, pre1, pre2), put: func(j *job.Job, _ *SeriesFacts) { states(j, job.PreorderConfirmed, job.PreorderConfirmed) }, do: DoBroadcast, to: job.Running, links: []chainhash.Hash{reg1, reg2}},
		"somebody has one of the names":  {f: taken(facts(3, pre1, pre2), 3), do: DoEnter, to: job.Running, check: stand(job.Rejected, job.PreorderConfirmed)},
		"since just now":                 {f: taken(facts(3, pre1, pre2), 2), put: func(j *job.Job, _ *SeriesFacts) { states(j, job.PreorderConfirmed, job.PreorderConfirmed) }, do: DoWait, to: job.Running},
		"somebody has it before that":    {f: taken(pooled(facts(0), pre1, pre2), 3), do: DoEnter, to: job.Running, check: stand(job.Rejected, job.PreorderSigned)},
		"one was too late to be used":    {f: facts(145, pre1, pre2), do: DoEnter, to: job.Running, check: stand(job.Expired, job.Expired)},
		"in the last block to use them":  {f: facts(144, pre1, pre2), do: DoEnter, to: job.Running, check: stand(job.PreorderConfirmed, job.PreorderConfirmed)},
		"the index refused a preorder":   {f: refusedBy(facts(3, pre1, pre2), pre2), do: DoEnter, to: job.Running, check: stand(job.PreorderConfirmed, job.Rejected)},
		"it may still change its mind":   {f: refusedBy(facts(2, pre1, pre2), pre2), do: DoWait, to: job.Running},
		"registrations wait":             {f: pooled(facts(9, pre1, pre2), reg1, reg2), put: registered, do: DoWait, to: job.Running, check: func(a SeriesAction) bool { return a.Wait.Deadline == 992+144 }},
		"registrations wait for long":    {f: pooled(facts(9, pre1, pre2), reg1, reg2), put: func(j *job.Job, f *SeriesFacts) { registered(j, f); f.Tip = 1006 }, do: DoUse, to: job.Running, check: func(a SeriesAction) bool { return a.Path == 1 }},
		"the dearer ones wait for long":  {f: pooled(facts(9, pre1, pre2), dear1, dear2), put: func(j *job.Job, f *SeriesFacts) { registered(j, f); f.Tip, j.Path = 1006, 1 }, do: DoSign, to: job.Running, check: func(a SeriesAction) bool { return a.Optional && a.Replace && slices.Equal(a.Second, []int{0, 1}) }},
		"the same, the wallet is locked": {f: pooled(facts(9, pre1, pre2), dear1, dear2), put: func(j *job.Job, f *SeriesFacts) { registered(j, f); f.Tip, j.Path, f.CanSign = 1006, 1, false }, do: DoWait, to: job.Running},
		"a miner took the other path": {f: facts(1, pre1, pre2, dear1), put: func(j *job.Job, f *SeriesFacts) {
			registered(j, f)
			deep(f, pre1, pre2)
			states(j, job.RegisterConfirmed, job.RegisterSigned)
		}, do: DoUse, to: job.Running, check: func(a SeriesAction) bool { return a.Path == 1 }},
		"a registration was too cheap":   {f: facts(9, pre1, pre2), put: func(j *job.Job, f *SeriesFacts) { registered(j, f); f.Cheap[reg1] = true }, do: DoUse, to: job.Running, check: func(a SeriesAction) bool { return a.Path == 1 }},
		"all are mined, to be published": {f: facts(9, pre1, pre2, reg1, reg2), put: func(j *job.Job, f *SeriesFacts) { registered(j, f); states(j, job.Done, job.Done); f.CanPublish = true }, do: DoPublish, to: job.Running, check: func(a SeriesAction) bool { return slices.Equal(a.Publish, []int{1}) }},
		"all are mined":                  {f: facts(9, pre1, pre2, reg1, reg2), put: func(j *job.Job, f *SeriesFacts) { registered(j, f); states(j, job.Done, job.Done) }, do: DoEnter, to: job.Done},
		"all are mined, one not deep": {f: facts(9, pre1, pre2, reg1), put: func(j *job.Job, f *SeriesFacts) {
			registered(j, f)
			f.Txs[reg2] = TxFact{Height: 999, Confirmations: 2, Known: true, Accepted: true}
			states(j, job.Done, job.RegisterConfirmed)
		}, do: DoWait, to: job.Running},
		"one was refused in the end": {f: refusedBy(facts(9, pre1, pre2, reg1, reg2), reg2), put: func(j *job.Job, f *SeriesFacts) {
			registered(j, f)
			states(j, job.Done, job.Rejected)
			j.Items[1].Reason = "transaction " + reg2.String() + " in block 992: no"
		}, do: DoEnter, to: job.Rejected},
		"it is done":                       {f: facts(9, pre1, pre2, reg1, reg2), put: over(job.Done), do: DoNothing, to: job.Done},
		"it is done, and a reorg undid it": {f: facts(9, pre1, pre2, reg1), put: over(job.Done), do: DoEnter, to: job.Running, check: stand(job.Done, job.RegisterSigned)},
		"given up, and nothing was sent":   {f: facts(0), put: func(j *job.Job, _ *SeriesFacts) { dropped(j); j.Stages[0].Used, j.Stages[1].Used = false, false }, do: DoEnter, to: job.Cancelled},
		"given up, and preorders are sent": {f: pooled(facts(0), pre1, pre2), put: func(j *job.Job, _ *SeriesFacts) { dropped(j) }, do: DoSign, to: job.Running, check: func(a SeriesAction) bool { return a.Replace && len(a.First)+len(a.Second) == 0 }},
		"the coin is on its way back":      {f: pooled(facts(0), back), put: func(j *job.Job, _ *SeriesFacts) { dropped(j); returning(j) }, do: DoWait, to: job.Running},
		"the coin is not sent back yet":    {f: facts(0), put: func(j *job.Job, _ *SeriesFacts) { dropped(j); returning(j) }, do: DoBroadcast, to: job.Running, links: []chainhash.Hash{back}},
		"the coin is back, not deep":       {f: facts(2, back), put: func(j *job.Job, _ *SeriesFacts) { dropped(j); returning(j) }, do: DoWait, to: job.Running},
		"all are mined and published": {f: facts(9, pre1, pre2, reg1, reg2), put: func(j *job.Job, f *SeriesFacts) {
			registered(j, f)
			states(j, job.Done, job.Done)
			f.CanPublish, j.Items[1].IsPublic = true, true
		}, do: DoEnter, to: job.Done},
		"its path has one name too few": {f: facts(0), put: func(j *job.Job, _ *SeriesFacts) {
			j.Paths = []job.Path{{Root: root, Links: []chainhash.Hash{pre1, reg1}}}
		}, do: DoSign, to: job.Running, check: firsts(0, 1)},
		"the coin is back": {f: facts(3, back), put: func(j *job.Job, _ *SeriesFacts) { dropped(j); returning(j) }, do: DoEnter, to: job.Cancelled},
		"a preorder was mined all the same": {f: facts(1, pre1), put: func(j *job.Job, _ *SeriesFacts) { dropped(j); returning(j) }, do: DoEnter, to: job.Running, check: func(a SeriesAction) bool {
			return stand(job.PreorderSigned, job.Cancelled)(a) && a.Items[0].Dropped == 0 && a.Items[1].Dropped == job.Cancelled
		}},
	} {
		j := twoNames(t)
		if c.put != nil {
			c.put(j, c.f)
		}
		a := SeriesStep(j, c.f)
		if a.Do != c.do || a.To != c.to || !slices.Equal(a.Links, c.links) || c.check != nil && !c.check(a) || a.Do == DoWait && a.Wait == nil {
			t.Errorf("%s: %s to %s, links %v, first %v, second %v, %+v, %+v", what, a.Do, a.To, a.Links, a.First, a.Second, a.Items, a.Wait)
		}
	}
}

// firsts says that the first transactions of some items are to be made.
func firsts(items ...int) func(SeriesAction) bool {
	return func(a SeriesAction) bool { return slices.Equal(a.First, items) && len(a.Second) == 0 }
}

// replaces is firsts in the place of what was sent.
func replaces(items ...int) func(SeriesAction) bool {
	return func(a SeriesAction) bool { return firsts(items...)(a) && a.Replace && !a.Optional && a.Wait != nil }
}

// stand says where the two names stand by an action.
func stand(one, two job.State) func(SeriesAction) bool {
	return func(a SeriesAction) bool {
		return len(a.Items) == 2 && a.Items[0].State == one && a.Items[1].State == two
	}
}

// taken lets somebody have the first name for some blocks.
func taken(f *SeriesFacts, blocks int32) *SeriesFacts {
	f.Names[0] = NameFact{Taken: true, TakenBy: "somebody", TakenFor: blocks}
	return f
}

// refusedBy lets the index refuse a transaction.
func refusedBy(f *SeriesFacts, id chainhash.Hash) *SeriesFacts {
	t := f.Txs[id]
	t.Accepted, t.Reason = false, "no"
	f.Txs[id] = t
	return f
}

// deep gives transactions nine confirmations.
func deep(f *SeriesFacts, ids ...chainhash.Hash) {
	for _, id := range ids {
		f.Txs[id] = TxFact{Height: 992, Confirmations: 9, Known: true, Accepted: true}
	}
}

// registered lets the registrations have been sent.
func registered(j *job.Job, _ *SeriesFacts) {
	j.Stages[2].Used, j.Stages[3].Used = true, true
	states(j, job.RegisterSigned, job.RegisterSigned)
}

// over is a list that has come to its end.
func over(state job.State) func(*job.Job, *SeriesFacts) {
	return func(j *job.Job, f *SeriesFacts) {
		registered(j, f)
		j.State = state
		states(j, job.Done, job.Done)
	}
}

// dropped gives both names up.
func dropped(j *job.Job) {
	for i := range j.Items {
		j.Items[i] = job.Progress{State: job.Cancelled, Dropped: job.Cancelled, Reason: "cancelled; nothing was paid"}
	}
}

// returning adds what returns the coin.
func returning(j *job.Job) {
	j.Stages = append(j.Stages, &job.Stage{Role: job.RoleReturn, Versions: []*job.Version{{Txid: back, Parent: root}}, Used: true, Since: 1000})
	j.Paths = append(j.Paths, job.Path{Root: root, Links: []chainhash.Hash{back}})
	j.Path = len(j.Paths) - 1
}

// TestUnpaidItems tells the names for which nothing is in a block and that are not over, and those
// that a reorg took back.
func TestUnpaidItems(t *testing.T) {
	for what, c := range map[string]struct {
		f              *SeriesFacts
		one, two       job.State
		unpaid, undone string
	}{
		"nothing is mined":         {facts(0), job.PreorderSigned, job.PreorderSigned, "01", ""},
		"one preorder is mined":    {facts(1, pre1), job.PreorderSigned, job.PreorderSigned, "1", ""},
		"one is over":              {facts(0), job.Rejected, job.PreorderSigned, "1", ""},
		"both are done":            {facts(9, pre1, pre2, reg1, reg2), job.Done, job.Done, "", ""},
		"a reorg took the last":    {facts(9, pre1, pre2, reg1), job.Done, job.Done, "", "1"},
		"a reorg took all of them": {facts(0), job.Done, job.Done, "", "01"},
	} {
		j := twoNames(t)
		registered(j, c.f)
		states(j, c.one, c.two)
		var unpaid, undone strings.Builder
		for _, i := range UnpaidItems(j, c.f) {
			unpaid.WriteByte('0' + byte(i))
		}
		again := UndoneItems(j, c.f)
		for i, it := range j.Request.Series.Items {
			if again[it.Name] {
				undone.WriteByte('0' + byte(i))
			}
		}
		if unpaid.String() != c.unpaid || undone.String() != c.undone {
			t.Errorf("%s: unpaid %q, undone %q", what, unpaid.String(), undone.String())
		}
	}
}
