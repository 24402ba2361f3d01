package registrar

import (
	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/wallet/chain/chaintest"
)

// crowded says in which worlds the node has a memory pool of Core's: with a floor that moves,
// little room, rows that are bounded, and a memory of what reorgs undid.
func crowded(n uint64) bool { return n%5 == 1 || n%5 == 4 }

// poolRoom is what the pool of a crowded world holds, in virtual bytes: two lists and some more.
const poolRoom = 16_000

// turn reorganizes the chain, seldom deeply, never below the base.
func (s *sim) turn() {
	depth := int32(1 + s.rng.IntN(3))
	if !s.diligent && s.rng.IntN(4) == 0 {
		depth = int32(1 + s.rng.IntN(9))
	}
	if s.crowded && s.rng.IntN(3) == 0 { // beyond the hash that a preorder quotes
		depth = int32(6 + s.rng.IntN(6))
	}
	if depth = min(depth, s.height()-s.base); depth < 1 {
		return
	}
	s.reorgs++
	s.deepest = max(s.deepest, depth)
	drop := s.rng.IntN(2) == 0
	s.say("reorg of %d blocks, drop %v", depth, drop)
	s.reorg(depth, drop)
	if s.crowded && s.diligent {
		s.advanceAll()
	}
}

// poolTrouble lets something happen to the node's memory pool.
func (s *sim) poolTrouble() {
	if !s.crowded {
		return
	}
	r := s.btc.Relay()
	switch s.rng.IntN(5) {
	case 0, 1:
		r.Floor = btcutil.Amount(1000 * (1 + s.rng.IntN(9)))
		r.Increment = btcutil.Amount(1000 * (1 + s.rng.IntN(3)))
		s.say("the floor is %d now, the increment %d", r.Floor, r.Increment)
		s.btc.SetRelay(r)
	case 2:
		s.say("the node forgets its memory pool")
		s.btc.Forget()
	case 3:
		s.spam()
	default:
		s.say("the node's index is being built")
		s.btc.SetIndexing(true)
		s.advanceAll()
		s.btc.SetIndexing(false)
	}
}

// spam fills the pool with what strangers send, at some 9 sat/vB, until it refuses it.
func (s *sim) spam() {
	sent := 0
	for range 40 {
		if _, err := s.btc.Pay(s.stranger, 1e5); err != nil {
			break
		}
		sent++
	}
	fees, err := s.btc.RelayFees(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	s.say("strangers send %d transactions; the floor is %d", sent, fees.Floor)
	if !s.wasDiligent() {
		return
	}
	s.advanceAll()
}

// quietPool lets the pool be as it is on a quiet day.
func (s *sim) quietPool() {
	if !s.crowded {
		return
	}
	s.btc.SetRelay(chaintest.CoreRelay(0))
	s.btc.SetIndexing(false)
}

// judgeCoins holds what is kept: no job that is over keeps a coin that could be spent, and every
// one that is kept has a holder.
func (s *sim) judgeCoins() {
	kept, err := s.r.Reserved(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	coins, err := s.w.Spendable(s.t.Context(), 1)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range coins {
		r, is := kept[c.OutPoint]
		if !is {
			continue
		}
		if j, err := s.r.Job(s.t.Context(), r.Holder); err != nil || !j.Open() {
			s.fault("coin %s is kept for job %s (%s, until %s), which is over: %v", c.OutPoint, r.Holder, r.Purpose, r.Until, err)
		}
	}
}
