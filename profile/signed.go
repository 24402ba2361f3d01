package profile

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
)

// signed is what all signed texts have in common: three parts, a header that names ES256K, and a
// signature. The payload says whose the key is.
type signed struct {
	raw       string // the compact form
	digest    [32]byte
	signature [64]byte // R || S
	issuer    *btcec.PublicKey
	warnings  []Warning
}

// header is what the JavaScript clients write.
const header = `{"typ":"JWT","alg":"ES256K"}`

// strictBase64 is base64url without padding; unused bits must be zero. It skips line feeds, which
// decodePart refuses.
var strictBase64 = base64.RawURLEncoding.Strict()

// parse reads the compact form and gives the payload.
func (s *signed) parse(raw []byte) ([]byte, error) {
	if len(raw) > MaxSize {
		return nil, malformed("token", "longer than %d bytes", MaxSize)
	}
	head, rest, _ := bytes.Cut(raw, []byte{'.'})
	body, tail, found := bytes.Cut(rest, []byte{'.'})
	if !found {
		return nil, malformed("token", "want three parts with a dot between them")
	}
	if bytes.IndexByte(tail, '.') >= 0 {
		return nil, malformed("token", "more than three parts")
	}
	s.raw, s.digest = string(raw), sha256.Sum256(raw[:len(head)+1+len(body)])
	header, err := decodePart("token header", head)
	if err != nil {
		return nil, err
	}
	if err := s.readHeader(header); err != nil {
		return nil, err
	}
	signature, err := decodePart("token signature", tail)
	if err != nil {
		return nil, err
	}
	if len(signature) != len(s.signature) {
		return nil, malformed("token signature", "%d bytes; want 64, R and S", len(signature))
	}
	copy(s.signature[:], signature)
	return decodePart("token payload", body)
}

func decodePart(what string, part []byte) ([]byte, error) {
	if bytes.IndexByte(part, '\n') >= 0 || bytes.IndexByte(part, '\r') >= 0 {
		return nil, malformed(what, "line break inside")
	}
	out := make([]byte, strictBase64.DecodedLen(len(part)))
	n, err := strictBase64.Decode(out, part)
	if err != nil {
		return nil, malformed(what, "not base64url without padding")
	}
	return out[:n], nil
}

// readHeader checks what the header says about the signature.
func (s *signed) readHeader(raw []byte) error {
	const what = "token header"
	fields, err := readObject(what, raw)
	if err != nil {
		return err
	}
	if _, found := find(fields, "crit"); found {
		return malformed(what, "has critical extensions (crit), of which none is known")
	}
	alg, found := find(fields, "alg")
	if !found {
		return malformed(what, "does not say the signing algorithm (alg)")
	}
	switch name, isText := text(alg); {
	case !isText:
		return malformed(what, "signing algorithm (alg) is not text")
	case name == "ES256k":
		s.warnings = append(s.warnings, WarnAlgorithmCase)
	case name != "ES256K":
		return malformed(what, "signing algorithm is %s; want ES256K", quote(name))
	}
	return nil
}

// verify says what is wrong with the signature, or nothing. R and S must be from 1 to the group
// order less 1; either half of S is accepted, because the old signer did not normalise it.
func (s *signed) verify() string {
	var r, v btcec.ModNScalar
	overflow := r.SetByteSlice(s.signature[:32])
	overflow = v.SetByteSlice(s.signature[32:]) || overflow
	if overflow || r.IsZero() || v.IsZero() {
		return "signature has a part that is zero or not below the group order"
	}
	if !ecdsa.NewSignature(&r, &v).Verify(s.digest[:], s.issuer) {
		return "signature does not verify with the issuer's key"
	}
	return ""
}

// signText signs a header and a payload as they are and gives the compact form. S is made low
// unless keepS is set. The signature is verified before it is given out.
func signText(ctx context.Context, header, payload []byte, s Signer, keepS bool) (string, error) {
	input := strictBase64.EncodeToString(header) + "." + strictBase64.EncodeToString(payload)
	made := signed{digest: sha256.Sum256([]byte(input)), issuer: s.PublicKey()}
	signature, err := s.SignToken(ctx, header, payload)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	r, v := signature.R(), signature.S()
	if !keepS && v.IsOverHalfOrder() {
		v.Negate()
	}
	r.PutBytesUnchecked(made.signature[:32])
	v.PutBytesUnchecked(made.signature[32:])
	if made.verify() != "" {
		return "", fmt.Errorf("sign token: %w", ErrSigner)
	}
	return input + "." + strictBase64.EncodeToString(made.signature[:]), nil
}

// readObject reads a part of the token as a JSON object, strictly.
func readObject(what string, raw []byte) ([]field, error) {
	fields, err := checkObject(raw)
	if err != nil {
		return nil, malformed(what, "%v", err)
	}
	return fields, nil
}

// partyKey gives the text of the publicKey of the subject or the issuer.
func partyKey(what string, payload []field, key string) (string, error) {
	raw, found := find(payload, key)
	if !found {
		return "", malformed(what, "missing")
	}
	party, isObject := splitObject(raw)
	if !isObject {
		return "", malformed(what, "not an object")
	}
	hexKey, found := findText(party, "publicKey")
	if !found {
		return "", malformed(what, "has no publicKey that is text")
	}
	return hexKey, nil
}
