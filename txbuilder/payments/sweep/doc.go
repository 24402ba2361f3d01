// Package sweep moves the coins of keys that are not the wallet's into the wallet. Coins at an
// address that owns a name stay, unless the payer agrees for that name: its operations are paid
// from there.
package sweep
