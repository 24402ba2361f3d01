package profile

import (
	"fmt"

	"github.com/btcsuite/btcd/address/v2/base58"
	"github.com/btcsuite/btcd/btcec/v2"

	"blockstack/names"
)

// AddressVersions are the version bytes of a network's base58 addresses.
type AddressVersions struct{ PubKeyHash, ScriptHash byte }

// Versions gives the version bytes of a registry's addresses.
func Versions(p *names.Params) AddressVersions {
	return AddressVersions{PubKeyHash: p.PubKeyHashVersion, ScriptHash: p.ScriptHashVersion}
}

// MainnetVersions are those of Bitcoin's main network.
func MainnetVersions() AddressVersions { return AddressVersions{PubKeyHash: 0, ScriptHash: 5} }

// Owner is whom a token must speak for: the holder of one key, known by the key itself or by its
// hash. It is made by OwnerAddress, OwnerKey and OwnerRecord; the zero value matches nobody.
type Owner struct {
	hash    [20]byte
	isHash  bool             // hash decides: P2PKH
	key     *btcec.PublicKey // decides when not nil
	address string           // for reports; empty: not known
	record  *names.Record    // nil: not judged by a name
}

// OwnerAddress makes an owner of a P2PKH address in base58. A script-hash address is an owner that
// no single signature can speak for: it matches nobody, and reports say why. Errors wrap
// ErrBadOwner; an address of another network also ErrOtherNetwork. A prefix ID- is refused: callers
// remove it (see TrimID).
func OwnerAddress(text string, v AddressVersions) (Owner, error) {
	hash, version, err := base58.CheckDecode(text)
	if err != nil || len(hash) != 20 {
		return Owner{}, fmt.Errorf("%w: %s is not a base58 address", ErrBadOwner, quote(text))
	}
	switch version {
	case v.PubKeyHash:
		return Owner{hash: [20]byte(hash), isHash: true, address: text}, nil
	case v.ScriptHash:
		return Owner{address: text}, nil
	}
	return Owner{}, fmt.Errorf("%w: %w: %s has version %d; want %d", ErrBadOwner, ErrOtherNetwork, text, version, v.PubKeyHash)
}

// OwnerKey makes an owner of a public key in SEC1 hex, compressed or not. Errors wrap ErrBadOwner.
func OwnerKey(text string) (Owner, error) {
	key, err := parseKey("public key", text)
	if err != nil {
		return Owner{}, fmt.Errorf("%w: %w", ErrBadOwner, err)
	}
	return Owner{key: key}, nil
}

// OwnerRecord makes an owner of a name's record. dataKeys are the texts of the zone file's TXT
// records that publish a data key, in the form pubkey:data:<hex> (identity 3.5): with exactly one,
// that key must have signed; without any, the owner of the record; several are an error. Errors
// wrap ErrBadOwner.
func OwnerRecord(rec names.Record, dataKeys ...string) (Owner, error) {
	owner := Owner{address: rec.OwnerAddress, record: &rec}
	switch len(dataKeys) {
	case 0:
	case 1:
		key, err := parseDataKey(dataKeys[0])
		if err != nil {
			return Owner{}, fmt.Errorf("%w: data key of %s: %w", ErrBadOwner, rec.Name, err)
		}
		owner.key = key
		return owner, nil
	default:
		return Owner{}, fmt.Errorf("%w: zone file of %s has %d data keys; want one", ErrBadOwner, rec.Name, len(dataKeys))
	}
	hash, kind := scriptHash(rec.Owner)
	switch kind {
	case payToKeyHash:
		owner.hash, owner.isHash = hash, true
	case payToScriptHash:
	default:
		return Owner{}, fmt.Errorf("%w: owner script of %s is neither p2pkh nor p2sh", ErrBadOwner, rec.Name)
	}
	return owner, nil
}

// Address is the owner's base58 address, or empty when only the key is known.
func (o Owner) Address() string { return o.address }

// id names the owner in the memory of the newest profiles.
func (o Owner) id() string {
	if o.key != nil {
		return keyText(o.key)
	}
	return o.address
}

// unanswerable reports whether no single signature can speak for this owner.
func (o Owner) unanswerable() bool { return o.key == nil && !o.isHash }

// is reports whether the key is the owner's.
func (o Owner) is(key *btcec.PublicKey) bool {
	if o.key != nil {
		return o.key.IsEqual(key)
	}
	return o.isHash && hasHash(key, o.hash)
}

const dataKeyPrefix = "pubkey:data:"

func parseDataKey(text string) (*btcec.PublicKey, error) {
	if len(text) < len(dataKeyPrefix) || text[:len(dataKeyPrefix)] != dataKeyPrefix {
		return nil, malformed("data key", "%s does not begin with %s", quote(text), dataKeyPrefix)
	}
	return parseKey("data key", text[len(dataKeyPrefix):])
}

// TrimID removes the prefix ID- that old clients put before owner addresses.
func TrimID(address string) string {
	if len(address) > 3 && address[:3] == "ID-" {
		return address[3:]
	}
	return address
}

type scriptKind int

const (
	otherScript scriptKind = iota
	payToKeyHash
	payToScriptHash
)

// scriptHash takes the hash out of a P2PKH or P2SH output script:
//
//	p2pkh = 76 a9 14 <20 bytes> 88 ac
//	p2sh  = a9 14 <20 bytes> 87
func scriptHash(script []byte) ([20]byte, scriptKind) {
	switch {
	case len(script) == 25 && script[0] == 0x76 && script[1] == 0xa9 && script[2] == 20 && script[23] == 0x88 && script[24] == 0xac:
		return [20]byte(script[3:23]), payToKeyHash
	case len(script) == 23 && script[0] == 0xa9 && script[1] == 20 && script[22] == 0x87:
		return [20]byte(script[2:22]), payToScriptHash
	}
	return [20]byte{}, otherScript
}
