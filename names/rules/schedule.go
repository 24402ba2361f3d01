package rules

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/state"
)

// Schedule is what a registry's genesis table and patches do to accounts over time (protocol 10.3
// to 10.5). It depends on the registry alone and is read-only once made.
type Schedule struct {
	p       *names.Params
	vesting map[int32][]vest
}

// NewSchedule works out the schedule of a registry.
func NewSchedule(p *names.Params) *Schedule {
	s := &Schedule{p: p, vesting: make(map[int32][]vest)}
	sums := make(map[int32]map[accountKey]*big.Int)
	add := func(g *names.GenesisAccount, from int32) {
		for _, v := range g.Vesting {
			if v.Height < from {
				continue
			}
			at := sums[v.Height]
			if at == nil {
				at = make(map[accountKey]*big.Int)
				sums[v.Height] = at
			}
			key := accountKey{g.Address, g.Type}
			if at[key] == nil {
				at[key] = new(big.Int)
			}
			at[key].Add(at[key], v.Amount)
		}
	}
	for i := range p.Genesis {
		add(&p.Genesis[i], p.FirstBlock+1) // amounts at or before the first block are never credited
	}
	for _, height := range slices.Sorted(maps.Keys(p.GenesisPatches)) {
		patch := p.GenesisPatches[height]
		for i := range patch.Add {
			add(&patch.Add[i], height)
		}
		for _, gone := range patch.Delete {
			for at, sum := range sums {
				if at >= height {
					maps.DeleteFunc(sum, func(k accountKey, _ *big.Int) bool { return k.address == gone.Address })
				}
			}
		}
	}
	for height, sum := range sums {
		for key, amount := range sum {
			s.vesting[height] = append(s.vesting[height], vest{Address: key.address, Unit: key.unit, Amount: amount})
		}
		slices.SortFunc(s.vesting[height], func(a, b vest) int {
			return strings.Compare(a.Address+"\x00"+a.Unit, b.Address+"\x00"+b.Unit)
		})
	}
	return s
}

// Genesis gives the accounts before the first block.
func (s *Schedule) Genesis() []state.AccountRow {
	order := make([]accountKey, 0, len(s.p.Genesis))
	rows := make(map[accountKey]*state.AccountRow)
	for i := range s.p.Genesis {
		g := &s.p.Genesis[i]
		key := accountKey{g.Address, g.Type}
		if rows[key] == nil {
			order = append(order, key)
			rows[key] = &state.AccountRow{
				Address: g.Address, Unit: g.Type, Credit: new(big.Int), Debit: new(big.Int), LockSend: g.LockSend,
				MayReceive: g.ReceiveWhitelisted, Metadata: g.Metadata, HasMetadata: true,
				At: state.Place{Height: s.p.FirstBlock, Txid: madeUpTxid("%s genesis %s", g.Address, g.Metadata)},
			}
		}
		rows[key].Credit.Add(rows[key].Credit, g.Value)
	}
	out := make([]state.AccountRow, len(order))
	for i, key := range order {
		out[i] = *rows[key]
	}
	return out
}

// Marker is the row that the reference keeps beside the genesis table.
func (s *Schedule) Marker() *state.AccountRow {
	return &state.AccountRow{
		Address: s.p.BurnAddress, Unit: state.UnitGenesis, Credit: new(big.Int), Debit: new(big.Int), LockSend: 1,
		At: state.Place{Height: s.p.FirstBlock, Txid: madeUpTxid("genesis")},
	}
}

// due applies what happens to accounts before the block at a height: first a patch of the genesis
// table, then vesting.
func (s *Schedule) due(l *ledger, height int32) {
	if patch, ok := s.p.GenesisPatches[height]; ok {
		s.patch(l, height, &patch)
	}
	for _, v := range s.vesting[height] {
		l.credit(v.Address, v.Unit, v.Amount, state.Place{
			Height: height, Txid: madeUpTxid("%s vesting %s %s at %d", v.Address, v.Unit, v.Amount, height),
		})
	}
}

// patch adds value, and vesting that would have come before, to accounts, and takes away accounts
// that nobody can spend from.
func (s *Schedule) patch(l *ledger, height int32, patch *names.GenesisPatch) {
	at := func(address string) state.Place {
		return state.Place{Height: height, Txid: madeUpTxid("%s patch %d", address, height)}
	}
	for i := range patch.Add {
		g := &patch.Add[i]
		amount := new(big.Int).Set(g.Value)
		for _, v := range g.Vesting {
			if v.Height < height {
				amount.Add(amount, v.Amount)
			}
		}
		l.credit(g.Address, g.Type, amount, at(g.Address))
		next := *l.account(g.Address, g.Type)
		next.LockSend = max(next.LockSend, g.LockSend)
		next.MayReceive, next.Metadata, next.HasMetadata = g.ReceiveWhitelisted, g.Metadata, true
		l.amend(&next)
	}
	for _, g := range patch.Delete {
		l.remove(g.Address, g.Type)
	}
	l.put(&state.AccountRow{
		Address: s.p.BurnAddress, Unit: state.UnitPatch, Credit: new(big.Int), Debit: new(big.Int), LockSend: 1, At: at("all"),
	})
}

// madeUpTxid is the hash that stands for a transaction where there is none. The reference writes it
// in the order of its bytes.
func madeUpTxid(format string, args ...any) chainhash.Hash {
	h := chainhash.DoubleHashH([]byte(fmt.Sprintf(format, args...)))
	slices.Reverse(h[:])
	return h
}

// vest is an amount that an account is credited at a height.
type vest struct {
	Address string
	Unit    string
	Amount  *big.Int
}
