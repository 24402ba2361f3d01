package names

import (
	"github.com/btcsuite/btcd/chainhash/v2"
)

// Status says how a name stands at a height.
type Status string

// The statuses of a name.
const (
	Available  Status = "available"  // nobody owns it; it can be preordered and registered
	Registered Status = "registered" // somebody owns it
	Grace      Status = "grace"      // somebody owns it, its lifetime is over, only a renewal is still taken
	Expired    Status = "expired"    // somebody owned it; it can be registered anew
	Revoked    Status = "revoked"    // its owner made it unusable until it expires
)

// Record is a name's state at a height.
type Record struct {
	Name            Name
	Status          Status
	Owner           []byte // output script
	OwnerAddress    string // base58 form of Owner
	ZoneFile        ZoneFileHash
	HasZoneFile     bool
	FirstRegistered int32 // block height
	RenewedAt       int32 // block height of the last registration or renewal
	ExpiresAt       int32 // first block height at which the name is in grace or expired; 0: never
	GraceEnds       int32 // first block height after the grace period; equal to ExpiresAt without one; 0: never
	Revoked         bool
	LastTx          chainhash.Hash // transaction that made the record what it is
	Height          int32          // block height at which all this is true
	Consensus       ConsensusHash  // consensus hash of that block
}

// NamespaceStatus says how a namespace stands at a height.
type NamespaceStatus string

// The statuses of a namespace.
const (
	NamespaceRevealed NamespaceStatus = "revealed" // its rules are known, names can be imported
	NamespaceIsReady  NamespaceStatus = "ready"    // names can be registered
	NamespaceExpired  NamespaceStatus = "expired"  // it was not made ready in time
)

// Namespace is a namespace's rules and state at a height.
type Namespace struct {
	ID               NamespaceID
	Version          int      // 1: paid in BTC, burnt; 2: paid in BTC to the creator at first; 3: paid in STACKS
	Lifetime         uint32   // of names, in blocks, before the epoch's multiplier; InfiniteLifetime: names never expire
	Coeff, Base      byte     // of the price formula (protocol 9.1)
	Buckets          [16]byte // price exponents by length of the label
	NonAlphaDiscount byte
	NoVowelDiscount  byte
	Status           NamespaceStatus
	RevealHeight     int32  // block height of the reveal
	ReadyHeight      int32  // block height of the ready; 0: not ready
	RevealerScript   []byte // output 1 of the reveal: who imports and makes ready
	RevealerAddress  string // base58 form of RevealerScript
	PayerAddress     string // sender of the reveal: who gets the fees of a version-2 namespace
	Height           int32  // block height at which all this is true
}

// InfiniteLifetime is the lifetime of names that never expire.
const InfiniteLifetime = 0xffffffff

// PriceUnit is the unit in which names of the namespace are priced.
func (ns *Namespace) PriceUnit() Unit {
	if ns.Version == 3 {
		return MicroStacks
	}
	return Satoshi
}
