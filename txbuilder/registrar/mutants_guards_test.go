package registrar

import "testing"

// guarded are guards that the same tests must miss.
type guarded struct {
	tests string // by name
	list  []mutant
}

// guards are those that hold in a few moments only: tests of their own arrange these.
func guards() []guarded {
	return []guarded{
		{"TestCancelDoomed|TestOldVersionMined", []mutant{
			{"what can never confirm is made anew", "dead",
				"if !s.f.Dead[st.Versions[st.Current].Txid] {", "if true {"},
			{"an old version that a miner took is found", "mined",
				"if t := s.f.Txs[v.Txid]; t.Height > 0 {", "if t := s.f.Txs[v.Txid]; t.Height > 0 && v == st.Versions[st.Current] {"},
		}},
		{"TestRefused", []mutant{
			{"a version whose coin is gone gives way to another", "hasFitter",
				"return s.fitter(j.stage(role)) >= 0", "return s.fitter(j.stage(role)) >= 1000"},
		}},
		{"TestUnconfirmedRenewal|TestPlannedRenewalAdopts|TestRenewedBlockGone", []mutant{
			{"a renewal that was just mined is adopted", "ourRenewal",
				"tx, height, err = r.Search.ownMined(ctx, req)", "height = 0"},
			{"a renewal that was just mined is not paid again", "notRenewed",
				"if rec.RenewedAt > rec.FirstRegistered && met(&j.Request, rec) {", "if rec.RenewedAt < 0 {"},
			{"a renewal in no block stops another one", "notRenewed",
				"return &RenewalOurs{Name: j.Request.Name, Txid: tx.TxHash()}", "_ = &RenewalOurs{}; return nil"},
			{"a renewal in no block is found", "sentRenewal",
				`err != nil || waits {; return tx, err`, `err != nil || waits {; return nil, err`},
			{"a renewal that was sent is gone on with", "ours",
				"return r.ourRenewal(ctx, req, dry)", "return nil, nil"},
			{"a renewal to somebody else is not gone on with", "ourRenewal",
				"} else if bytes.Equal(tx.TxOut[1].PkScript, to) && (", "} else if bytes.Equal(to, to) && ("},
			{"what the wallet remembers is looked through for renewals", "unconfirmed",
				"txs = append(slices.Clip(txs), own...)", "_ = own"},
		}},
		{"TestRivalIsNotSentOverOthers", []mutant{
			{"a version whose coin pays for something else by now is not sent", "versions",
				"if v.Parent == parent && !s.f.Lent[v.Txid] {", "if v.Parent == parent {"},
			{"what another job has sent takes its coins", "takenByOthers",
				`}; take(tx)`, `}; _ = tx`},
			{"a payment that was sent takes its coins", "takenByOthers",
				"if !own[tx.TxHash()] {", "if own[tx.TxHash()] {"},
			{"only what every version needs is spent whatever happened", "extraCoins",
				"if spends[op] < len(s.Versions) {", "if spends[op] < 0 {"},
		}},
		{"TestListOverAfter.*|TestReturnTakenAway", []mutant{
			{"a list that is over waits for its split", "finish",
				"return s.waitRoot()", "_ = s.waitRoot"},
			{"what is sent for a list that is over is replaced while its split waits", "wrongInPool",
				"(over || s.isOutdated(l.Version)) {", "!over && s.isOutdated(l.Version) {"},
			{"the coin of a list is returned again after a reorg", "over",
				"len(s.publish) == 0 && !back {", "len(s.publish) == 0 && (!back || true) {"},
			{"what returns the coin of a list is made dearer", "fits",
				"s.links[second[0]].Item < 0 && !s.f.Cheap[second[0]]", "s.links[second[0]].Item < 0"},
		}},
		{"TestImportOf.*|TestListThroughWithAName", []mutant{
			{"jobs that were open together stay so", "standsInTheWay",
				"if !inTheWay(o, theirs) || s.together(o, theirs) {", "if !inTheWay(o, theirs) {"},
			{"jobs of two journals are rivals", "standsInTheWay",
				"if !inTheWay(o, theirs) || s.together(o, theirs) {", "if !inTheWay(o, theirs) || len(s) > 0 {"},
			{"what would pay a price twice is a rival", "together",
				"&& q.Kind.pays() }) {", `&& q.Kind == "" }) {`},
			{"a list that is through with a name is in nobody's way", "inTheWay",
				"both && !a.ProgressOf(q.Name).State.Final() &&", "both &&"},
		}},
		{"TestUndone.*", []mutant{
			{"what a list will do again is waited for", "find",
				`if state := o.ProgressOf(req.Name).State; state == Done {; others = append(others, o)`, `if state := o.ProgressOf(req.Name).State; state == Done {; _ = others`},
			{"what a list will do again is not done by another job", "find",
				`return o, 0, "", nil; }; return nil, attempt`, `continue; }; return nil, attempt`},
			{"what a list has done, and what stands, is waited for by nobody", "undoneItems",
				"== Done && !s.judge(i).State.Final() {", "== Done && s != nil {"},
			{"a list leaves out what another job will do again", "busyNames",
				`busy[n] = j.ID; }`, `_ = n; }`},
		}},
		{"TestDeadIsNoWayOut", []mutant{
			{"what can never confirm is no way out of a refusal", "fitter",
				"&& !s.f.Dead[o.Txid] {", "{"},
		}},
		{"TestListWaitsBeforeItPaysMore", []mutant{
			{"what a list sends late has not waited yet", "push",
				"since = max(since, s.links[id].Stage.Since)", "_ = id"},
		}},
		{"TestRenewalSupersedes|TestNothingElseIsSuperseded", []mutant{
			{"a renewal takes the place of what can change nothing", "idle",
				`return pastTerm(&rec) && rec.Status != names.Expired && rec.Status != names.Available && f.Barred != "", nil`, `_ = rec; return false, nil`},
			{"what may still count keeps its place", "idle",
				"return pastTerm(&rec) &&", "return true || pastTerm(&rec) &&"},
			{"the job whose place was taken ends", "supersede",
				"if err != nil || !o.Open() {", "if err != nil || o.Open() {"},
			{"the renewal spends the coin of the job whose place it takes", "rivalCoin",
				"return inputs[0], rate, fee, true, nil", "return inputs[0], rate, fee, false, nil"},
			{"the renewal outbids the job whose place it takes", "owned",
				"max(f.Rate, rate), max(f.MinFee, fee)", "max(f.Rate, rate*0), max(f.MinFee, fee*0)"},
		}},
		{"TestCopied.*|TestOtherCopies", []mutant{
			{"the copies of an older state are searched", "OtherCopies",
				"string(f) == string(h[:]) }) {", "string(f) == string(h[:]) || true }) {"},
			{"the copies of another journal are searched", "OtherCopies",
				"if mark, ours := marks[f.Name]; ours {", `if mark, ours := marks[f.Name]; !ours {; return nil; } else {`},
			{"copies are searched before a preorder is paid", "everyPreorder",
				"return r.gather(ctx, tip, jobs)", `_ = jobs; return r.gather(ctx, tip, nil)`},
			{"a copied preorder is by a script of ours", "ourPreorder",
				"&& c.ours[string(sender)] {", "{"},
			{"a copied job that is over changes nothing", "withCopied",
				"if !j.Open() || q.Kind != KindRegister && q.Kind != KindLaunch || j.ProgressOf(q.Name).State.Final() {", "if q.Kind != KindRegister && q.Kind != KindLaunch {"},
			{"a copied list is brought in as a whole", "goesOnWith",
				`if j.Request.Kind == KindSeries {; return true`, `if j.Request.Kind == KindSeries {; return false`},
			{"a copied preorder that was used or given back is left alone", "addCopied",
				"if waits, err := r.inNoBlock(ctx, v.Txid); err != nil || !waits {", "if _, err := r.inNoBlock(ctx, v.Txid); err != nil {"},
			{"a copied preorder that this journal follows is its own", "withCopied",
				"func(v *Version) bool { return followed[v.Txid] != nil }) {", "func(v *Version) bool { return followed[v.Txid] != nil && v.Fee < 0 }) {"},
			{"a copied job is brought in", "rescued",
				"if p.Copied != nil && p.Copied.goesOnWith(&req, running) {", `if p.Copied != nil && j.ID == "" {`},
		}},
		{"TestRivalsCoinsAreFree|TestSettledPreorderFreesItsRivals|TestReserved.*|TestSeriesCancelledAtOnce|TestLostName.*", []mutant{
			{"the change of a preorder of a lost name is free", "hold",
				"if !useless {", "if !useless || true {"},
			{"where versions spend different coins the chain is asked", "losers",
				"if !differ || !j.reserves() {", "if differ || !j.reserves() {"},
			{"what returns coins is a rival of a preorder", "coinsDiffer",
				"if s.Role == RoleReturn && len(j.Stages) > 1 {", "if s.Role == RoleReturn && len(j.Stages) > 1000 {"},
			{"a list that is over and spent nothing keeps nothing", "Reserved",
				"if !j.Open() && !s.Used && j.Request.Kind == KindSeries {", "if false {"},
			{"a list's coin is looked for in the split that was mined", "losers",
				`if splits[j.ID] {; l.ask(j)`, `if splits[j.ID] && l.made[chainhash.Hash{}] == nil {; l.asked[j] = true`},
			{"a list that went another way keeps no owner's coin", "coinsDiffer",
				"if j.Request.Kind == KindSeries && slices", "if false && slices"},
			{"what spends a coin that lost has lost", "look",
				"if !good {", "if !good && l.txs == nil {"},
			{"what was spent stays kept for reorgs", "reserves",
				"return j.Open() || j.State == Done ||", "return j.Open() ||"},
		}},
		{"TestRefused.*|TestOutbids.*|TestEvicted|Test.*Floor|TestFloor.*|Test.*Together", []mutant{
			{"the node's floor is asked for", "feesOf",
				"max(fees.Floor, f.Floor), max(", "max(fees.Floor, 0*f.Floor), max("},
			{"the node's increment is asked for", "feesOf",
				"max(fees.Increment, f.Increment)}", "max(fees.Increment, 0*f.Increment)}"},
			{"what is signed is above the floor", "atFloor",
				"req.Rate, req.HighRate = least, max(least, req.HighRate)", "_ = least"},
			{"a replacement is above the floor", "outbid",
				"return min(max(rate, m.relay.Least()), txbuilder.MaxRate), fee, nil", "return min(rate, txbuilder.MaxRate), fee, nil"},
			{"a replacement pays the increment", "bids",
				"v.Fee+hanging+m.relay.Increment.Fee(v.VSize+replacementSlack))", "v.Fee+hanging)"},
			{"a replacement pays a higher rate than each that it replaces", "outbid",
				"rate+m.relay.Increment, actual+m.relay.Increment)", "0*actual)"},
			{"a plan below the floor is refused", "estimate",
				"asked < m.relay.Floor {", "asked < 0 {"},
			{"a list below the floor is refused", "PlanBatch",
				"if common.Rate < w.relay.Floor {", "if common.Rate < 0 {"},
			{"one dearer version is signed in an attempt", "refusedForFee",
				"if run.raised[p.Role] {", "if run.raised[p.Role] && len(run.raised) > 100 {"},
			{"a refused version is not offered again in the same attempt", "send",
				"if s.f.Cheap[v.Txid] {", "if s.f.Cheap[v.Txid] && v.Fee < 0 {"},
			{"what a node has refused raises the fee within what is at stake", "make",
				"m.forced = m.forced || a.Dearer", "_ = a.Dearer"},
			{"the same of the coins of a list", "BumpSplit",
				"m.forced = m.forced || forced", "_ = forced"},
			{"what strangers hung on a preorder is paid for", "bids",
				"hanging = max(hanging, seen)", "_ = seen"},
			{"what hangs on a series is paid for", "newPaths",
				"if outbid > 0 {", "if outbid < 0 {"},
			{"what strangers hung on a series is paid for", "outbidPath",
				"more > sum {", "more < 0 {"},
		}},
	}
}

// TestGuardMutants is TestMutants for guards.
func TestGuardMutants(t *testing.T) {
	for _, g := range guards() {
		eachMutant(t, g.list, g.tests, 0)
	}
}
