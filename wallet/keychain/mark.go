package keychain

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"

	"blockstack/wallet/secret"
)

// markInfo: the key of marks is HKDF-SHA256(key of m/888'/2'/0', no salt, "blockstack/mark/v1"), 32 bytes, and a mark is
// HMAC-SHA256 of the text under it.
const markInfo = "blockstack/mark/v1"

// Mark is a code over a text that only the seed gives, on any machine: it shows later that a holder of the password was
// there when it was made. It signs nothing. ErrLocked.
func (k *Keychain) Mark(text []byte) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	node, err := k.derive(SealedPath())
	if err != nil {
		return nil, err
	}
	defer node.Zero()
	priv, err := node.ECPrivKey()
	if err != nil {
		return nil, fmt.Errorf("derive %s: %w", SealedPath(), err)
	}
	defer priv.Zero()
	ikm := priv.Serialize()
	defer secret.Zero(ikm)
	key, err := hkdf.Key(sha256.New, ikm, nil, markInfo, 32)
	if err != nil {
		return nil, fmt.Errorf("derive %s: %w", SealedPath(), err)
	}
	defer secret.Zero(key)
	h := hmac.New(sha256.New, key)
	h.Write(text)
	return h.Sum(nil), nil
}
