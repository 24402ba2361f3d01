package profile

import (
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
)

// Token is a signed statement whose claim is a profile, in the form in which it was read. Reading
// it says nothing about who signed it: see Verifier.
type Token struct {
	signed
	subject   *btcec.PublicKey
	id        string
	issuedAt  stamp
	expiresAt stamp
	notBefore stamp
	claim     []byte // JSON object as it was written
}

// ParseToken reads a token in its compact form. The grammar stands in the package comment. Nothing
// is trimmed: one line feed at the end of a file is the file reader's business. Errors wrap
// ErrMalformed.
func ParseToken(raw []byte) (*Token, error) {
	t := &Token{}
	payload, err := t.parse(raw)
	if err != nil {
		return nil, err
	}
	if err := t.readPayload(payload); err != nil {
		return nil, err
	}
	return t, nil
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

// readTimes reads iat, exp and nbf, or what the Python clients of 2016 wrote in place of the first
// two.
func (t *Token) readTimes(what string, fields []field) error {
	var err error
	if t.issuedAt, err = timeField(what, fields, "iat", "issuedAt"); err != nil {
		return err
	}
	if t.expiresAt, err = timeField(what, fields, "exp", "expiresAt"); err != nil {
		return err
	}
	if t.notBefore, err = timeField(what, fields, "nbf", "notBefore"); err != nil {
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

// NotBefore is when the token says it begins to count; false when it does not say.
func (t *Token) NotBefore() (time.Time, bool) { return t.notBefore.at, t.notBefore.set }

// Unverified gives the profile inside without any judgement: for showing who claims what, never for
// deciding anything.
func (t *Token) Unverified() *Profile {
	p, err := parseChecked("claim", t.claim)
	if err != nil {
		panic("bug: claim of an accepted token: " + err.Error())
	}
	return p
}
