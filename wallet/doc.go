// Package wallet is the face of the room that holds money and keys: spendable coins, addresses by
// role, signing of PSBTs, lock and unlock.
//
// Coins are tracked watch-only (package coins), private keys stay in the keychain (package
// keychain), and both meet here. Open, Sync, Balance and everything else that only looks never need
// the password; Sign and OwnerSigner do, through Unlock.
//
// A Wallet opens, locks and syncs. The rest of it is four faces, each with what it needs and
// nothing more, so that a caller can be given one of them: Money (coins, history, what was sent),
// Addresses (which scripts are ours, by role), Notes (labels, frozen coins, whom names were paid
// through) and Signing (what a PSBT does, and signatures).
//
// Which scripts are ours follows from the seed and from no file alone (proof.go): an unlocked
// wallet derives them, a locked one believes the list in the keychain file, and a watch-only one
// has only what it was made from. Who can rewrite the keychain file fools a locked wallet until the
// next unlock, which signs nothing that was planned meanwhile.
//
// A Wallet satisfies txbuilder's Coins and Signer and profile's Signer without importing them; so
// do Money and Signing.
package wallet
