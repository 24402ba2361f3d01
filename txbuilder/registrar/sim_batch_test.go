package registrar

import (
	"context"
	"fmt"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names/index"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
)

// batchesPerWorld is how many lists of names a user of a third of the worlds has.
const batchesPerWorld = 3

// beginBatch starts a list: new names, and wishes for those that are there.
func (s *sim) beginBatch() {
	s.batches++
	l := &life{list: fmt.Sprintf("list%d", s.batches)}
	for i := range 2 + s.rng.IntN(4) {
		prefix := "many"
		if s.rng.IntN(12) == 0 {
			prefix = "war"
		}
		one := s.register(fmt.Sprintf("%s%d-%d.id", prefix, s.batches, i))
		if prefix == "war" && s.compete(one.Name.String(), true) != nil {
			continue
		}
		l.items = append(l.items, Item{Kind: KindRegister, Name: one.Name, Owner: one.Owner, ZoneFile: one.ZoneFile})
	}
	for _, n := range s.owned {
		if s.rng.IntN(3) > 0 || len(l.items) > 7 {
			continue
		}
		it := Item{Kind: []Kind{KindRenew, KindUpdate, KindTransfer}[s.rng.IntN(3)], Name: n, Owner: s.w.owner}
		switch it.Kind {
		case KindUpdate:
			it.ZoneFile = fmt.Appendf(nil, "$ORIGIN %s\n$TTL %d\n_http._tcp\tIN\tURI\t10\t1\t\"https://example.net/p.json\"\n", n, 60+s.batches)
		case KindTransfer:
			it.To = s.w.payer2
		}
		l.items = append(l.items, it)
	}
	l.req = Request{Rate: txbuilder.FeeRate(1000 + s.rng.IntN(20_000)), Confirmations: int32(1 + s.rng.IntN(3))}
	s.lives = append(s.lives, l)
	s.startBatch(l)
}

// startBatch is the user's command: it starts what is missing, and advances all of it.
func (s *sim) startBatch(l *life) {
	l.starts++
	l.lastErr = s.command(func() error {
		req := BatchRequest{Rate: l.req.Rate, Confirmations: l.req.Confirmations, List: l.list, Scripts: s.batchScripts}
		jobs, err := s.r.Jobs(s.t.Context())
		if err != nil {
			return err
		}
		for _, it := range l.items {
			known := false
			for _, j := range jobs {
				if _, found := j.ForName(it.Name); found && j.Request.List == l.list {
					known = true // under way, done, or ended badly: a new one would be another intention
				}
			}
			if !known {
				req.Items = append(req.Items, it)
			}
		}
		if len(req.Items) > 0 {
			b, err := s.r.PlanBatch(s.t.Context(), req)
			if err != nil {
				return err
			}
			if len(b.Series) > 0 && !s.diligent && s.rng.IntN(3) == 0 {
				req.MaxTotal = b.Worst + btcutil.Amount(s.rng.IntN(3000))
				if b, err = s.r.PlanBatch(s.t.Context(), req); err != nil {
					return err
				}
			}
			if len(b.Series) > 0 {
				if _, _, err := s.r.StartBatch(s.t.Context(), b); err != nil {
					return err
				}
			}
		}
		_, err = s.r.AdvanceAll(s.t.Context())
		return err
	})
	s.say("%s of %d names: %v", l.list, len(l.items), l.lastErr)
}

// batchScripts are payer scripts of the wallet.
func (s *sim) batchScripts(context.Context, int) ([][]byte, error) {
	return [][]byte{s.w.add(30, true), s.w.add(31, true)}, nil
}

// judgeSeries holds a series to the chain: one path of its tree and no other.
func (s *sim) judgeSeries(fresh *index.Index, j *Job) {
	what := fmt.Sprintf("series %s (%s, %s)", j.Request.Subject(), j.ID, j.State)
	if j.Open() {
		after, err := s.r.Advance(s.t.Context(), j.ID)
		s.fault("%s does not end: %v, %+v, %+v", what, err, after.Wait, after.Items)
	}
	mined, spent := map[chainhash.Hash]bool{}, btcutil.Amount(0)
	for id, l := range j.Links() {
		at, err := s.btc.TxStatus(s.t.Context(), id)
		if err != nil {
			s.t.Fatal(err)
		}
		if mined[id] = at.Height > 0; mined[id] {
			spent += l.Version.Cost()
		}
	}
	if limit := j.Request.MaxTotal; limit > 0 && spent > limit {
		s.fault("%s spent %d, the ceiling was %d", what, spent, limit)
	}
	for i := range j.Items {
		s.judgeItem(fresh, j, i, mined)
	}
}

// judgeItem holds one name of a series to the chain.
func (s *sim) judgeItem(fresh *index.Index, j *Job, i int, mined map[chainhash.Hash]bool) {
	it, p := &j.Request.Series.Items[i], &j.Items[i]
	what := fmt.Sprintf("%s %s (%s, %s)", it.Kind, it.Name, j.ID, p.State)
	if p.State != Done && p.Reason == "" {
		s.fault("%s explains nothing", what)
	}
	last := RoleRegister
	if it.Kind.OfOwner() {
		last = it.Kind.Role()
	}
	good, count := map[Role]bool{}, map[Role]int{}
	for _, l := range j.Links() {
		if l.Item != i || !mined[l.Version.Txid] {
			continue
		}
		count[l.Stage.Role]++
		op, seen, err := fresh.OpStatus(s.t.Context(), l.Version.Txid)
		if err != nil {
			s.t.Fatal(err)
		}
		good[l.Stage.Role] = good[l.Stage.Role] || seen && op.Accepted
		newest := l.Version == l.Stage.Versions[len(l.Stage.Versions)-1]
		late := strings.Contains(op.Reason, "consensus") && !(s.wasDiligent() && newest)
		if l.Stage.Role == RolePreorder && seen && !op.Accepted && !late {
			s.fault("%s burnt for a preorder that was bound to be refused: %s", what, op.Reason)
		}
	}
	for role, n := range count {
		if n > 1 {
			s.fault("%s paid %d times for %s", what, n, job.Words(role))
		}
	}
	if good[last] != (p.State == Done) {
		s.fault("%s, but a fresh index says that %s counts: %v (%s)", what, job.Words(last), good[last], p.Reason)
	}
	if p.State != Done && good[RolePreorder] && s.wasDiligent() && !strings.HasPrefix(it.Name.String(), "war") {
		s.fault("%s: what it paid is lost, without a reason that the plan gave: %s", what, p.Reason)
	}
}
