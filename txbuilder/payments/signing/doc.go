// Package signing judges transactions that come from elsewhere, as PSBTs, to be signed or sent by
// hand: which must not be, and what has to be agreed to first.
package signing
