package paid

import (
	"slices"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
)

// twinAge is how long after a payment the same one again is asked about, once it is in a block.
const twinAge = time.Hour

// Twin is an earlier payment of the same amount to the same target.
type Twin struct {
	Txid   chainhash.Hash
	Target Target
	Time   time.Time
	Height int32 // -1: in no block
	// Prepared says that it waits to be signed elsewhere.
	Prepared bool
}

// Memory is what twins are looked for in.
type Memory struct {
	History  []Entry
	Payments []Record
	// Names says which names a transaction paid, by address.
	Names map[chainhash.Hash]map[string]string
}

// lost is how long before and after a restore payments are looked for that the memory has lost.
const lost = 7 * 24 * time.Hour

// Lost finds a payment that pays one of some targets the same, and that a memory which begins at a
// time does not have: one made in the days before. It is for requests whose ids may have been given
// then.
func (m *Memory) Lost(targets []Target, begins, now time.Time) (t Twin, ok bool) {
	if now.Sub(begins) > lost {
		return t, false
	}
	known := m.known()
	for i := range m.History {
		e := &m.History[i]
		if e.Spent == 0 || known[e.Txid] || begins.Sub(e.Time) > lost {
			continue
		}
		if target, is := common(m.targetsOf(e), targets); is {
			return Twin{Txid: e.Txid, Target: target, Time: e.Time, Height: e.Height}, true
		}
	}
	return t, false
}

// known are the transactions that pay what is remembered.
func (m *Memory) known() map[chainhash.Hash]bool {
	seen := make(map[chainhash.Hash]bool)
	for i := range m.Payments {
		if fate := FateOf(m.History, &m.Payments[i]); fate.Entry != nil {
			seen[fate.Entry.Txid] = true
		}
	}
	return seen
}

// Twin finds a payment that is unconfirmed or younger than an hour and pays one of some targets the
// same; ok is false without one. The targets themselves do not count against each other.
func (m *Memory) Twin(targets []Target, now time.Time) (t Twin, ok bool) {
	for i := range slices.Backward(m.Payments) {
		p := &m.Payments[i]
		target, is := common(p.Targets, targets)
		if !is {
			continue
		}
		fate := FateOf(m.History, p)
		t := Twin{Txid: p.Tx.TxHash(), Target: target, Time: p.Time, Height: -1, Prepared: p.PSBT != nil}
		young := now.Sub(p.Time) < twinAge
		switch {
		case fate.Entry != nil:
			t.Txid, t.Height, t.Prepared = fate.Entry.Txid, fate.Entry.Height, false
			if t.Height < 0 || young {
				return t, true
			}
		case fate.Rival != nil:
		case !t.Prepared || young || now.Before(p.Until): // recorded and not seen: it is sent with the next command
			return t, true
		}
	}
	known := m.known()
	for i := range m.History { // of another home of the same seed, or from before this memory
		e := &m.History[i]
		if e.Spent == 0 || known[e.Txid] || e.Height >= 0 && now.Sub(e.Time) >= twinAge {
			continue
		}
		if target, is := common(m.targetsOf(e), targets); is {
			return Twin{Txid: e.Txid, Target: target, Time: e.Time, Height: e.Height}, true
		}
	}
	return t, false
}

// targetsOf are the targets of a transaction, as far as the chain and the memory of names tell.
func (m *Memory) targetsOf(e *Entry) (list []Target) {
	for _, o := range e.Outputs {
		if o.Change {
			continue
		}
		list = append(list, Target{Name: m.Names[e.Txid][o.Address], Address: o.Address, Script: o.Script, Amount: o.Amount})
	}
	return list
}

// common finds a target that two lists share.
func common(a, b []Target) (Target, bool) {
	for _, x := range a {
		for _, y := range b {
			if x.same(y) {
				return y, true
			}
		}
	}
	return Target{}, false
}
