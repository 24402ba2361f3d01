package registrar

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"blockstack/txbuilder"
	"blockstack/wallet/chain"
)

// TestSimulationElsewhere is TestSimulation for jobs that are signed elsewhere: the signers take
// their time, sign some of what they get, or sign and send it past the job. In every other world
// the wallet has only native segwit coins.
func TestSimulationElsewhere(t *testing.T) {
	lives := min(64, *simLives)
	if testing.Short() {
		lives = min(lives, 2*livesPerWorld)
	}
	var sum tally
	for n := 0; n*livesPerWorld < lives && !t.Failed(); n++ {
		t.Run(fmt.Sprintf("world-%d", n), func(t *testing.T) {
			s := newSim(t, *simSeed, uint64(1000+n))
			s.elsewhere, s.signs = true, rand.New(rand.NewPCG(*simSeed, uint64(2000+n)))
			if s.native = n/2%2 == 1; s.native {
				s.nativeOnly()
			}
			s.live()
			s.calm()
			s.judge()
			sum.add(s)
		})
	}
	t.Logf("seed %d: %s", *simSeed, &sum)
}

// nativeOnly takes all money away and gives native segwit coins instead.
func (s *sim) nativeOnly() {
	for script := range s.w.keys {
		if script != string(s.w.owner) {
			delete(s.w.keys, script)
		}
	}
	s.w.change = s.w.add(30, true)
	for range 4 {
		for i := range byte(5) {
			s.pay(s.w.native(40+i), 3e6)
		}
		s.mine(1)
	}
	s.mine(2)
	s.base = s.height()
}

// signers are the people with the keys.
func (s *sim) signers() {
	if !s.elsewhere {
		return
	}
	jobs, err := s.journal.Jobs(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, j := range jobs {
		for _, d := range j.Drafts() {
			switch r := s.signs.IntN(10); {
			case s.diligent, r < 4:
				s.signOne(d)
			case r == 4:
				s.sendPast(j, d)
			}
		}
	}
}

// signOne signs a draft and hands it back.
func (s *sim) signOne(d *Draft) {
	p := s.sign(d)
	err := s.command(func() error {
		_, err := s.r.Accept(s.t.Context(), p)
		return err
	})
	s.say("signed %s: %v", d.Role, err)
}

// sendPast signs a draft and sends it with another program. Only a first transaction can be meant:
// what follows is not known to be wanted yet.
func (s *sim) sendPast(j *Job, d *Draft) {
	if d.To == 0 || j.State != Planned {
		return
	}
	tx, err := txbuilder.Finish(s.sign(d))
	if err != nil {
		s.t.Fatal(err)
	}
	_, err = s.btc.Broadcast(s.t.Context(), tx)
	if err != nil && !errors.As(err, new(*chain.Refused)) && !errors.Is(err, chain.ErrUnreachable) {
		s.t.Fatal(err)
	}
	s.say("sent %s %s past the job: %v", d.Role, tx.TxHash(), err)
}
