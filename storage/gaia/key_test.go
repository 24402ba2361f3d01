package gaia

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"

	"blockstack/profile"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// signer is a key as profiles are signed with.
type signer struct{ key *btcec.PrivateKey }

func (s signer) PublicKey() *btcec.PublicKey { return s.key.PubKey() }

func (s signer) SignToken(_ context.Context, header, payload []byte) (*ecdsa.Signature, error) {
	hash := sha256.Sum256([]byte(base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)))
	return ecdsa.Sign(s.key, hash[:]), nil
}

func (s signer) SignPayload(ctx context.Context, payload []byte) (string, error) {
	return profile.SignPayload(ctx, payload, s)
}

func keyFor(seed byte) signer {
	key, _ := btcec.PrivKeyFromBytes(bytes.Repeat([]byte{seed}, 32))
	return signer{key}
}

func hexKey(s signer) string { return hex.EncodeToString(s.PublicKey().SerializeCompressed()) }
