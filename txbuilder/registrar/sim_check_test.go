package registrar

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/txbuilder/registrar/job"
)

// checker looks at every transaction that is about to be sent.
type checker struct {
	s      *sim
	spends map[wire.OutPoint]sentBy // by whom
}

// sentBy is a transaction that was sent for a job.
type sentBy struct {
	job ID
	tx  *wire.MsgTx
}

// look is called before a transaction reaches the node.
func (c *checker) look(ctx context.Context, tx *wire.MsgTx) {
	s := c.s
	var raw bytes.Buffer
	if err := tx.Serialize(&raw); err != nil {
		s.t.Fatal(err)
	}
	if !s.disk.holds([]byte(base64.StdEncoding.EncodeToString(raw.Bytes()))) {
		s.fault("transaction %s is sent and not safely on disk", tx.TxHash())
	}
	s.inCopy(tx)
	j, st, v := s.versionOf(tx.TxHash())
	if j == nil {
		s.fault("transaction %s is sent and in no journal", tx.TxHash())
		return
	}
	// One coin, one job: else one of the two can never be finished.
	if c.spends == nil {
		c.spends = map[wire.OutPoint]sentBy{}
	}
	for _, in := range tx.TxIn {
		other := c.spends[in.PreviousOutPoint]
		if o, err := s.journal.Job(ctx, other.job); err == nil && o.ID != j.ID && (o.Open() || o.State == Done) && !c.lost(ctx, o, other.tx) {
			s.fault("jobs %s and %s both spend %s", o.ID, j.ID, in.PreviousOutPoint)
		}
		c.spends[in.PreviousOutPoint] = sentBy{j.ID, tx}
	}
	fl := j.Flow()
	if j.Request.Kind == KindSeries && st.Role == RoleRegister {
		c.counts(ctx, j, st)
	} else if st.Role == fl.Register && j.Request.Kind != KindSplit && st.Role != RoleReturn {
		op, seen, err := s.x.OpStatus(ctx, v.Parent)
		if err != nil || !seen || !op.Accepted {
			s.fault("%s: %s follows a preorder that does not count (%s)", j.ID, v.Txid, op.Reason)
		}
	}
}

// lost says whether a rival of a transaction of a job has the confirmations that the job wants:
// what only the transaction would have spent is free then.
func (c *checker) lost(ctx context.Context, j *Job, tx *wire.MsgTx) bool {
	for _, st := range j.Stages {
		for _, v := range st.Versions {
			at, err := c.s.btc.TxStatus(ctx, v.Txid)
			if err != nil {
				c.s.t.Fatal(err)
			}
			if at.Height < 1 || c.s.height()-at.Height+1 < j.Request.Confirmations || v.Txid == tx.TxHash() {
				continue
			}
			rival, err := v.Tx()
			if err != nil {
				c.s.t.Fatal(err)
			}
			for _, in := range rival.TxIn {
				if slices.ContainsFunc(tx.TxIn, func(o *wire.TxIn) bool { return o.PreviousOutPoint == in.PreviousOutPoint }) {
					return true
				}
			}
		}
	}
	return slices.ContainsFunc(tx.TxIn, func(in *wire.TxIn) bool { // it spends what has lost
		maker, _, v := c.s.versionOf(in.PreviousOutPoint.Hash)
		if maker == nil {
			return false
		}
		made, err := v.Tx()
		if err != nil {
			c.s.t.Fatal(err)
		}
		return c.lost(ctx, maker, made)
	})
}

// counts holds a registration of a series to its preorder.
func (c *checker) counts(ctx context.Context, j *Job, st *Stage) {
	for _, v := range j.StageOf(RolePreorder, st.Name).Versions {
		if op, seen, err := c.s.x.OpStatus(ctx, v.Txid); err == nil && seen && op.Accepted {
			return
		}
	}
	c.s.fault("%s: the registration of %s follows no preorder that counts", j.ID, st.Name)
}

// versionOf finds a transaction in the journal.
func (s *sim) versionOf(txid chainhash.Hash) (*Job, *Stage, *Version) {
	jobs, err := s.journal.Jobs(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, j := range jobs {
		for _, st := range j.Stages {
			for _, v := range st.Versions {
				if v.Txid == txid {
					return j, st, v
				}
			}
		}
	}
	return nil, nil, nil
}

// fault reports what must not be, with the story so far.
func (s *sim) fault(format string, args ...any) {
	s.t.Fatalf("%s\n%s", fmt.Sprintf(format, args...), strings.Join(s.log[max(0, len(s.log)-60):], "\n"))
}

// judge looks at how everything ended.
func (s *sim) judge() {
	ctx := s.t.Context()
	fresh, err := index.Open(filepath.Join(s.t.TempDir(), "fresh.db"), s.params, index.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	defer fresh.Close()
	if err := fresh.Follow(ctx, s.btc, nil); err != nil {
		s.t.Fatal(err)
	}
	jobs, err := s.journal.Jobs(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, j := range jobs {
		switch j.Request.Kind {
		case KindSeries:
			s.judgeSeries(fresh, j)
		case KindSplit:
			if j.Open() {
				s.fault("split %s does not end: %+v", j.ID, j.Wait)
			}
		default:
			s.judgeJob(fresh, j)
		}
	}
	s.judgeNames(fresh, jobs)
	s.judgeCoins()
}

// judgeJob holds one job to the chain.
func (s *sim) judgeJob(fresh *index.Index, j *Job) {
	ctx := s.t.Context()
	what := fmt.Sprintf("%s %s (%s, %s)", j.Request.Kind, j.Request.Subject(), j.ID, j.State)
	if j.Open() {
		after, err := s.r.Advance(ctx, j.ID)
		s.fault("%s does not end: %v, %+v", what, err, after.Wait)
		return
	}
	if j.State != Done && j.Reason == "" {
		s.fault("%s explains nothing", what)
	}
	fl, spent := j.Flow(), btcutil.Amount(0)
	good := map[Role]bool{}
	for _, st := range j.Stages {
		mined := 0
		for i, v := range st.Versions {
			at, err := s.btc.TxStatus(ctx, v.Txid)
			if err != nil {
				s.t.Fatal(err)
			}
			if at.Height < 1 {
				continue
			}
			mined++
			spent += v.Fee + v.Burn + v.Given
			op, seen, err := fresh.OpStatus(ctx, v.Txid)
			if err != nil {
				s.t.Fatal(err)
			}
			good[st.Role] = good[st.Role] || seen && op.Accepted
			// Too late is only an excuse for one whom nobody replaced, or whom a miner took after
			// that.
			late := strings.Contains(op.Reason, "consensus") && !(s.wasDiligent() && i == len(st.Versions)-1)
			if st.Role == fl.Preorder && seen && !op.Accepted && !late {
				s.fault("%s burnt for a preorder that was bound to be refused: %s", what, op.Reason)
			}
		}
		if mined > 1 {
			s.fault("%s paid %d times for %s", what, mined, job.Words(st.Role))
		}
	}
	if limit := j.Request.MaxTotal; limit > 0 && spent > limit {
		s.fault("%s spent %d, the ceiling was %d", what, spent, limit)
	}
	last := fl.Register
	if fl.Update != "" {
		last = fl.Update
	}
	if good[last] != (j.State == Done) {
		s.fault("%s, but a fresh index says that %s counts: %v (%s)", what, job.Words(last), good[last], j.Reason)
	}
	if j.State == Done || j.Request.Kind != KindRegister {
		return
	}
	war := strings.HasPrefix(j.Request.Name.String(), "war")
	if good[fl.Preorder] && s.wasDiligent() && !war {
		s.fault("%s: what it paid is lost, without a reason that the plan gave: %s", what, j.Reason)
	}
}

// wasDiligent says whether the user of this world looked after every block.
func (s *sim) wasDiligent() bool { return s.miner.patient }

// judgeNames holds the records that the jobs worked with to a fresh index, and the latest word on
// each name to what its owner asked for last.
func (s *sim) judgeNames(fresh *index.Index, jobs []*Job) {
	ctx := s.t.Context()
	latest := map[names.Name]*Job{}
	for _, j := range jobs {
		for _, q := range j.Request.Requests() {
			a, err := s.x.Record(ctx, q.Name)
			if err != nil {
				s.t.Fatal(err)
			}
			b, err := fresh.Record(ctx, q.Name)
			if err != nil {
				s.t.Fatal(err)
			}
			if fmt.Sprint(a) != fmt.Sprint(b) {
				s.fault("%s: the index says %+v, a fresh one %+v", q.Name, a, b)
			}
			if j.ProgressOf(q.Name).State == Done {
				latest[q.Name] = &Job{Request: q}
			}
		}
	}
	for n, j := range latest {
		rec, err := fresh.Record(ctx, n)
		if err != nil {
			s.t.Fatal(err)
		}
		if j.Request.Kind == KindRegister && (!job.Live(rec.Status) || !bytes.Equal(rec.Owner, j.Request.Owner)) ||
			j.Request.Kind.OfOwner() && !job.Met(&j.Request, &rec) {
			s.fault("%s: the last word was %s, and the record is %+v", n, j.Request.Kind, rec)
		}
	}
}

// tally adds up what was simulated.
type tally struct {
	worlds, lives, kills, reorgs, outages, losses int
	versions                                      int
	listed, listedDone, paths                     int // names in lists
	states                                        map[State]int
}

func (t *tally) add(s *sim) {
	t.worlds++
	t.lives += len(s.lives)
	t.kills += s.kills
	t.reorgs += s.reorgs
	t.outages += s.outages
	t.losses += s.losses
	jobs, err := s.journal.Jobs(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	if t.states == nil {
		t.states = map[State]int{}
	}
	for _, j := range jobs {
		if j.Request.Kind == KindLaunch {
			continue
		}
		if j.Request.Kind.BatchKind() {
			for _, p := range j.Items {
				t.listed++
				if p.State == Done {
					t.listedDone++
				}
			}
			t.paths += len(j.Paths)
		} else {
			t.states[j.State]++
		}
		for _, st := range j.Stages {
			t.versions += len(st.Versions)
		}
	}
}

// String says it in a line.
func (t *tally) String() string {
	return fmt.Sprintf("%d worlds, %d lives, %d versions, %d kills, %d reorgs, %d outages, %d journals lost; %d done, %d cancelled, %d rejected, %d expired; of %d names in lists %d done, by %d paths",
		t.worlds, t.lives, t.versions, t.kills, t.reorgs, t.outages, t.losses, t.states[Done], t.states[Cancelled], t.states[Rejected], t.states[Expired], t.listed, t.listedDone, t.paths)
}
