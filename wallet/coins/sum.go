package coins

import (
	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/wallet/scripts"
)

// Account is the coins of one kind of script, or of one role that is not to be paid.
type Account struct {
	Name   string
	Coins  int
	Amount btcutil.Amount
}

// Accounts adds coins up by account, in the order in which they come.
func Accounts(list []Coin) (accounts []Account) {
	at := map[string]int{}
	for _, c := range list {
		name := string(c.Key.Kind)
		if c.Key.Role != scripts.Payment {
			name = string(c.Key.Role)
		}
		i, known := at[name]
		if !known {
			i = len(accounts)
			at[name] = i
			accounts = append(accounts, Account{Name: name})
		}
		accounts[i].Coins++
		accounts[i].Amount += c.Amount
	}
	return accounts
}

// Sum adds coins up.
func Sum(list []Coin) (sum btcutil.Amount) {
	for _, c := range list {
		sum += c.Amount
	}
	return sum
}
