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
		{"TestUnconfirmedRenewal|TestPlannedRenewalAdopts|TestRenewedBlockGone", []mutant{
			{"a renewal that was just mined is adopted", "own_renewals.go",
				"		tx, height, err = r.ownMined(ctx, req)", "		height = 0"},
			{"a renewal that was just mined is not paid again", "own_renewals.go",
				"	if rec.RenewedAt > rec.FirstRegistered && met(&j.Request, rec) {", "	if rec.RenewedAt < 0 {"},
			{"a renewal in no block stops another one", "own_renewals.go",
				"	return &RenewalOurs{Name: j.Request.Name, Txid: tx.TxHash()}", "	return nil"},
			{"a renewal in no block is found", "own_renewals.go",
				"err != nil || waits {\n			return tx, err", "err != nil || waits {\n			return nil, err"},
			{"a renewal that was sent is gone on with", "own_adopt.go",
				"		return r.ourRenewal(ctx, req, dry)", "		return nil, nil"},
			{"a renewal to somebody else is not gone on with", "own_renewals.go",
				"	} else if bytes.Equal(tx.TxOut[1].PkScript, to) && (", "	} else if len(to) > 0 && ("},
			{"what the wallet remembers is looked through for renewals", "own_preorders.go",
				"		txs = append(slices.Clip(txs), own...)", "		_ = own"},
		}},
		{"TestRivalIsNotSentOverOthers", []mutant{
			{"a version whose coin pays for something else by now is not sent", "stepper.go",
				"			if v.Parent == parent && !s.f.Lent[v.Txid] {", "			if v.Parent == parent {"},
			{"what another job has sent takes its coins", "lent.go", "				}\n				take(tx)\n", "				}\n				_ = tx\n"},
			{"a payment that was sent takes its coins", "lent.go", "			if !own[tx.TxHash()] {", "			if own[tx.TxHash()] {"},
			{"only what every version needs is spent whatever happened", "lent.go", "				if spends[op] < len(s.Versions) {", "				if spends[op] < 0 {"},
		}},
		{"TestListOverAfter.*|TestReturnTakenAway", []mutant{
			{"a list that is over waits for its split", "series_step.go",
				"		return s.waitRoot() // only then can the coin go back", "		_ = s.waitRoot"},
			{"what is sent for a list that is over is replaced while its split waits", "series_step.go",
				"p.Root == s.f.Pooled && l.st.Used && (over || s.isOutdated(l.v)) {", "p.Root == s.f.Pooled && l.st.Used && !over && s.isOutdated(l.v) {"},
			{"the coin of a list is returned again after a reorg", "series_step.go",
				"len(s.publish) == 0 && !back {", "len(s.publish) == 0 && (!back || true) {"},
			{"what returns the coin of a list is made dearer", "series_step.go",
				"s.links[second[0]].item < 0 && !s.f.Cheap[second[0]] //", "s.links[second[0]].item < 0 //"},
		}},
		{"TestImportOf.*|TestListThroughWithAName", []mutant{
			{"jobs that were open together stay so", "stood.go",
				"		if !inTheWay(o, theirs) || s.together(o, theirs) {", "		if !inTheWay(o, theirs) {"},
			{"jobs of two journals are rivals", "stood.go",
				"		if !inTheWay(o, theirs) || s.together(o, theirs) {", "		if !inTheWay(o, theirs) || len(s) > 0 {"},
			{"what would pay a price twice is a rival", "stood.go",
				" && q.Kind.pays() }) {", " && q.Kind == \"\" }) {"},
			{"a list that is through with a name is in nobody's way", "stood.go",
				"both && !a.ProgressOf(q.Name).State.Final() && ", "both && "},
		}},
		{"TestUndone.*", []mutant{
			{"what a list will do again is waited for", "start.go",
				"			if state := o.ProgressOf(req.Name).State; state == Done {\n				others = append(others, o)", "			if state := o.ProgressOf(req.Name).State; state == Done {\n				_ = others"},
			{"what a list will do again is not done by another job", "start.go",
				"			return o, 0, \"\", nil\n		}\n		return nil, attempt", "			continue\n		}\n		return nil, attempt"},
			{"what a list has done, and what stands, is waited for by nobody", "undone.go",
				" == Done && !s.judge(i).State.Final() {", " == Done {"},
			{"a list leaves out what another job will do again", "undone.go",
				"			busy[n] = j.ID\n		}", "			_ = n\n		}"},
		}},
		{"TestDeadIsNoWayOut", []mutant{
			{"what can never confirm is no way out of a refusal", "stepper.go", " && !s.f.Dead[o.Txid] {", " {"},
		}},
		{"TestListWaitsBeforeItPaysMore", []mutant{
			{"what a list sends late has not waited yet", "series_step.go",
				"		since = max(since, s.links[id].st.Since)", "		_ = id"},
		}},
		{"TestRenewalSupersedes|TestNothingElseIsSuperseded", []mutant{
			{"a renewal takes the place of what can change nothing", "supersede.go",
				"	return pastTerm(&rec) && rec.Status != names.Expired && rec.Status != names.Available && f.Barred != \"\", nil", "	_ = rec\n	return false, nil"},
			{"what may still count keeps its place", "supersede.go",
				"	return pastTerm(&rec) &&", "	return true || pastTerm(&rec) &&"},
			{"the job whose place was taken ends", "supersede.go",
				"	if err != nil || !o.Open() {", "	if err != nil || o.Open() {"},
			{"the renewal spends the coin of the job whose place it takes", "supersede.go",
				"	return inputs[0], rate, fee, true, nil", "	return inputs[0], rate, fee, false, nil"},
			{"the renewal outbids the job whose place it takes", "owner_sign.go",
				"max(f.Rate, rate), max(f.MinFee, fee)", "max(f.Rate, rate*0), max(f.MinFee, fee*0)"},
		}},
		{"TestCopied.*|TestOtherCopies", []mutant{
			{"the copies of an older state are searched", "copy_others.go",
				"string(f) == string(h[:]) }) {", "string(f) == string(h[:]) || true }) {"},
			{"the copies of another journal are searched", "copy_others.go",
				"		if mark, ours := marks[e.Name()]; ours {", "		if mark, ours := marks[e.Name()]; !ours {\n			continue\n		} else {"},
			{"copies are searched before a preorder is paid", "own_preorders.go",
				"	return r.gather(ctx, tip, jobs)", "	_ = jobs\n	return r.gather(ctx, tip, nil)"},
			{"a copied preorder is by a script of ours", "own_copied.go", " && c.ours[string(sender)] {", " {"},
			{"a copied job that is over changes nothing", "own_copied.go",
				"			if !j.Open() || q.Kind != KindRegister && q.Kind != KindLaunch || j.ProgressOf(q.Name).State.Final() {", "			if q.Kind != KindRegister && q.Kind != KindLaunch {"},
			{"a copied list is brought in as a whole", "own_copied.go",
				"	if j.Request.Kind == KindSeries {\n		return true", "	if j.Request.Kind == KindSeries {\n		return false"},
			{"a copied preorder that was used or given back is left alone", "own_copied.go",
				"		if waits, err := r.inNoBlock(ctx, v.Txid); err != nil || !waits {", "		if _, err := r.inNoBlock(ctx, v.Txid); err != nil {"},
			{"a copied preorder that this journal follows is its own", "own_copied.go",
				"func(v *Version) bool { return followed[v.Txid] != nil }) {", "func(v *Version) bool { return followed[v.Txid] != nil && v.Fee < 0 }) {"},
			{"a copied job is brought in", "own_adopt.go",
				"	if p.Copied != nil && p.Copied.goesOnWith(&req, running) {", "	if p.Copied != nil && j.ID == \"\" {"},
		}},
		{"TestRivalsCoinsAreFree|TestSettledPreorderFreesItsRivals|TestReserved.*|TestSeriesCancelledAtOnce|TestLostName.*", []mutant{
			{"the change of a preorder of a lost name is free", "held.go", "		if !useless {", "		if !useless || true {"},
			{"where versions spend different coins the chain is asked", "reservation.go",
				"		if !differ || !j.reserves() {", "		if differ || !j.reserves() {"},
			{"what returns coins is a rival of a preorder", "reservation.go",
				"			return true, nil // a rival of the job's first transaction", "			continue"},
			{"a list that is over and spent nothing keeps nothing", "reservation.go",
				"			if !j.Open() && !s.Used && j.Request.Kind == KindSeries {", "			if false {"},
			{"a list's coin is looked for in the split that was mined", "reservation.go",
				"		if splits[j.ID] {\n			l.ask(j)", "		if splits[j.ID] && l.made[chainhash.Hash{}] == nil {\n			l.asked[j] = true"},
			{"a list that went another way keeps no owner's coin", "reservation.go",
				"			if j.Request.Kind == KindSeries && slices", "			if false && slices"},
			{"what spends a coin that lost has lost", "reservation.go", "				if !good {", "				if !good && l.txs == nil {"},
			{"what was spent stays kept for reorgs", "reservation.go",
				"	return j.Open() || j.State == Done ||", "	return j.Open() ||"},
		}},
		{"TestRefused.*|TestOutbids.*|TestEvicted|Test.*Floor|TestFloor.*|Test.*Together", []mutant{
			{"the node's floor is asked for", "relay.go",
				"max(fees.Floor, f.Floor), max(", "max(fees.Floor, 0*f.Floor), max("},
			{"the node's increment is asked for", "relay.go",
				"max(fees.Increment, f.Increment)}", "max(fees.Increment, 0*f.Increment)}"},
			{"what is signed is above the floor", "relay.go",
				"	req.Rate, req.HighRate = least, max(least, req.HighRate)", "	_ = least"},
			{"a replacement is above the floor", "relay.go",
				"	return min(max(rate, m.relay.Least()), txbuilder.MaxRate), fee, nil", "	return min(rate, txbuilder.MaxRate), fee, nil"},
			{"a replacement pays the increment", "relay.go",
				"v.Fee+hanging+m.relay.Increment.Fee(v.VSize+replacementSlack))", "v.Fee+hanging)"},
			{"a replacement pays a higher rate than each that it replaces", "relay.go",
				"rate+m.relay.Increment, actual+m.relay.Increment)", "0*actual)"},
			{"a plan below the floor is refused", "estimate.go",
				"asked < m.relay.Floor {", "asked < 0 {"},
			{"a list below the floor is refused", "batch.go",
				"	if common.Rate < w.relay.Floor {", "	if common.Rate < 0 {"},
			{"one dearer version is signed in an attempt", "attempt.go",
				"	if run.raised[p.Role] {", "	if run.raised[p.Role] && len(run.raised) > 100 {"},
			{"a refused version is not offered again in the same attempt", "stepper.go",
				"		if s.f.Cheap[v.Txid] {", "		if s.f.Cheap[v.Txid] && v.Fee < 0 {"},
			{"what a node has refused raises the fee within what is at stake", "advance.go",
				"	m.forced = m.forced || a.Dearer", "	_ = a.Dearer"},
			{"the same of the coins of a list", "split_advance.go", "		m.forced = m.forced || forced", "		_ = forced"},
			{"what strangers hung on a preorder is paid for", "relay.go",
				"			hanging = max(hanging, seen)", "			_ = seen"},
			{"what hangs on a series is paid for", "series_path.go", "	if outbid > 0 {", "	if outbid < 0 {"},
			{"what strangers hung on a series is paid for", "series_path.go",
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
