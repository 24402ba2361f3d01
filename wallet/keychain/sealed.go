package keychain

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/crypto/curve25519"
	"golang.org/x/crypto/nacl/box"

	"blockstack/wallet/keychain/hdpath"
	"blockstack/wallet/secret"
)

// Sealed boxes: bytes that anybody who has the public half can write, and only the seed can read.
// The public half is usable while the keychain is locked.
//
//	private = HKDF-SHA256(key of m/888'/2'/0', no salt, "blockstack/sealed-box/v1"), 32 bytes, an X25519 scalar (RFC 7748)
//	sealed  = ephemeral(32) box                 NaCl's sealed box: X25519, XSalsa20-Poly1305
//
// The key at m/888'/2'/0' signs nothing. A sealed box does not show for whom it is, so who does not
// have the public half, which is kept like the account keys, can neither write one that opens nor
// tell whose it is.
const sealedInfo = "blockstack/sealed-box/v1"

// SealedKey is the public half of the key that opens sealed boxes.
type SealedKey [32]byte

// SealedOverhead is how many bytes a sealed box is longer than what is in it.
const SealedOverhead = box.AnonymousOverhead

// ErrNotForUs says that a sealed box was not made for this seed, or was damaged.
var ErrNotForUs = errors.New("it is damaged, or was not sealed for this seed")

// Seal seals bytes for the holder of a seed.
func (k SealedKey) Seal(plain []byte) ([]byte, error) {
	if k == (SealedKey{}) {
		return nil, errors.New("seal: no key")
	}
	sealed, err := box.SealAnonymous(nil, plain, (*[32]byte)(&k), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sealed, nil
}

// SealedKey derives the public half of the key that opens sealed boxes.
func (k *Keychain) SealedKey() (pub SealedKey, err error) {
	err = k.useSealed(func(public, _ *[32]byte) { pub = *public })
	return pub, err
}

// OpenSealed opens a sealed box. ErrLocked, ErrNotForUs.
func (k *Keychain) OpenSealed(sealed []byte) (plain []byte, err error) {
	ok := false
	if err := k.useSealed(func(public, private *[32]byte) { plain, ok = box.OpenAnonymous(nil, sealed, public, private) }); err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrNotForUs
	}
	return plain, nil
}

// useSealed derives the key for the time of a call.
func (k *Keychain) useSealed(f func(public, private *[32]byte)) error {
	scalar, err := k.sealedSecret(sealedInfo)
	if err != nil {
		return err
	}
	defer secret.Zero(scalar)
	point, err := curve25519.X25519(scalar, curve25519.Basepoint)
	if err != nil {
		return fmt.Errorf("derive %s: %w", hdpath.Sealed(), err)
	}
	f((*[32]byte)(point), (*[32]byte)(scalar))
	return nil
}

// sealedSecret derives 32 bytes from the key at Sealed for one use of it. The caller wipes them.
func (k *Keychain) sealedSecret(info string) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	node, err := k.derive(hdpath.Sealed())
	if err != nil {
		return nil, err
	}
	defer node.Zero()
	priv, err := node.ECPrivKey()
	if err != nil {
		return nil, fmt.Errorf("derive %s: %w", hdpath.Sealed(), err)
	}
	defer priv.Zero()
	ikm := priv.Serialize()
	defer secret.Zero(ikm)
	key, err := hkdf.Key(sha256.New, ikm, nil, info, 32)
	if err != nil {
		return nil, fmt.Errorf("derive %s: %w", hdpath.Sealed(), err)
	}
	return key, nil
}

// markInfo: the key of marks is HKDF-SHA256(key of m/888'/2'/0', no salt, "blockstack/mark/v1"), 32
// bytes, and a mark is HMAC-SHA256 of the text under it.
const markInfo = "blockstack/mark/v1"

// Mark is a code over a text that only the seed gives, on any machine: it shows later that a holder
// of the password was there when it was made. It signs nothing. ErrLocked.
func (k *Keychain) Mark(text []byte) ([]byte, error) {
	key, err := k.sealedSecret(markInfo)
	if err != nil {
		return nil, err
	}
	defer secret.Zero(key)
	h := hmac.New(sha256.New, key)
	h.Write(text)
	return h.Sum(nil), nil
}
