package coins

import (
	"fmt"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/txscript/v2"
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

// Purpose is the first step of the derivation path of payment keys of a kind, 0
// for an unknown kind.
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

// branch is the two bytes that stand for a row of keys in labels.db.
type branch [2]byte

const (
	ownerByte    = 1
	revealerByte = 2
)

// at is the key of labels.db for an index of the branch.
func (b branch) at(index uint32) []byte { return append(b[:len(b):len(b)], u32(index)...) }

func paymentBranch(kind Kind, b uint32) branch { return branch{byte(kind.Purpose()), byte(b)} }

func roleBranch(r Role) branch {
	switch r {
	case Owner:
		return branch{ownerByte, 0}
	case Shared:
		return branch{sharedByte, 0}
	}
	return branch{revealerByte, 0}
}

// branches lists every row of keys.
func branches() []branch {
	var out []branch
	for _, k := range Kinds() {
		out = append(out, paymentBranch(k, Receive), paymentBranch(k, Change))
	}
	return append(out, roleBranch(Owner), roleBranch(Revealer))
}

func (b branch) role() Role {
	switch b[0] {
	case ownerByte:
		return Owner
	case revealerByte:
		return Revealer
	case sharedByte:
		return Shared
	}
	return Payment
}

func (b branch) kind() Kind {
	if b[0] == sharedByte {
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
func newKey(net *chaincfg.Params, b branch, index uint32, pub *btcec.PublicKey) (Key, error) {
	k := Key{Role: b.role(), Kind: b.kind(), Branch: uint32(b[1]), Index: index, PubKey: pub.SerializeCompressed()}
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

// scriptAddress is the address text of one of our scripts.
func scriptAddress(net *chaincfg.Params, script []byte) string {
	_, addrs, _, err := txscript.ExtractPkScriptAddrs(script, net)
	if err != nil || len(addrs) != 1 {
		return ""
	}
	return addrs[0].EncodeAddress()
}
