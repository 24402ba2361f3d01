package proof

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"blockstack/profile"
)

// A PGP account (identity 5.5) is role "key", service "pgp": identifier is the fingerprint of the
// primary key in hex, contentUrl leads to the armored public key. The proof is a signature by that
// key or one of its signing subkeys: proofMessage with a detached armored proofSignature, or a
// clear-signed proofMessage alone. Keys and signatures are armored (RFC 9580); only the packets
// that belong there are let through to the library, so nothing is decompressed.

// The packets of public keys and of signatures (RFC 9580 section 5).
const (
	tagSignature     = 2
	tagPublicKey     = 6
	tagTrust         = 12
	tagUserID        = 13
	tagPublicSubkey  = 14
	tagUserAttribute = 17
	tagPadding       = 21
)

// checkPGP reads the key and checks the signature.
func (c *Checker) checkPGP(ctx context.Context, s Subject, a profile.Account, r Result) Result {
	fingerprint, ok := fingerprintOf(a.Identifier)
	switch {
	case !ok:
		return r.is(False, "the identifier is not the fingerprint of a PGP key: 40 or 64 hex digits")
	case a.ProofMessage == "":
		return r.is(Unchecked, "the profile carries no signed statement for it")
	case len(a.ProofMessage) > 1<<16 || len(a.ProofSignature) > 1<<16:
		return r.is(False, "the signed statement is too long")
	}
	said, signed, signature, err := pgpStatement(a)
	if err != nil {
		return r.is(False, "%v", err)
	}
	if Says(said, s.Name, s.Owner) == "" {
		return r.is(False, "the message does not say it")
	}
	if !strings.HasPrefix(a.ContentURL, "https://") || len(a.ContentURL) > 2048 {
		return r.is(Unchecked, "the profile does not say where the key is: contentUrl, beginning with https://")
	}
	got, ok := c.fetch(ctx, a.ContentURL, &r)
	if !ok {
		return r
	}
	entity, err := pgpKey(got.Body, fingerprint)
	if err != nil {
		return r.is(False, "the key at %.200s: %v", got.URL, err)
	}
	now := r.CheckedAt
	config := &packet.Config{Time: func() time.Time { return now }}
	_, err = openpgp.CheckDetachedSignature(openpgp.EntityList{entity}, bytes.NewReader(signed), bytes.NewReader(signature), config)
	switch {
	case errors.Is(err, pgperrors.ErrKeyExpired):
		return r.is(False, "the key has expired")
	case errors.Is(err, pgperrors.ErrKeyRevoked):
		return r.is(False, "the key was revoked")
	case errors.Is(err, pgperrors.ErrSignatureExpired):
		return r.is(False, "the signature has expired")
	case err != nil:
		return r.is(False, "the signature does not verify: %v", err)
	}
	r.By = "signature"
	return r.is(True, "signed with the PGP key")
}

// fingerprintOf reads a fingerprint as people write it: in groups, in either case, with 0x in
// front.
func fingerprintOf(text string) ([]byte, bool) {
	text = strings.TrimPrefix(strings.Join(strings.Fields(lower(text)), ""), "0x")
	raw, err := hex.DecodeString(text)
	return raw, err == nil && (len(raw) == 20 || len(raw) == 32)
}

var (
	errNotPGPSignature = errors.New("not an armored PGP signature")
	errNotPGPKey       = errors.New("not an armored public PGP key")
	errPGPSecret       = errors.New("holds a private key")
	errPGPOther        = errors.New("is not the key with this fingerprint")
)

// pgpStatement gives what is said, the bytes that are signed, and the signature.
func pgpStatement(a profile.Account) (said string, signed, signature []byte, err error) {
	if a.ProofSignature == "" {
		block, rest := clearsign.Decode([]byte(a.ProofMessage))
		if block == nil || len(bytes.TrimSpace(rest)) > 0 || !strings.HasPrefix(strings.TrimSpace(a.ProofMessage), "-----BEGIN PGP SIGNED MESSAGE-----") {
			return "", nil, nil, errNotPGPSignature
		}
		raw, err := packets(block.ArmoredSignature, tagSignature)
		return string(block.Plaintext), block.Bytes, raw, err
	}
	block, err := armored(a.ProofSignature, openpgp.SignatureType)
	if err != nil {
		return "", nil, nil, errNotPGPSignature
	}
	raw, err := packets(block, tagSignature)
	return a.ProofMessage, []byte(a.ProofMessage), raw, err
}

// armored takes one armored block of a kind out of a text that holds nothing else.
func armored(text, kind string) (*armor.Block, error) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "-----BEGIN "+kind+"-----") || strings.Count(text, "-----BEGIN ") != 1 {
		return nil, io.ErrUnexpectedEOF
	}
	return armor.Decode(strings.NewReader(text))
}

// packets reads the packets of a block, of which there must be some and none but those of the given
// kinds.
func packets(block *armor.Block, kinds ...uint8) ([]byte, error) {
	wrong := errNotPGPSignature
	if kinds[0] != tagSignature {
		wrong = errNotPGPKey
	}
	raw, err := io.ReadAll(io.LimitReader(block.Body, MaxPage))
	if err != nil || len(raw) == 0 {
		return nil, wrong
	}
	r := packet.NewOpaqueReader(bytes.NewReader(raw))
	for {
		p, err := r.Next()
		if errors.Is(err, io.EOF) {
			return raw, nil
		}
		switch {
		case err != nil:
			return nil, wrong
		case p.Tag == 5 || p.Tag == 7:
			return nil, errPGPSecret
		case !slices.Contains(kinds, p.Tag):
			return nil, wrong
		}
	}
}

// pgpKey finds the key with a fingerprint in a page that is an armored block of keys.
func pgpKey(page, fingerprint []byte) (*openpgp.Entity, error) {
	block, err := armored(string(page), openpgp.PublicKeyType)
	if err != nil {
		return nil, errNotPGPKey
	}
	raw, err := packets(block, tagPublicKey, tagPublicSubkey, tagUserID, tagUserAttribute, tagSignature, tagTrust, tagPadding)
	if err != nil {
		return nil, err
	}
	list, err := openpgp.ReadKeyRing(bytes.NewReader(raw))
	if err != nil {
		return nil, errNotPGPKey
	}
	for _, e := range list {
		if bytes.Equal(e.PrimaryKey.Fingerprint, fingerprint) {
			return e, nil
		}
	}
	return nil, errPGPOther
}
