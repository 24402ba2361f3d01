// Package payments pays: addresses and names, one or many by one transaction, exactly once for a
// request. It asks nobody and prints nothing. Whoever calls it takes these steps:
//
//	Service.Answer    what became of a request that was made before
//	Service.Payees    who is paid; a Payee that is open has to be decided by the payer
//	Service.Plan      the transaction, unsigned, with the Concerns that the payer has to agree to
//	Service.Pay       signs it, records it, sends it
//	Service.Prepare   or keeps its coins while it is signed elsewhere
//
// What can happen is told by types: the errors in errors.go, and those of package send for a
// transaction that was refused or whose fate is unknown. Everything outside is reached through the
// ports in ports.go. Replacing a payment and pulling one along is package bump, moving the coins of
// other keys package sweep.
package payments
