package profile

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
)

// Token is a signed statement whose claim is a profile, in the form in which it was read. Reading it says nothing about who signed
// it: see Verifier.
type Token struct {
	raw       string // the compact form
	digest    [32]byte
	signature [64]byte // R || S
	issuer    *btcec.PublicKey
	subject   *btcec.PublicKey
	id        string
	issuedAt  stamp
	expiresAt stamp
	claim     []byte // JSON object as it was written
	warnings  []Warning
}

// strictBase64 is base64url without padding; unused bits must be zero. It skips line feeds, which decodePart refuses.
var strictBase64 = base64.RawURLEncoding.Strict()

// ParseToken reads a token in its compact form. The grammar stands in the package comment. Nothing is trimmed: one line feed at the
// end of a file is the file reader's business. Errors wrap ErrMalformed.
func ParseToken(raw []byte) (*Token, error) {
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
	t := &Token{raw: string(raw), digest: sha256.Sum256(raw[:len(head)+1+len(body)])}
	header, err := decodePart("token header", head)
	if err != nil {
		return nil, err
	}
	if err := t.readHeader(header); err != nil {
		return nil, err
	}
	signature, err := decodePart("token signature", tail)
	if err != nil {
		return nil, err
	}
	if len(signature) != len(t.signature) {
		return nil, malformed("token signature", "%d bytes; want 64, R and S", len(signature))
	}
	copy(t.signature[:], signature)
	payload, err := decodePart("token payload", body)
	if err != nil {
		return nil, err
	}
	if err := t.readPayload(payload); err != nil {
		return nil, err
	}
	return t, nil
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

func (t *Token) readHeader(raw []byte) error {
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
		t.warnings = append(t.warnings, WarnAlgorithmCase)
	case name != "ES256K":
		return malformed(what, "signing algorithm is %s; want ES256K", quote(name))
	}
	return nil
}

func (t *Token) readPayload(raw []byte) error {
	const what = "token payload"
	fields, err := readObject(what, raw)
	if err != nil {
		return err
	}
	subject, err := partyKey(what+" subject", fields, "subject")
	if err != nil {
		return err
	}
	issuer, err := partyKey(what+" issuer", fields, "issuer")
	if err != nil {
		return err
	}
	if t.issuer, err = parseKey(what+" issuer", issuer); err != nil {
		return err
	}
	t.subject = t.issuer
	if subject != issuer { // reading a key costs a square root, so the usual case does it once
		if t.subject, err = parseKey(what+" subject", subject); err != nil {
			return err
		}
	}
	if !t.subject.IsEqual(t.issuer) {
		t.warnings = append(t.warnings, WarnSubjectDiffers)
	}
	claim, found := find(fields, "claim")
	if !found {
		return malformed(what, "has no claim")
	}
	if claim[0] != '{' {
		return malformed(what, "claim is not an object")
	}
	t.claim = claim
	t.id, _ = findText(fields, "jti")
	return t.readTimes(what, fields)
}

// readTimes reads iat and exp, or what the Python clients of 2016 wrote in their place.
func (t *Token) readTimes(what string, fields []field) error {
	var err error
	if t.issuedAt, err = timeField(what, fields, "iat", "issuedAt"); err != nil {
		return err
	}
	if t.expiresAt, err = timeField(what, fields, "exp", "expiresAt"); err != nil {
		return err
	}
	if !t.issuedAt.set {
		t.warnings = append(t.warnings, WarnNoIssuedAt)
	}
	if !t.expiresAt.set {
		t.warnings = append(t.warnings, WarnNoExpiry)
	}
	if t.issuedAt.set && t.expiresAt.set && t.expiresAt.at.Before(t.issuedAt.at) {
		return malformed(what, "expires before it was issued")
	}
	return nil
}

func timeField(what string, fields []field, key, oldKey string) (stamp, error) {
	raw, found := find(fields, key)
	if !found {
		key = oldKey
		if raw, found = find(fields, key); !found {
			return stamp{}, nil
		}
	}
	at, err := parseTime(what+" "+key, raw)
	return stamp{at: at, set: err == nil}, err
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

// String gives the compact form, exactly as it was read or signed.
func (t *Token) String() string { return t.raw }

// ID is the jti, or empty.
func (t *Token) ID() string { return t.id }

// Issuer is the key that the token says it is signed with.
func (t *Token) Issuer() *btcec.PublicKey { return t.issuer }

// Subject is the key that the token says it is about.
func (t *Token) Subject() *btcec.PublicKey { return t.subject }

// IssuedAt is when the token says it was made; false when it does not say.
func (t *Token) IssuedAt() (time.Time, bool) { return t.issuedAt.at, t.issuedAt.set }

// ExpiresAt is when the token says it ends; false when it does not say.
func (t *Token) ExpiresAt() (time.Time, bool) { return t.expiresAt.at, t.expiresAt.set }

// Unverified gives the profile inside without any judgement: for showing who claims what, never for deciding anything.
func (t *Token) Unverified() *Profile {
	p, err := parseChecked("claim", t.claim)
	if err != nil {
		panic("bug: claim of an accepted token: " + err.Error())
	}
	return p
}
