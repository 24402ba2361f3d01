package rules

import (
	"math/big"

	"blockstack/names"
	"blockstack/names/state"
)

// ledger is the token accounts while a block is applied.
type ledger struct {
	accounts table[accountKey, state.AccountRow]
	unknown  bool               // who holds tokens is not known in this registry
	log      []state.AccountRow // every state that accounts went through
}

type accountKey struct{ address, unit string }

func newLedger(p *names.Params, src *source) *ledger {
	read := func(k accountKey) (*state.AccountRow, error) { return src.Account(k.address, k.unit) }
	return &ledger{accounts: newTable(src, read), unknown: p.GenesisUnknown}
}

// account is the current state of an account, nil when there is none.
func (g *ledger) account(address, unit string) *state.AccountRow {
	return g.accounts.now(accountKey{address, unit})
}

// put sets an account's state and writes it into the account's log.
func (g *ledger) put(row *state.AccountRow) {
	g.accounts.put(accountKey{row.Address, row.Unit}, row)
	g.log = append(g.log, *row)
}

// amend replaces the state that was put last.
func (g *ledger) amend(row *state.AccountRow) {
	g.accounts.put(accountKey{row.Address, row.Unit}, row)
	g.log[len(g.log)-1] = *row
}

// remove takes an account away if there is one.
func (g *ledger) remove(address, unit string) {
	if g.account(address, unit) != nil {
		g.accounts.put(accountKey{address, unit}, nil)
	}
}

// check reports whether an account can pay an amount. Where the grants of tokens are not known
// nobody can, and the rest of the state is in doubt.
func (g *ledger) check(address, unit string, amount uint64) *state.Refused {
	if g.unknown {
		return state.Refuse(state.ReasonGenesisUnknown, "%s needs %d %s", address, amount, unit)
	}
	account := g.account(address, unit)
	if account == nil {
		return state.Refuse(state.ReasonNoAccount, "%s, %q", address, unit)
	}
	if account.Balance().Cmp(new(big.Int).SetUint64(amount)) < 0 {
		return state.Refuse(state.ReasonBalance, "%s holds %s %s, needs %d", address, account.Balance(), unit, amount)
	}
	return nil
}

// debit takes tokens from an account that holds them.
func (g *ledger) debit(address, unit string, amount uint64, at state.Place) {
	account := g.account(address, unit)
	if account == nil {
		return // only after an error of the state
	}
	next := *account
	next.Debit = new(big.Int).Add(account.Debit, new(big.Int).SetUint64(amount))
	next.At = at
	g.put(&next)
}

// credit gives tokens to an account; one that does not exist is made.
func (g *ledger) credit(address, unit string, amount *big.Int, at state.Place) {
	next := state.AccountRow{Address: address, Unit: unit, Credit: new(big.Int), Debit: new(big.Int), MayReceive: true}
	if account := g.account(address, unit); account != nil {
		next = *account
	}
	next.Credit = new(big.Int).Add(next.Credit, amount)
	next.At = at
	g.put(&next)
}
