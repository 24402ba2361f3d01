package keychain

import (
	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/wallet/keychain/hdpath"
	"blockstack/wallet/keychain/keyfile"
	"blockstack/wallet/keychain/seedphrase"
	"blockstack/wallet/secret"
)

// What others need of the parts that a keychain is made of, under its own name: nobody else imports
// them.
type (
	// Path is a BIP 32 derivation path from the root.
	Path = hdpath.Path
	// List is the list of scripts: what a wallet may believe of its own keys while it is locked.
	List = keyfile.List
	// Home is what one wallet of the keychain has of its own.
	Home = keyfile.Home
	// Cost says how expensive one try of a password is.
	Cost = keyfile.Cost
)

// Of paths.
const (
	// Hardened is added to the index of a hardened child (BIP 32).
	Hardened = hdpath.Hardened
	// RingSize is how many children a ring has.
	RingSize = hdpath.RingSize
)

// Errors of the parts.
var (
	// ErrBadPath is wrapped by refusals of derivation paths.
	ErrBadPath = hdpath.ErrBadPath
	// ErrBadMnemonic is wrapped by every refusal of a phrase.
	ErrBadMnemonic = seedphrase.ErrBadMnemonic
	// ErrExists is returned by Create when the file is already there.
	ErrExists = keyfile.ErrExists
	// ErrNotFound is returned by Open when there is no keychain file.
	ErrNotFound = keyfile.ErrNotFound
	// ErrWrongPassword is returned when no unlocker opens with the password.
	ErrWrongPassword = keyfile.ErrWrongPassword
	// ErrEmptyPassword is returned when a keychain would be protected by an empty password.
	ErrEmptyPassword = keyfile.ErrEmptyPassword
	// ErrMalformed is wrapped by every error about a file that is no keychain.
	ErrMalformed = keyfile.ErrMalformed
	// ErrNewer is returned for a keychain file that a newer version of the program made.
	ErrNewer = keyfile.ErrNewer
)

// ParsePath reads "m/84'/1'/0'/0/5"; ' and h mark hardened steps.
func ParsePath(s string) (Path, error) { return hdpath.Parse(s) }

// OwnerPath is the path of the owner key of identity i: m/888'/0'/i'.
func OwnerPath(i uint32) Path { return hdpath.Owner(i) }

// RevealerPath is the path of the i-th namespace revealer key: m/888'/1'/i'.
func RevealerPath(i uint32) Path { return hdpath.Revealer(i) }

// RingPath is the path of key j of the ring of revealer i.
func RingPath(i, j uint32) Path { return hdpath.Ring(i, j) }

// PaymentPath is the path of a key of a payment account.
func PaymentPath(net *chaincfg.Params, purpose, branch, index uint32) Path {
	return hdpath.Payment(net, purpose, branch, index)
}

// NewMnemonic makes a fresh English BIP 39 phrase of 12, 15, 18, 21 or 24 words.
func NewMnemonic(words int) (*secret.Bytes, error) { return seedphrase.New(words) }

// CleanMnemonic returns the canonical form of a phrase that a person typed. ErrBadMnemonic.
func CleanMnemonic(text *secret.Bytes) (*secret.Bytes, error) { return seedphrase.Clean(text) }

// EntropyMnemonic writes entropy as the phrase that encodes it. The caller keeps the entropy and
// wipes it.
func EntropyMnemonic(entropy *secret.Bytes) (*secret.Bytes, error) {
	return seedphrase.FromEntropy(entropy)
}

// DefaultCost is what a keychain of a user gets.
func DefaultCost() Cost { return keyfile.DefaultCost() }

// TestCost protects nothing and is for tests that are not about the cost.
func TestCost() Cost { return keyfile.TestCost() }
