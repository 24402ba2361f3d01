package registrar

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/wallet/chain"
	"blockstack/wallet/chain/chaintest"
)

var (
	simSeed  = flag.Uint64("sim.seed", 1, "seed of the simulator")
	simLives = flag.Int("sim.lives", 112, "how many lives of jobs the simulator runs")
)

// livesPerWorld is how many jobs share a chain, a wallet and a journal.
const livesPerWorld = 16

// TestSimulation lets jobs live through whatever can happen to them: blocks that leave them out, a
// fee market, miners who take old versions, reorgs, a node that is off, a disk that is full or
// torn, kills at every boundary, a wallet that is locked, ceilings, competitors. Afterwards
// everything calms down, and then every job must be over, agree with a fresh index, have paid once,
// and explain itself.
//
// Every second world has a diligent user: unlocked, looking after each block, with money enough.
// There nothing may be lost but to a competitor.
func TestSimulation(t *testing.T) {
	lives := *simLives
	if testing.Short() {
		lives = min(lives, 2*livesPerWorld)
	}
	var sum tally
	start := time.Now()
	for n := 0; n*livesPerWorld < lives && !t.Failed(); n++ {
		t.Run(fmt.Sprintf("world-%d", n), func(t *testing.T) {
			s := newSim(t, *simSeed, uint64(n))
			s.live()
			s.calm()
			s.judge()
			sum.add(s)
		})
	}
	t.Logf("seed %d: %s, %s", *simSeed, &sum, time.Since(start).Round(time.Second))
}

// sim is one world with its troubles.
type sim struct {
	*world
	rng      *rand.Rand
	miner    *miner
	disk     *disk
	diligent bool
	// elsewhere lets most jobs be signed elsewhere; native leaves only coins that must be moved
	// first.
	elsewhere, native bool
	crowded           bool   // the node has a memory pool of Core's
	stranger          []byte // script of somebody else
	signs             *rand.Rand
	base              int32 // no reorg goes below
	lives             []*life
	owned             []names.Name // names that were registered
	batches           int
	bulk              bool // the user has lists of names, too
	kills             int
	reorgs            int
	outages           int
	deepest           int32  // reorg
	copyFull          int    // how many copies find no space
	losses            int    // of the journal
	far               *world // another machine with the same seed
	log               []string
}

// life is one intention of the user.
type life struct {
	req     Request
	id      ID
	rival   bool // somebody competes for it
	starts  int
	list    string // a list of names, with its items
	items   []Item
	lastErr error
}

func newSim(t *testing.T, seed, n uint64) *sim {
	rng := rand.New(rand.NewPCG(seed, n))
	s := &sim{rng: rng, diligent: n%2 == 1, bulk: n%3 == 2}
	s.world = newWorld(t, func(p *names.Params) { p.NamePreorderLifetime = 50 })
	req := s.launchRequest("id", uint16(1+rng.IntN(2)))
	if j := s.run(req); j.State != Done {
		t.Fatalf("launch: %s: %s", j.State, j.Reason)
	}
	s.fundPayers()
	if s.crowded = crowded(n); s.crowded {
		s.stranger = s.w.add(99, false)
		delete(s.w.keys, string(s.stranger))
		s.btc.SetRelay(chaintest.CoreRelay(poolRoom))
	}
	s.base = s.height()
	s.disk = &disk{t: t, rng: rng, path: s.path}
	s.world.disk = s.disk
	s.disk.durable = s.disk.read()
	s.miner = &miner{v: s.world, rng: rng, market: 1000, ceiling: txbuilder.SatPerVByte(120), oldOnes: 10}
	if s.diligent {
		s.miner.ceiling, s.miner.patient = txbuilder.SatPerVByte(40), true
	}
	s.sending = (&checker{s: s}).look
	if keepsCopies(n) {
		s.keepCopies()
	}
	return s
}

// fundPayers gives the user money.
func (s *sim) fundPayers() {
	payers := [][]byte{s.w.payer, s.w.payer2, s.w.add(20, true), s.w.add(21, false), s.w.add(22, true)}
	for range 4 {
		for _, p := range payers {
			s.pay(p, 3e6)
		}
		s.mine(1)
	}
	s.mine(2)
}

// say notes what happens, for the report of a failure.
func (s *sim) say(format string, args ...any) {
	s.log = append(s.log, fmt.Sprintf("%d: ", s.height0())+fmt.Sprintf(format, args...))
}

// height0 is the height even when the node is off.
func (s *sim) height0() int32 {
	h, _, err := s.btc.Tip(s.t.Context())
	if err != nil {
		return -1
	}
	return h
}

// live runs the troubled part.
func (s *sim) live() {
	for step := 0; step < 40*livesPerWorld && !s.t.Failed(); step++ {
		if len(s.lives) == livesPerWorld && s.allOver() {
			break
		}
		switch r := s.rng.IntN(100); {
		case r < 2 && s.bulk && s.batches < batchesPerWorld && len(s.lives) < livesPerWorld:
			s.beginBatch()
		case r < 8 && len(s.lives) < livesPerWorld:
			s.begin()
		case r < 40:
			s.advanceAll()
		case r < 82:
			s.block(1)
		case r < 86:
			if !s.diligent {
				s.block(1 + s.rng.IntN(25))
			}
		case r < 89:
			s.turn()
		case r < 91 && s.crowded:
			s.poolTrouble()
		case r < 93:
			s.trouble()
		case r < 95:
			s.competitor()
		case r < 96:
			s.cancel()
		case r < 98 && s.copies != "":
			s.copyTrouble()
		default:
			s.again()
		}
	}
}

// block mines, and the index follows.
func (s *sim) block(n int) {
	for range n {
		s.miner.block()
		if s.diligent {
			s.follow()
			s.advanceAll()
		}
	}
	s.follow()
}

// trouble arranges for something to go wrong in the next commands.
func (s *sim) trouble() {
	switch s.rng.IntN(4) {
	case 0:
		s.disk.full = 1 + s.rng.IntN(3)
		s.say("disk full for %d writes", s.disk.full)
	case 1:
		s.disk.tear = 1 + s.rng.IntN(4)
		s.say("power fails in write %d", s.disk.tear)
	case 2:
		if !s.diligent {
			s.outages++
			s.say("node off")
			s.btc.SetDown(true)
			s.advanceAll()
			s.btc.SetDown(false)
		}
	default:
		left, power := 1+s.rng.IntN(12), s.rng.IntN(2) == 0
		s.say("killed in %d boundaries, power loss %v", left, power)
		s.kill = func(string) bool {
			if left--; left == 0 {
				s.disk.lost = power
				return true
			}
			return false
		}
	}
}

// command runs one command of the user in a process of its own.
func (s *sim) command(f func() error) error {
	s.w.locked = !s.diligent && s.rng.IntN(3) == 0
	err, dead := s.survive(f)
	if dead {
		s.kills++
		s.kill = nil
		s.open()
		return nil
	}
	s.expected(err)
	return err
}

// expected holds an error to be one that can be explained to a user.
func (s *sim) expected(err error) {
	if err == nil {
		return
	}
	for _, e := range []error{ErrOldDraft, ErrNeedsKey, ErrIndexBehind, ErrNotCancellable, chain.ErrUnreachable, chain.ErrNoTxIndex, syscall.ENOSPC,
		txbuilder.ErrInsufficientFunds, txbuilder.ErrNoFirstInput, txbuilder.ErrFeeTooHigh} {
		if errors.Is(err, e) {
			return
		}
	}
	if s.losses > 0 && errors.Is(err, ErrNoJob) {
		return // what only waited for signatures, or the password, went with a lost journal
	}
	var c Coded
	if !errors.As(err, &c) {
		s.fault("an error that explains nothing: %v", err)
	}
}

// begin starts a new intention.
func (s *sim) begin() {
	l := &life{req: s.intention()}
	l.rival = strings.HasPrefix(l.req.Name.String(), "war")
	if l.rival && s.compete(l.req.Name.String(), true) != nil {
		return
	}
	s.lives = append(s.lives, l)
	s.start(l)
}

// intention is something that a user may want.
func (s *sim) intention() Request {
	rate := txbuilder.FeeRate(1000 + s.rng.IntN(20_000))
	var req Request
	if len(s.owned) == 0 || s.rng.IntN(2) == 0 {
		prefix := "calm"
		if s.rng.IntN(6) == 0 {
			prefix = "war"
		}
		req = s.register(fmt.Sprintf("%s%d.id", prefix, len(s.lives)))
	} else {
		n := s.owned[s.rng.IntN(len(s.owned))]
		req = Request{Kind: []Kind{KindRenew, KindUpdate, KindUpdate, KindTransfer, KindRevoke}[s.rng.IntN(5)], Name: n, Owner: s.w.owner}
		switch req.Kind {
		case KindUpdate:
			req.ZoneFile = fmt.Appendf(nil, "$ORIGIN %s\n$TTL %d\n_http._tcp\tIN\tURI\t10\t1\t\"https://example.org/p.json\"\n", n, 60+len(s.lives))
		case KindTransfer:
			req.To = s.w.payer2
		}
	}
	req.Rate, req.Confirmations = rate, int32(1+s.rng.IntN(3))
	req.External = s.elsewhere && len(s.lives)%4 != 0
	return req
}

// start is the user's command. A user without much money sets a ceiling.
func (s *sim) start(l *life) {
	if l.starts++; l.starts == 1 && !s.diligent && s.rng.IntN(3) == 0 {
		if e, err := s.r.Plan(s.t.Context(), l.req); err == nil && e.Running == nil {
			l.req.MaxTotal = e.Worst + e.Locked + btcutil.Amount(s.rng.IntN(2000))
		}
	}
	l.lastErr = s.command(func() error {
		j, err := s.r.Start(s.t.Context(), l.req)
		if err != nil {
			return err
		}
		l.id = j.ID
		_, err = s.r.Advance(s.t.Context(), j.ID)
		return err
	})
	s.say("%s %s: %s, %v", l.req.Kind, l.req.Name, l.id, l.lastErr)
}

// again types a command once more, as somebody does who does not know how it went.
func (s *sim) again() {
	if len(s.lives) == 0 {
		return
	}
	l := s.lives[s.rng.IntN(len(s.lives))]
	if l.items != nil {
		s.startBatch(l)
		return
	}
	if j, err := s.journal.Job(s.t.Context(), l.id); l.id != "" && (err != nil || j.State != Done && !j.Open()) {
		return // it ended badly: a new one would be another intention
	}
	s.start(l)
}

// advanceAll is job resume.
func (s *sim) advanceAll() {
	_ = s.command(func() error {
		_, err := s.r.AdvanceAll(s.t.Context())
		return err
	})
	s.signers()
	s.learn()
}

// cancel gives a job up.
func (s *sim) cancel() {
	if len(s.lives) == 0 || s.diligent {
		return
	}
	l := s.lives[s.rng.IntN(len(s.lives))]
	for _, o := range s.lives { // rather one that can still be given up
		if j, err := s.journal.Job(s.t.Context(), o.id); err == nil && (j.State == PreorderSigned || j.State == UpdateSigned) {
			l = o
		}
	}
	if l.id != "" {
		err := s.command(func() error {
			_, err := s.r.Cancel(s.t.Context(), l.id)
			return err
		})
		s.say("cancel %s: %v", l.id, err)
	}
}

// competitor lets somebody register a name that they preordered before us.
func (s *sim) competitor() {
	for _, l := range s.lives {
		if l.rival && s.rng.IntN(3) == 0 {
			s.say("a competitor registers %s: %v", l.req.Name, s.compete(l.req.Name.String(), false))
			return
		}
	}
}

// learn notes which names are there to be worked on.
func (s *sim) learn() {
	jobs, err := s.journal.Jobs(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	s.owned = s.owned[:0]
	for _, j := range jobs {
		for _, q := range j.Request.Requests() {
			if j.ProgressOf(q.Name).State == Done && q.Kind == KindRegister {
				s.owned = append(s.owned, q.Name)
			}
		}
	}
}

func (s *sim) allOver() bool {
	jobs, err := s.journal.Jobs(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, j := range jobs {
		if j.Open() {
			return false
		}
	}
	return true
}

// calm ends the troubles and lets every job come to its end.
func (s *sim) calm() {
	s.disk.full, s.disk.tear, s.kill, s.copyFull = 0, 0, nil, 0
	s.diligent = true
	s.quietPool()
	s.miner.ceiling, s.miner.market, s.miner.oldOnes = 1000, 1000, 0
	quiet := 0
	for range 200 {
		s.block(1)
		if s.allOver() {
			quiet++
		}
		if quiet > 8 {
			return
		}
	}
	s.giveUp()
}

// giveUp cancels what could not even begin: it waits for money or for leave.
func (s *sim) giveUp() {
	jobs, err := s.journal.Jobs(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, j := range jobs {
		if j.State == Planned {
			if _, err := s.r.Cancel(s.t.Context(), j.ID); err != nil {
				s.fault("cancel a planned job: %v", err)
			}
			if _, err := s.r.Advance(s.t.Context(), j.ID); err != nil {
				s.fault("advance a cancelled job: %v", err)
			}
		}
	}
}
