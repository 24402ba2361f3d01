package commands

import (
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/wallet"
	"blockstack/wallet/chain"
	"blockstack/wallet/chain/node"
	"blockstack/wallet/chain/peers"
	"blockstack/wallet/sandbox"
)

// rooms are the rooms that verbs open through the Env: one lazy field each, with its method on *Env in env_<room>.go.
type rooms struct {
	sandbox  lazy[*sandbox.Sandbox]
	registry lazy[*names.Params]
	node     lazy[*node.Node]
	peers    lazy[*peers.Peers]
	wallet   lazy[*wallet.Wallet]
	index    lazy[*index.Index]
	blocks   lazy[chain.Blocks]

	warnedInexact bool
}
