package wallet

import (
	"errors"

	"blockstack/wallet/keychain"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// The errors that callers tell apart. Those of keychain and coins are repeated here, so that a
// caller needs to know this package only.
var (
	// ErrLocked: a private key is needed and the wallet is locked.
	ErrLocked = keychain.ErrLocked
	// ErrWrongPassword: no unlocker of the keychain opens with the password.
	ErrWrongPassword = keychain.ErrWrongPassword
	// ErrBadMnemonic: the text is no valid English BIP 39 phrase.
	ErrBadMnemonic = keychain.ErrBadMnemonic
	// ErrExists: there is a wallet already.
	ErrExists = labels.ErrExists
	// ErrNotFound: there is no wallet for this network.
	ErrNotFound = labels.ErrNotFound
	// ErrBusy: another process is using the wallet's files.
	ErrBusy = labels.ErrBusy
	// ErrGap: too many addresses are handed out and unused.
	ErrGap = scripts.ErrGap
	// ErrNeedKeys: keys must be derived ahead; unlock and try again.
	ErrNeedKeys = scripts.ErrNeedKeys
	// ErrUnknownTx: the wallet does not know the transaction.
	ErrUnknownTx = labels.ErrUnknownTx
	// ErrUnknownCoin: not a coin of this wallet.
	ErrUnknownCoin = labels.ErrUnknownCoin
	// ErrNotHeld: no prepared payment waits for the coin.
	ErrNotHeld = labels.ErrNotHeld
	// ErrHeld: the coin is kept for something else.
	ErrHeld = labels.ErrHeld
	// ErrKnownRequest: the request id was used for another payment.
	ErrKnownRequest = labels.ErrKnownRequest
	// ErrPSBT: signing was refused.
	ErrPSBT = keychain.ErrPSBT
	// ErrNoKeychain: the wallet is watch-only, it has no keychain.
	ErrNoKeychain = errors.New("the wallet is watch-only: it has no keychain")
	// ErrNoAccount: a watch-only wallet has no account of the kind of address that is wanted.
	ErrNoAccount = errors.New("the wallet has no account")
	// ErrListForged: the list of scripts in the keychain file was changed by somebody without the
	// password.
	ErrListForged = keychain.ErrListForged
	// ErrNoList: the keychain has no list of this wallet's scripts yet.
	ErrNoList = keychain.ErrNoList
	// ErrDescriptor: a descriptor cannot be read, or descriptors do not fit together.
	ErrDescriptor = errors.New("descriptors")
	// ErrPrivateDescriptor: a list of descriptors holds a private key.
	ErrPrivateDescriptor = errors.New("it holds a private key, and only public ones are watched")
	// ErrKeychainLost: the wallet is there, and the keychain file that it was made with is not.
	ErrKeychainLost = errors.New("the keychain of this wallet is missing")
	// ErrOtherWords: the words are not those of the wallet that is there.
	ErrOtherWords = errors.New("these are not the words of the wallet that is there")
	// ErrOtherKeychain: the wallet's files belong to another keychain.
	ErrOtherKeychain = errors.New("the keychain is not the one that the wallet was made with")
	// ErrNotOurs: the address is none of this wallet's.
	ErrNotOurs = errors.New("not an address of this wallet")
)
