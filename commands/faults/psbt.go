package faults

import (
	"blockstack/txbuilder"
	"blockstack/txbuilder/payments/signing"
	"blockstack/wallet"
	"blockstack/wallet/keychain"
)

// signingErrors are the rows for what is not signed by hand.
func signingErrors() []rule {
	return []rule{
		on(signing.ErrNotOurs, "not_found"),
		on(signing.ErrFeeUnknown, "malformed"),
		onType[*signing.Unread]("malformed", nil),
	}
}

// psbtErrors are the rows for PSBTs.
func psbtErrors() []rule {
	return []rule{
		on(keychain.ErrNothingToSign, "not_found", "it is for another wallet, or signed already: blockstack wallet psbt show FILE"),
		on(wallet.ErrPSBT, "malformed"),
		on(txbuilder.ErrNotSigned, "bad_signature", "see who has not signed: blockstack wallet psbt show FILE"),
		on(txbuilder.ErrAltered, "malformed"),
	}
}
