package txbuilder

import (
	"math/rand/v2"
	"time"
)

// currentTip is how old the newest block may be for a lock time: behind that, a node may not keep
// up, and the height would only tell who sent the transaction.
const currentTip = 8 * time.Hour

// LockTime is the lock time of a payment that is made now, as Bitcoin Core sets it: the height of
// the newest block, so that the payment can be mined in the next one at the earliest, and no miner
// gains by mining the last one again. One time in ten it is up to 99 less, so that a payment that
// was delayed does not stand out. Where the newest block is too old there is none.
//
// Transactions of a name job have none. They are signed ahead and run against deadlines, so they
// must not wait when a reorg has made the chain shorter; and the same job planned again gives the
// same bytes.
func LockTime(height int32, newest, now time.Time) uint32 {
	if now.Sub(newest) > currentTip {
		return 0
	}
	return lockTime(height, rand.IntN)
}

// lockTime is LockTime on a current chain. intN draws below a number.
func lockTime(tip int32, intN func(int) int) uint32 {
	if intN(10) == 0 {
		tip -= int32(intN(100))
	}
	return uint32(max(0, tip))
}
