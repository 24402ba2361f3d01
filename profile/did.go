package profile

import (
	"fmt"
	"strings"
)

// DID is a decentralised identifier as the sign-in tokens of the old clients carry it (identity
// 6.1):
//
//	did    = "did" ":" method ":" id         three parts; "did" and the method in any letter case
//	method = "btc-addr"                      id is the base58 address of the owner
//	       / "ecdsa-pub"                     id is a public key in hex
//	       / others                          of which nothing is known
//
// Reading one says nothing about its id: see OwnerDID.
type DID struct {
	Method string // in lower case
	ID     string // as it was written
}

// ParseDID takes a DID apart. Errors wrap ErrMalformed.
func ParseDID(text string) (DID, error) {
	parts := strings.Split(text, ":")
	switch {
	case len(parts) != 3:
		return DID{}, malformed("did", "%s does not have three parts", quote(text))
	case !strings.EqualFold(parts[0], "did"):
		return DID{}, malformed("did", "%s does not begin with did:", quote(text))
	}
	return DID{Method: strings.ToLower(parts[1]), ID: parts[2]}, nil
}

// The methods whose id says who the owner is.
const (
	methodAddress = "btc-addr"
	methodKey     = "ecdsa-pub"
)

// Address gives the id when it stands for an address, unchecked; false for other methods.
func (d DID) Address() (string, bool) { return d.ID, d.Method == methodAddress }

// OwnerDID makes an owner of a DID: the address or the key that it holds. Errors wrap ErrBadOwner.
func OwnerDID(text string, v AddressVersions) (Owner, error) {
	d, err := ParseDID(text)
	if err != nil {
		return Owner{}, fmt.Errorf("%w: %w", ErrBadOwner, err)
	}
	switch d.Method {
	case methodAddress:
		return OwnerAddress(d.ID, v)
	case methodKey:
		return OwnerKey(d.ID)
	}
	return Owner{}, fmt.Errorf("%w: DIDs of the method %s say nothing about an owner", ErrBadOwner, quote(d.Method))
}
