// Package coins answers what a wallet has: its coins, their sum, and what moved them.
//
// Coins puts together what the packages below know, and records transactions of ours in all of
// them:
//
//	scripts    which scripts follow from the public keys of the wallet
//	labels     labels.db: what neither seed nor chain gives back, and the keys from which wallet.db is built
//	watched    which keys are watched on the chain, and which were handed out
//	tracker    wallet.db, btcwallet's file, and the guard around it
//	chainsync  how wallet.db follows the chain
//
// No private key is ever here. A transaction of ours is in labels.db before it is in wallet.db, and
// from then on its inputs count as spent: wallet.db may be deleted at any time, and the next sync
// builds it again.
package coins
