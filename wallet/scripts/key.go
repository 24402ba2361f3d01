package scripts

import (
	"encoding/binary"
	"fmt"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/names/outscript"
)

// Kind is the kind of an output script.
type Kind string

// The kinds of scripts that the wallet uses.
const (
	P2PKH      Kind = "p2pkh"
	P2SHP2WPKH Kind = "p2sh-p2wpkh"
	P2WPKH     Kind = "p2wpkh"
	P2TR       Kind = "p2tr"
)

// Kinds lists all kinds, in the order of their purposes.
func Kinds() []Kind { return []Kind{P2PKH, P2SHP2WPKH, P2WPKH, P2TR} }

// Purpose is the first step of the derivation path of payment keys of a kind, 0 for an unknown
// kind.
func (k Kind) Purpose() uint32 {
	switch k {
	case P2PKH:
		return 44
	case P2SHP2WPKH:
		return 49
	case P2WPKH:
		return 84
	case P2TR:
		return 86
	}
	return 0
}

// Role says what a key is for.
type Role string

// The roles of keys. Coins of owner and revealer keys are never used for payments.
const (
	Payment  Role = "payment"
	Owner    Role = "owner"
	Revealer Role = "revealer"
)

// The branches of a payment account.
const (
	Receive uint32 = 0
	Change  uint32 = 1
)

// Key is one of our public keys and where it pays.
type Key struct {
	Role    Role
	Kind    Kind
	Branch  uint32 // Receive or Change; 0 for owner and revealer keys
	Index   uint32
	PubKey  []byte // compressed
	Script  []byte
	Address string
}

// Branch is the two bytes that stand for a row of keys in labels.db.
type Branch [2]byte

const (
	ownerByte    = 1
	revealerByte = 2
)

// At is the key of labels.db for an index of the branch.
func (b Branch) At(index uint32) []byte { return append(b[:len(b):len(b)], u32(index)...) }

func PaymentBranch(kind Kind, b uint32) Branch { return Branch{byte(kind.Purpose()), byte(b)} }

func RoleBranch(r Role) Branch {
	switch r {
	case Owner:
		return Branch{ownerByte, 0}
	case Shared:
		return Branch{SharedByte, 0}
	}
	return Branch{revealerByte, 0}
}

// BranchOf is the branch of a key.
func BranchOf(k Key) Branch {
	if k.Role != Payment {
		return RoleBranch(k.Role)
	}
	return PaymentBranch(k.Kind, k.Branch)
}

// Branches lists every row of keys.
func Branches() []Branch {
	var out []Branch
	for _, k := range Kinds() {
		out = append(out, PaymentBranch(k, Receive), PaymentBranch(k, Change))
	}
	return append(out, RoleBranch(Owner), RoleBranch(Revealer))
}

func (b Branch) Role() Role {
	switch b[0] {
	case ownerByte:
		return Owner
	case revealerByte:
		return Revealer
	case SharedByte:
		return Shared
	}
	return Payment
}

func (b Branch) Kind() Kind {
	if b[0] == SharedByte {
		return P2SH
	}
	for _, k := range Kinds() {
		if k.Purpose() == uint32(b[0]) {
			return k
		}
	}
	return P2PKH
}

// newKey fills in script and address.
func newKey(net *chaincfg.Params, b Branch, index uint32, pub *btcec.PublicKey) (Key, error) {
	k := Key{Role: b.Role(), Kind: b.Kind(), Branch: uint32(b[1]), Index: index, PubKey: pub.SerializeCompressed()}
	addr, err := keyAddress(net, k.Kind, pub)
	if err != nil {
		return Key{}, fmt.Errorf("address of key %d: %w", index, err)
	}
	k.Address = addr.EncodeAddress()
	if k.Script, err = txscript.PayToAddrScript(addr); err != nil {
		return Key{}, fmt.Errorf("script of key %d: %w", index, err)
	}
	return k, nil
}

func keyAddress(net *chaincfg.Params, kind Kind, pub *btcec.PublicKey) (address.Address, error) {
	hash := address.Hash160(pub.SerializeCompressed())
	switch kind {
	case P2SHP2WPKH:
		witness, err := address.NewAddressWitnessPubKeyHash(hash, net)
		if err != nil {
			return nil, err
		}
		redeem, err := txscript.PayToAddrScript(witness)
		if err != nil {
			return nil, err
		}
		return address.NewAddressScriptHash(redeem, net)
	case P2WPKH:
		return address.NewAddressWitnessPubKeyHash(hash, net)
	case P2TR:
		return address.NewAddressTaproot(schnorr.SerializePubKey(txscript.ComputeTaprootKeyNoScript(pub)), net)
	default:
		return address.NewAddressPubKeyHash(hash, net)
	}
}

// AddressOf is the address text of one of our scripts.
func AddressOf(net *chaincfg.Params, script []byte) string {
	return outscript.Address(script, net)
}

// NewPaymentKey is the payment key of a place, from its public key.
func NewPaymentKey(net *chaincfg.Params, kind Kind, b, index uint32, pub *btcec.PublicKey) (Key, error) {
	return newKey(net, PaymentBranch(kind, b), index, pub)
}

func u32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }
