// Package wallet is the face of the room that holds money and keys: spendable
// coins, addresses by role, signing of PSBTs, lock and unlock.
//
// Coins are tracked watch-only (package coins), private keys stay in the
// keychain (package keychain), and both meet here. Open, Sync, Balance and
// everything else that only looks never need the password; Sign and OwnerSigner
// do, through Unlock.
//
// A Wallet satisfies txbuilder's Coins and Signer and profile's Signer without
// importing them.
package wallet
