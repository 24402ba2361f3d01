package wallet

import (
	"sync"
)

// Proof says why the wallet takes scripts for its own.
type Proof string

// What there is to go by.
const (
	// ProofSeed: they were derived from the seed since the wallet was opened, or an agent that has
	// it vouches for the list.
	ProofSeed Proof = "seed"
	// ProofList: the wallet is locked, and the list in the keychain file says so. Who can write
	// that file can change it; the next unlock finds out.
	ProofList Proof = "list"
	// ProofNone: there is nothing to hold them to. The wallet is watch-only, or its keychain has no
	// list of it yet.
	ProofNone Proof = "none"
)

// trust is what a wallet goes by at this moment, and what the last unlock found.
type trust struct {
	proof   guarded[Proof] // why scripts are taken for ours
	rows    guarded[int]   // rows of labels.db that the last unlock wrote anew
	listErr guarded[error] // why the last unlock could not extend the list
}

// guarded is a value that several goroutines read and change.
type guarded[T any] struct {
	mu    sync.Mutex
	value T
}

func (g *guarded[T]) get() T {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.value
}

func (g *guarded[T]) set(value T) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.value = value
}
