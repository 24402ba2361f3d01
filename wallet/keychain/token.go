package keychain

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
)

// What a signature of a token covers:
//
//	hash  = SHA-256( input )
//	input = BASE64URL( header ) "." BASE64URL( payload )
//
// both without padding. Header and payload are JSON objects and the header names ES256K, so that no
// signature of a token is one of a transaction or of a message, whose hashes are made twice of
// other bytes.

// TokenHash is what a token's signature signs. ErrToken: header and payload are not those of a
// token.
func TokenHash(header, payload []byte) ([32]byte, error) {
	var h struct {
		Alg string `json:"alg"`
	}
	if !isObject(header) || json.Unmarshal(header, &h) != nil || h.Alg != "ES256K" {
		return [32]byte{}, fmt.Errorf("%w: the header does not name ES256K", ErrToken)
	}
	if !isObject(payload) {
		return [32]byte{}, fmt.Errorf("%w: the payload is not a JSON object", ErrToken)
	}
	b64 := base64.RawURLEncoding
	return sha256.Sum256([]byte(b64.EncodeToString(header) + "." + b64.EncodeToString(payload))), nil
}

// isObject reports whether bytes are one JSON object.
func isObject(b []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) && json.Valid(b)
}

// SignToken signs a token whose header and payload are given, byte for byte; the signature is ECDSA
// with the nonce of RFC 6979 and low S. ErrToken.
func (k *Key) SignToken(ctx context.Context, header, payload []byte) (*ecdsa.Signature, error) {
	hash, err := TokenHash(header, payload)
	if err != nil {
		return nil, err
	}
	return k.signHash(ctx, hash)
}

// SignMessage signs a message in the legacy form (MessageHash).
func (k *Key) SignMessage(ctx context.Context, message string) (*ecdsa.Signature, error) {
	return k.signHash(ctx, MessageHash(message))
}
