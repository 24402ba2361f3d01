package keychain

import "errors"

var (
	// ErrLocked is returned when a private key is needed and the keychain is locked.
	ErrLocked = errors.New("the keychain is locked")
	// ErrPSBT is wrapped by every refusal to sign a PSBT.
	ErrPSBT = errors.New("refused to sign")
	// ErrNothingToSign is returned when no input of a PSBT belongs to the keychain.
	ErrNothingToSign = errors.New("no input of the transaction is ours")
	// ErrToken is wrapped by refusals of headers and payloads that are not those of a token.
	ErrToken = errors.New("not a token to sign")
)
