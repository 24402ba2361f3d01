package wallet

import (
	"sync"
)

// Proof says why the wallet takes scripts for its own.
type Proof string

// What there is to go by.
const (
	// ProofSeed: they were derived from the seed since the wallet was opened, or an agent that has it vouches for the list.
	ProofSeed Proof = "seed"
	// ProofList: the wallet is locked, and the list in the keychain file says so. Who can write that file can change it;
	// the next unlock finds out.
	ProofList Proof = "list"
	// ProofNone: there is nothing to hold them to. The wallet is watch-only, or its keychain has no list of it yet.
	ProofNone Proof = "none"
)

// trust is what a wallet goes by at this moment, and what the last unlock found.
type trust struct {
	mu      sync.Mutex
	proof   Proof // why scripts are taken for ours
	rows    int   // rows of labels.db that the last unlock wrote anew
	listErr error // why the last unlock could not extend the list
}

func (t *trust) goesBy() Proof {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.proof
}

func (t *trust) goBy(p Proof) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.proof = p
}

func (t *trust) repaired() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.rows
}

func (t *trust) repairs(rows int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows = rows
}

func (t *trust) unlisted() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.listErr
}

func (t *trust) list(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.listErr = err
}
