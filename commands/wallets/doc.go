// Package wallets has the verbs of the noun wallet, and request.
package wallets
