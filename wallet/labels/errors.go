package labels

import (
	"errors"
)

var (
	// ErrExists is returned by Create when labels.db is already there.
	ErrExists = errors.New("a wallet already exists")
	// ErrNotFound is returned when there is no labels.db.
	ErrNotFound = errors.New("no wallet")
	// ErrBusy is returned when another process holds the wallet's files.
	ErrBusy = errors.New("another process is using the wallet")
	// ErrNetwork is returned when the files belong to another Bitcoin network.
	ErrNetwork = errors.New("the wallet belongs to another network")
	// ErrMalformed is wrapped by errors about files that cannot be read.
	ErrMalformed = errors.New("malformed wallet file")
	// ErrNewer is wrapped by errors about files that a newer version of the program made.
	ErrNewer = errors.New("wallet file made by a newer version")
	// ErrUnknownTx is returned for a transaction that the wallet does not know.
	ErrUnknownTx = errors.New("the wallet does not know the transaction")
	// ErrUnknownCoin is returned for an outpoint that is no coin of the wallet.
	ErrUnknownCoin = errors.New("not a coin of this wallet")
	// ErrBadLabel is returned for a label that cannot be kept.
	ErrBadLabel = errors.New("bad label")
	// ErrKnownRequest is returned when a request id is used for another payment.
	ErrKnownRequest = errors.New("another payment answered that request")
	// ErrHeld is returned for a coin that is kept for something else.
	ErrHeld = errors.New("the coin is held")
	// ErrNotHeld is returned for a coin that no prepared payment waits for.
	ErrNotHeld = errors.New("no prepared payment waits for the coin")
)
