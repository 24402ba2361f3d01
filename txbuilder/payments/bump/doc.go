// Package bump raises what is paid for a transaction that waits: a payment is replaced by one with
// the same payees and a higher fee (BIP 125); what cannot be replaced is pulled along by a child
// that pays for both.
package bump
