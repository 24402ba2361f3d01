package gaia

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
)

// Key is the key that a bucket belongs to. The private part stays where it is.
type Key interface {
	PublicKey() *btcec.PublicKey
	// SignPayload makes a signed token (ES256K) of a payload.
	SignPayload(ctx context.Context, payload []byte) (string, error)
}

// tokenLife is how long a token for a hub lasts; the reference's last for ever.
const tokenLife = time.Hour

// What a token is for.
const (
	scopePut    = "putFile"
	scopeDelete = "deleteFile"
)

// hubToken is the payload of a token for a hub, its fields in the order of the old clients
// (identity 8.2).
type hubToken struct {
	Challenge string     `json:"gaiaChallenge"`
	HubURL    string     `json:"hubUrl"`
	Issuer    string     `json:"iss"`
	Salt      string     `json:"salt"`
	Expires   int64      `json:"exp"`
	IssuedAt  int64      `json:"iat"`
	Scopes    []hubScope `json:"scopes"`
}

// hubScope limits a token to a path.
type hubScope struct {
	Scope  string `json:"scope"`
	Domain string `json:"domain"`
}

// token signs a token that lets one thing be done to one path for an hour.
func (h *Hub) token(ctx context.Context, scope, path string) (string, error) {
	var salt [16]byte
	rand.Read(salt[:]) // never gives an error
	now := h.clock()
	payload, err := json.Marshal(hubToken{
		Challenge: h.info.Challenge, HubURL: strings.TrimSuffix(h.hub.String(), "/"),
		Issuer: hex.EncodeToString(h.key.PublicKey().SerializeCompressed()), Salt: hex.EncodeToString(salt[:]),
		Expires: now.Add(tokenLife).Unix(), IssuedAt: now.Unix(), Scopes: []hubScope{{scope, path}},
	})
	if err != nil {
		return "", fmt.Errorf("token for %s: %w", h.hub, err)
	}
	return h.key.SignPayload(ctx, payload)
}
