// Package paying has the verbs that move money and show it: pay, bump, balance, history and wallet
// coins.
package paying
