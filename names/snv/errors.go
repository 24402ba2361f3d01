package snv

import (
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
)

// Errors of this package. Callers test with errors.Is and errors.As.
var (
	// ErrMalformed means that the bytes are no proof.
	ErrMalformed = errors.New("not a name proof")
	// ErrRefused means that a proof contradicts itself: it does not show what it claims, whatever
	// is trusted.
	ErrRefused = errors.New("proof does not hold")
	// ErrOtherRules means that a proof was made by other name rules or for another network.
	ErrOtherRules = errors.New("proof is for other name rules")
	// ErrNoTrust means that nothing was given to measure a proof by.
	ErrNoTrust = errors.New("nothing is trusted, and a proof by itself proves nothing")
	// ErrBadTrust means that a text names nothing that could be trusted.
	ErrBadTrust = errors.New("not something to trust")
	// ErrNotProvable means that there is nothing to make a proof of.
	ErrNotProvable = errors.New("cannot be proven")
)

// UntrustedError means that a proof leads to another hash than the trusted one: it is not of the
// chain that is trusted.
type UntrustedError struct {
	Height int32
	Have   names.ConsensusHash // where the proof leads
	Want   names.ConsensusHash // trusted
}

// Error says which hashes differ.
func (e *UntrustedError) Error() string {
	return fmt.Sprintf("proof leads to consensus hash %s at block %d, and %s is trusted", e.Have, e.Height, e.Want)
}

// UntrustedBlockError is UntrustedError for block hashes.
type UntrustedBlockError struct {
	Height int32
	Have   chainhash.Hash // of the proof's last header
}

// Error says where the headers lead.
func (e *UntrustedBlockError) Error() string {
	return fmt.Sprintf("headers of the proof lead to block %s at %d, which is not the trusted one", e.Have, e.Height)
}

// OtherHeightError means that a proof is about another height than the trusted consensus hash.
type OtherHeightError struct {
	Proof   int32
	Trusted int32 // the nearest one
}

// Error says which heights differ.
func (e *OtherHeightError) Error() string {
	return fmt.Sprintf("proof is about block %d, and the trusted consensus hash is that of block %d", e.Proof, e.Trusted)
}
