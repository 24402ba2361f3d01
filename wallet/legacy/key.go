package legacy

import (
	"context"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/btcsuite/btcd/address/v2/base58"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"

	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// Key is one private key of an old client. It signs and prints as its public key.
type Key struct {
	pub        *btcec.PublicKey
	compressed bool

	mu   sync.RWMutex
	priv **btcec.PrivateKey // behind two pointers: package fmt prints an address
}

// newKey takes over the 32 bytes of a key and wipes them.
func newKey(b []byte, compressed bool) (*Key, error) {
	defer secret.Zero(b)
	var n btcec.ModNScalar
	overflow := n.SetByteSlice(b)
	defer n.Zero()
	if len(b) != btcec.PrivKeyBytesLen || overflow || n.IsZero() {
		return nil, fmt.Errorf("%w: it is not a number from 1 to the order of the group", ErrBadKey)
	}
	priv := btcec.PrivKeyFromScalar(&n)
	return &Key{pub: priv.PubKey(), compressed: compressed, priv: &priv}, nil
}

// hexKey reads 64 digits, or 66 that end in 01 and mean a compressed public key.
func hexKey(digits []byte) (*Key, error) {
	compressed := len(digits) == 66
	if !compressed && len(digits) != 64 {
		return nil, fmt.Errorf("%w: it has %d digits, not 64 or 66", ErrBadKey, len(digits))
	}
	for _, c := range digits {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return nil, fmt.Errorf("%w: it has characters that are not lower-case hex digits", ErrBadKey)
		}
	}
	if compressed && string(digits[64:]) != "01" {
		return nil, fmt.Errorf("%w: 66 digits do not end in 01", ErrBadKey)
	}
	b := make([]byte, 32)
	if _, err := hex.Decode(b, digits[:64]); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadKey, err)
	}
	return newKey(b, compressed)
}

// wifKey reads wallet import format: base58check of a version byte, the key and, for a compressed
// public key, 01.
func wifKey(text []byte) (*Key, error) {
	b, version, err := base58.CheckDecode(string(text)) // the library takes strings only
	if err != nil {
		return nil, fmt.Errorf("%w: it is not wallet import format", ErrBadKey)
	}
	defer secret.Zero(b)
	if version != 0x80 && version != 0xef {
		return nil, fmt.Errorf("%w: version %#x is not that of a private key", ErrBadKey, version)
	}
	compressed := len(b) == 33 && b[32] == 1
	if !compressed && len(b) != 32 {
		return nil, fmt.Errorf("%w: it holds %d bytes", ErrBadKey, len(b))
	}
	return newKey(append([]byte{}, b[:32]...), compressed)
}

// PublicKey is the public key, also after Wipe.
func (k *Key) PublicKey() *btcec.PublicKey { return k.pub }

// Compressed says whether the key's scripts use the compressed public key.
func (k *Key) Compressed() bool { return k.compressed }

// serialized is the public key as the key's scripts have it.
func (k *Key) serialized() []byte {
	if k.compressed {
		return k.pub.SerializeCompressed()
	}
	return k.pub.SerializeUncompressed()
}

// signHash signs a 32-byte hash: ECDSA with the nonce of RFC 6979 and low S.
func (k *Key) signHash(ctx context.Context, hash [32]byte) (*ecdsa.Signature, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.priv == nil {
		return nil, keychain.ErrLocked
	}
	return ecdsa.Sign(*k.priv, hash[:]), nil
}

// Wipe zeroes the private key.
func (k *Key) Wipe() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.priv != nil {
		(*k.priv).Zero()
		k.priv = nil
	}
}

// Format prints the public key under every verb.
func (k *Key) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "key of %x", k.serialized()) }
