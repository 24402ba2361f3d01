package profile

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
)

// Signer signs with one key that it does not give out.
type Signer interface {
	// PublicKey is the key's public half.
	PublicKey() *btcec.PublicKey
	// SignToken signs the token of a header and a payload, byte for byte: ECDSA on secp256k1, with
	// the nonce of RFC 6979, of SHA-256( BASE64URL( header ) "." BASE64URL( payload ) ). The signer
	// builds what it signs, so that what it is asked for is a token and nothing else.
	SignToken(ctx context.Context, header, payload []byte) (*ecdsa.Signature, error)
}

// Issue is what a new token says about itself. Zero fields are filled in.
type Issue struct {
	ID        string    // jti; empty: a random UUID (version 4)
	IssuedAt  time.Time // zero: now
	ExpiresAt time.Time // zero: one calendar year after IssuedAt
	KeepS     bool      // keep S as the signer gave it, for the identical bytes of the old signer, which did not normalise it
}

// Sign makes a token of the profile that is valid from now for one calendar year.
func Sign(ctx context.Context, p *Profile, s Signer) (*Token, error) {
	return SignIssue(ctx, p, s, Issue{})
}

// SignIssue makes a token of the profile. The payload has the fields and the order of the
// JavaScript clients (identity 3.2); subject and issuer are the signer's compressed key. S is made
// low unless KeepS is set. The token is read back and its signature verified before it is given
// out.
func SignIssue(ctx context.Context, p *Profile, s Signer, is Issue) (*Token, error) {
	if is.ID == "" {
		is.ID = newID()
	}
	if is.IssuedAt.IsZero() {
		is.IssuedAt = time.Now()
	}
	if is.ExpiresAt.IsZero() {
		is.ExpiresAt = is.IssuedAt.UTC().AddDate(1, 0, 0)
	}
	claim, err := p.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	party := joinObject([]field{newField("publicKey", quoteJSON(keyText(s.PublicKey())))})
	payload := joinObject([]field{
		newField("jti", quoteJSON(is.ID)),
		newField("iat", quoteJSON(is.IssuedAt.UTC().Format(isoMillis))),
		newField("exp", quoteJSON(is.ExpiresAt.UTC().Format(isoMillis))),
		newField("subject", party),
		newField("issuer", party),
		newField("claim", claim),
	})
	return signParts(ctx, []byte(header), payload, s, is.KeepS)
}

// signParts makes a token of a header and a payload as they are.
func signParts(ctx context.Context, header, payload []byte, s Signer, keepS bool) (*Token, error) {
	compactForm, err := signText(ctx, header, payload, s, keepS)
	if err != nil {
		return nil, err
	}
	t, err := ParseToken([]byte(compactForm))
	if err != nil {
		return nil, fmt.Errorf("read back the signed token: %w", err)
	}
	if !t.issuer.IsEqual(s.PublicKey()) {
		return nil, fmt.Errorf("sign token: %w", ErrSigner)
	}
	return t, nil
}

// parts gives the decoded header and payload and the signature text.
func (t *Token) parts() (header, payload json.RawMessage, signature string) {
	parts := strings.Split(t.raw, ".")
	header, err := strictBase64.DecodeString(parts[0])
	if err == nil {
		payload, err = strictBase64.DecodeString(parts[1])
	}
	if err != nil {
		panic("bug: decoding an accepted token: " + err.Error())
	}
	return header, payload, parts[2]
}

// newID makes a random UUID, version 4 (RFC 9562 section 5.4).
func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never gives an error
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// SignPayload signs a JSON object as ES256K tokens are signed, and gives the compact form: for the
// tokens of a storage hub (identity 8.2), which are no profiles. S is low.
func SignPayload(ctx context.Context, payload []byte, s Signer) (string, error) {
	if _, err := readObject("payload", payload); err != nil {
		return "", err
	}
	return signText(ctx, []byte(header), payload, s, false)
}
