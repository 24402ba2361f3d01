package keychain

import "errors"

var (
	// ErrExists is returned by Create when the file is already there.
	ErrExists = errors.New("a keychain already exists")
	// ErrNotFound is returned by Open when there is no keychain file.
	ErrNotFound = errors.New("no keychain")
	// ErrWrongPassword is returned when no unlocker opens with the password.
	ErrWrongPassword = errors.New("wrong password")
	// ErrLocked is returned when a private key is needed and the keychain is locked.
	ErrLocked = errors.New("the keychain is locked")
	// ErrMalformed is wrapped by every error about a file that is no keychain.
	ErrMalformed = errors.New("malformed keychain file")
	// ErrNewer is returned for a keychain file that a newer version of the program made.
	ErrNewer = errors.New("keychain file made by a newer version of the program")
	// ErrBadMnemonic is wrapped by every refusal of a phrase.
	ErrBadMnemonic = errors.New("not a BIP 39 phrase")
	// ErrBadPath is wrapped by refusals of derivation paths.
	ErrBadPath = errors.New("bad derivation path")
	// ErrPSBT is wrapped by every refusal to sign a PSBT.
	ErrPSBT = errors.New("refused to sign")
	// ErrNothingToSign is returned when no input of a PSBT belongs to the keychain.
	ErrNothingToSign = errors.New("no input of the transaction is ours")
	// ErrToken is wrapped by refusals of headers and payloads that are not those of a token.
	ErrToken = errors.New("not a token to sign")
	// ErrEmptyPassword is returned when a keychain would be protected by an empty password.
	ErrEmptyPassword = errors.New("the password is empty")
)
