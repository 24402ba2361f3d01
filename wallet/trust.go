package wallet

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
