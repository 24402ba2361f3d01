package keyfile

import (
	"fmt"

	"golang.org/x/crypto/argon2"

	"blockstack/wallet/secret"
)

// Cost says how expensive one try of a password is: the parameters of Argon2id (RFC 9106).
type Cost struct {
	Time      uint32 // passes over the memory
	MemoryKiB uint32
	Threads   uint8
}

// Bounds on the cost in a file. A file from elsewhere must not be able to take all memory or run
// for hours: also the work of all its unlockers together, time times memory, is bounded, by that of
// as many passwords as a keychain may have at the default cost. A password is tried in at most
// secret.MaxSpellings ways.
const (
	minMemoryKiB = 8
	maxMemoryKiB = 1 << 20 // 1 GiB
	maxTime      = 16
	maxThreads   = 16
	maxWork      = MaxUnlockers * 3 * 256 << 10 // in passes over a KiB
)

// DefaultCost is what a keychain of a user gets: 256 MiB, three passes, about half a second on two
// cores.
func DefaultCost() Cost { return Cost{Time: 3, MemoryKiB: 256 << 10, Threads: 4} }

// TestCost protects nothing and is for tests that are not about the cost.
func TestCost() Cost { return Cost{Time: 1, MemoryKiB: minMemoryKiB, Threads: 1} }

// work is how many KiB one try goes over.
func (c Cost) work() uint64 { return uint64(c.Time) * uint64(c.MemoryKiB) }

// Weaker reports whether trying a password is cheaper than at another cost: it takes less work, or
// less memory.
func (c Cost) Weaker(o Cost) bool { return c.work() < o.work() || c.MemoryKiB < o.MemoryKiB }

func (c Cost) check() error {
	switch {
	case c.Time < 1 || c.Time > maxTime:
		return fmt.Errorf("%w: argon2id time %d is not in 1..%d", ErrMalformed, c.Time, maxTime)
	case c.MemoryKiB < minMemoryKiB || c.MemoryKiB > maxMemoryKiB:
		return fmt.Errorf("%w: argon2id memory %d KiB is not in %d..%d", ErrMalformed, c.MemoryKiB, minMemoryKiB, maxMemoryKiB)
	case c.Threads < 1 || c.Threads > maxThreads:
		return fmt.Errorf("%w: argon2id threads %d is not in 1..%d", ErrMalformed, c.Threads, maxThreads)
	case c.work() > maxWork:
		return fmt.Errorf("%w: argon2id goes %d times over %d KiB, more than %d KiB in all", ErrMalformed, c.Time, c.MemoryKiB, maxWork)
	}
	return nil
}

// stretch turns a password into the key of an unlocker. The caller wipes it.
func (c Cost) stretch(password *secret.Bytes, salt []byte) []byte {
	var key []byte
	password.Use(func(pw []byte) {
		key = argon2.IDKey(pw, salt, c.Time, c.MemoryKiB, c.Threads, KeySize)
	})
	return key
}

// Derive turns a password into a 32-byte key for sealing something beside the keychain. A cost out
// of bounds is refused before any work. The caller wipes the key.
func (c Cost) Derive(password *secret.Bytes, salt []byte) ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return c.stretch(password, salt), nil
}
