package ports

import "blockstack/names"

// World is what the parts of the engine read: Bitcoin, the name index, the wallet and the jobs, by
// the rules of one registry.
type World struct {
	Chain   Chain
	Names   Names
	Wallet  Wallet
	Journal Journal
	Params  *names.Params
}
