package keychain

import (
	"fmt"

	"golang.org/x/crypto/argon2"

	"blockstack/wallet/secret"
)

// Cost says how expensive one try of a password is: the parameters of Argon2id
// (RFC 9106).
type Cost struct {
	Time      uint32 // passes over the memory
	MemoryKiB uint32
	Threads   uint8
}

// Bounds on the cost in a file. A file from elsewhere must not be able to take
// all memory or run for hours.
const (
	minMemoryKiB = 8
	maxMemoryKiB = 1 << 20 // 1 GiB
	maxTime      = 16
	maxThreads   = 16
)

// DefaultCost is what a keychain of a user gets: 256 MiB, three passes, about
// half a second on two cores.
func DefaultCost() Cost { return Cost{Time: 3, MemoryKiB: 256 << 10, Threads: 4} }

// TestCost protects nothing and is for tests that are not about the cost.
func TestCost() Cost { return Cost{Time: 1, MemoryKiB: minMemoryKiB, Threads: 1} }

func (c Cost) check() error {
	switch {
	case c.Time < 1 || c.Time > maxTime:
		return fmt.Errorf("%w: argon2id time %d is not in 1..%d", ErrMalformed, c.Time, maxTime)
	case c.MemoryKiB < minMemoryKiB || c.MemoryKiB > maxMemoryKiB:
		return fmt.Errorf("%w: argon2id memory %d KiB is not in %d..%d", ErrMalformed, c.MemoryKiB, minMemoryKiB, maxMemoryKiB)
	case c.Threads < 1 || c.Threads > maxThreads:
		return fmt.Errorf("%w: argon2id threads %d is not in 1..%d", ErrMalformed, c.Threads, maxThreads)
	}
	return nil
}

// derive turns a password into the key of an unlocker. The caller wipes it.
func (c Cost) derive(password *secret.Bytes, salt []byte) []byte {
	var key []byte
	password.Use(func(pw []byte) {
		key = argon2.IDKey(pw, salt, c.Time, c.MemoryKiB, c.Threads, keySize)
	})
	return key
}

// Derive turns a password into a 32-byte key for sealing something beside the
// keychain. A cost out of bounds is refused before any work. The caller wipes the
// key.
func (c Cost) Derive(password *secret.Bytes, salt []byte) ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return c.derive(password, salt), nil
}
