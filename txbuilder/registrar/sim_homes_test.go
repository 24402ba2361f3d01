package registrar

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/nameop"
	"blockstack/txbuilder"
	"blockstack/txbuilder/lastdays"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/own"
)

// namesPerHome is how many names the user of one world wants; each is a life.
const namesPerHome = 4

// TestSimulationLostHomes lets homes be lost at any moment: restored from words and from old
// backups, with a journal that is gone or one write older, while memory pools forget and miners
// have what was forgotten, or never will. The user, who remembers the names but not what was done,
// repeats the commands. In the end every name is the user's, and none was paid for twice. In every
// third world a second home with the same seed is used beside the first; there no pool forgets,
// since nothing else tells one of the other.
func TestSimulationLostHomes(t *testing.T) {
	lives := min(*simLives, 24)
	if *simLives > 112 {
		lives = *simLives
	}
	if testing.Short() {
		lives = min(lives, 2*namesPerHome)
	}
	sum := make(map[string]int)
	for n := 0; n*namesPerHome < lives && !t.Failed(); n++ {
		t.Run(fmt.Sprintf("world-%d", n), func(t *testing.T) {
			s := newHomes(t, *simSeed, uint64(n))
			s.live()
			s.calm()
			s.judge()
			for what, times := range s.tally {
				sum[what] += times
			}
		})
	}
	t.Logf("seed %d: %v", *simSeed, sum)
}

// homes is one world whose homes are lost.
type homes struct {
	*world // the home in use
	rng    *rand.Rand
	second *world // with the same seed; nil: none
	wanted []Request
	before []byte                     // the journal before its last write
	backup []byte                     // an old state of it
	kept   []*wire.MsgTx              // what the wallet remembered then
	late   map[int32][]chainhash.Hash // what a miner has kept, by the height it is mined at
	tally  map[string]int
	log    []string
}

func newHomes(t *testing.T, seed, n uint64) *homes {
	s := &homes{world: newWorld(t).beginHome(""), rng: rand.New(rand.NewPCG(seed, 7000+n)), late: make(map[int32][]chainhash.Hash), tally: make(map[string]int)}
	s.launch("id", 1)
	for range 3 {
		for _, p := range [][]byte{s.w.payer, s.w.payer2, s.w.add(20, true), s.w.add(21, false)} {
			s.pay(p, 3e6)
		}
		s.mine(1)
	}
	owners := [][]byte{s.w.owner, s.w.add(60, false), s.w.payer2}
	for i := range namesPerHome {
		req := s.register(fmt.Sprintf("name%d.id", i))
		req.Owner, req.Rate = owners[s.rng.IntN(len(owners))], txbuilder.SatPerVByte(5)
		s.wanted = append(s.wanted, req)
	}
	s.watch()
	if n%3 == 2 {
		s.second = s.elsewhere().beginHome(lastdays.Words)
	}
	return s
}

// watch keeps the state of the journal before each write.
func (s *homes) watch() {
	s.world.fail = func(boundary string) error {
		if strings.HasPrefix(boundary, "before save") {
			s.before = s.journalBytes()
		}
		return nil
	}
}

func (s *homes) journalBytes() []byte {
	raw, err := os.ReadFile(s.path)
	if err != nil {
		s.t.Fatal(err)
	}
	return raw
}

func (s *homes) say(format string, args ...any) {
	s.log = append(s.log, fmt.Sprintf("%d: ", s.height())+fmt.Sprintf(format, args...))
}

func (s *homes) fault(format string, args ...any) {
	s.t.Helper()
	s.t.Fatalf("%s\n%s", fmt.Sprintf(format, args...), strings.Join(s.log[max(0, len(s.log)-60):], "\n"))
}

func (s *homes) live() {
	for range 70 {
		home := s.world
		if s.second != nil && s.rng.IntN(3) == 0 {
			home = s.second
		}
		switch r := s.rng.IntN(100); {
		case r < 40:
			s.command(home, s.wanted[s.rng.IntN(len(s.wanted))])
		case r < 55:
			_, err := home.r.AdvanceAll(s.t.Context())
			s.explained(err)
		case r < 80:
			s.block(s.rng.IntN(4) > 0)
		case r < 88 && s.second == nil:
			s.forget()
		case r < 92:
			s.backup, s.kept = s.journalBytes(), nil
			for _, tx := range s.world.kept {
				s.kept = append(s.kept, tx)
			}
		default:
			s.lose()
		}
	}
}

// command is the user's: the name is wanted, whatever became of it before. Where it was preordered
// for another owner, that is gone on with.
func (s *homes) command(home *world, req Request) {
	ctx := s.t.Context()
	if s.rng.IntN(4) == 0 { // for whom it was, is forgotten easily
		req.Owner = s.wanted[s.rng.IntN(len(s.wanted))].Owner
	}
	j, err := home.r.Start(ctx, req)
	if errors.As(err, new(*PreorderOurs)) {
		s.tally["for another owner"]++
		_, err = home.r.Rescue(ctx, home.remember(req.Name.String()), false)
	} else if err == nil {
		_, err = home.r.Advance(ctx, j.ID)
	}
	if errors.As(err, new(*InDoubt)) {
		s.tally["in doubt"]++
	}
	s.say("%s for %x: %v", req.Name, req.Owner[3:6], err)
	s.explained(err)
}

// explained holds an error to be one that a user can understand.
func (s *homes) explained(err error) {
	var c Coded
	if err != nil && !errors.As(err, &c) && !errors.Is(err, txbuilder.ErrInsufficientFunds) && !errors.Is(err, txbuilder.ErrNoFirstInput) {
		s.fault("an error that explains nothing: %v", err)
	}
}

// block mines, with the memory pool or without it, and what a miner has kept.
func (s *homes) block(withPool bool) {
	ctx := s.t.Context()
	var txs []*wire.MsgTx
	if withPool {
		var err error
		if txs, _, err = (*nodePort)(s.world).Unconfirmed(ctx); err != nil {
			s.t.Fatal(err)
		}
	}
	for _, txid := range s.late[s.height()+1] {
		i := slices.IndexFunc(s.btc.Sent(), func(tx *wire.MsgTx) bool { return tx.TxHash() == txid })
		old := s.btc.Sent()[i]
		if _, err := s.btc.MineTxs(append([]*wire.MsgTx{old}, without(txs, old)...)...); err == nil {
			s.say("what was forgotten is mined: %s", txid)
			s.tally["mined late"]++
			s.follow()
			return
		}
	}
	if _, err := s.btc.MineTxs(txs...); err != nil {
		s.fault("the memory pool does not make a block: %v", err)
	}
	s.follow()
}

// forget empties the memory pool. A miner has what was in it, and mines it within the blocks that a
// home in doubt waits for, or nobody has.
func (s *homes) forget() {
	txs, _, err := (*nodePort)(s.world).Unconfirmed(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, tx := range txs {
		if s.rng.IntN(3) > 0 {
			at := s.height() + 1 + s.rng.Int32N(DoubtBlocks-2)
			s.late[at] = append(s.late[at], tx.TxHash())
		}
	}
	s.btc.Forget()
	s.tally["forgotten"]++
	s.say("the pool forgets %d", len(txs))
}

// lose loses the home, or its journal.
func (s *homes) lose() {
	if err := s.journal.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.journal = nil
	what := []string{"words", "backup", "journal gone", "one write older", "one write older, and the books too"}[s.rng.IntN(5)]
	s.tally[what]++
	s.say("lost: %s", what)
	switch what {
	case "words":
		s.world.kept = nil
		s.path = filepath.Join(s.t.TempDir(), "journal.db")
		s.anew(lastdays.Words)
	case "backup":
		s.world.kept = nil
		for _, tx := range s.kept {
			s.keep(tx)
		}
		s.path = filepath.Join(s.t.TempDir(), "journal.db")
		s.put(s.backup)
		s.anew(lastdays.Backup)
	case "journal gone":
		if err := os.Remove(s.path); err != nil {
			s.t.Fatal(err)
		}
	default:
		s.put(s.before)
		if what != "one write older" {
			s.world.kept = nil
		}
	}
	s.open()
}

// put writes a journal's bytes, if there are any.
func (s *homes) put(raw []byte) {
	if raw == nil {
		return
	}
	if err := os.WriteFile(s.path, raw, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// anew begins the record of a new home.
func (s *homes) anew(why lastdays.Why) {
	s.days = s.t.TempDir()
	if err := lastdays.Begin(s.days, why); err != nil {
		s.t.Fatal(err)
	}
}

// calm lets everything come to its end.
func (s *homes) calm() {
	for range 60 {
		for _, req := range s.wanted {
			s.command(s.world, req)
		}
		_, err := s.r.AdvanceAll(s.t.Context())
		s.explained(err)
		s.block(true)
	}
}

// judge counts what was paid: for each name one preorder that counts, whoever it was for.
func (s *homes) judge() {
	ctx := s.t.Context()
	blocks, err := s.w.chainBlocks(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	var owners [][]byte
	for script := range s.w.keys {
		owners = append(owners, []byte(script))
	}
	for _, req := range s.wanted {
		rec, err := s.x.Record(ctx, req.Name)
		if err != nil || !job.Live(rec.Status) || s.w.keys[string(rec.Owner)] == nil {
			jobs, _ := s.r.Jobs(ctx)
			s.fault("%s is not the user's: %+v, %v; %d jobs", req.Name, rec.Status, err, len(jobs))
		}
		paid := 0
		for i, b := range blocks {
			for _, tx := range b.Transactions {
				o, is := own.PreorderIn(s.params, tx, int32(i+1))
				if is && !o.Namespace && s.commits(o, tx, req, owners) {
					paid++
				}
			}
		}
		if paid != 1 {
			s.fault("%s was paid for %d times", req.Name, paid)
		}
	}
}

// commits says whether a preorder is of a name, for any owner.
func (s *homes) commits(o Outstanding, tx *wire.MsgTx, req Request, owners [][]byte) bool {
	for _, owner := range owners {
		addr, err := s.params.ScriptAddress(owner)
		if err != nil {
			continue
		}
		for _, sender := range own.SendersOf(tx) {
			if h, err := nameop.HashPreorder(req.Name.String(), sender, addr); err == nil && h == o.Hash {
				return true
			}
		}
	}
	return false
}
