package gaiatest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/address/v2/base58"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
)

// Scope limits what a token is for.
type Scope struct {
	Scope  string `json:"scope"`
	Domain string `json:"domain"`
}

// Token is the payload of a token for a hub, or of an association token.
type Token struct {
	Challenge   string   `json:"gaiaChallenge,omitempty"`
	HubURL      string   `json:"hubUrl,omitempty"`
	Issuer      string   `json:"iss"`
	Salt        string   `json:"salt"`
	Association string   `json:"associationToken,omitempty"`
	Child       string   `json:"childToAssociate,omitempty"`
	Expires     *float64 `json:"exp,omitempty"`
	IssuedAt    *float64 `json:"iat,omitempty"`
	Scopes      []Scope  `json:"scopes,omitempty"`
}

// scopes are a token's limits by kind; a kind without entries limits nothing.
type scopes struct{ put, putPrefix, remove, removePrefix, archive, archivePrefix []string }

func (t *Token) scopes() (s scopes) {
	for _, sc := range t.Scopes {
		switch sc.Scope {
		case "putFile":
			s.put = append(s.put, sc.Domain)
		case "putFilePrefix":
			s.putPrefix = append(s.putPrefix, sc.Domain)
		case "deleteFile":
			s.remove = append(s.remove, sc.Domain)
		case "deleteFilePrefix":
			s.removePrefix = append(s.removePrefix, sc.Domain)
		case "putFileArchival":
			s.archive = append(s.archive, sc.Domain)
		case "putFileArchivalPrefix":
			s.archivePrefix = append(s.archivePrefix, sc.Domain)
		}
	}
	return s
}

// allow checks the limits of one kind of operation: a token limited in one kind is not limited in
// the other.
func (s scopes) allow(paths, prefixes []string, bucket, path, what string) error {
	if len(paths)+len(prefixes) == 0 || covers(paths, prefixes, path) {
		return nil
	}
	return fmt.Errorf("address %s not authorized to %s %s by scopes", bucket, what, path)
}

// archival reports whether the old file is to be kept.
func (s scopes) archival(bucket, path string) (bool, error) {
	if len(s.archive)+len(s.archivePrefix) == 0 {
		return false, nil
	}
	return true, s.allow(s.archive, s.archivePrefix, bucket, path, "modify")
}

// covers takes a prefix as plain text: dir covers dirty/x.
func covers(paths, prefixes []string, path string) bool {
	return slices.Contains(paths, path) || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(path, p) })
}

// authorise checks the token of a write: its signature, what it is for, revocation, and the white
// list.
func (h *Hub) authorise(header, bucket string) (*Token, error) {
	t, err := h.readToken(header)
	if err != nil {
		return nil, err
	}
	if oldest, revoked := h.revoked[bucket]; revoked && (t.IssuedAt == nil || *t.IssuedAt < float64(oldest)) {
		return nil, fmt.Errorf("auth tokens before %d are revoked", oldest)
	}
	if err := h.checkToken(t, bucket); err != nil {
		return nil, err
	}
	signer := bucket
	if t.Association != "" {
		if signer, err = h.associated(t.Association, bucket); err != nil {
			return nil, err
		}
	}
	if len(h.WhiteList) > 0 && !slices.Contains(h.WhiteList, signer) {
		return nil, fmt.Errorf("address %s not authorized for writes", signer)
	}
	return t, nil
}

// readToken reads the header and checks the signature.
func (h *Hub) readToken(header string) (*Token, error) {
	compact, ok := strings.CutPrefix(header, "bearer v1:")
	if !ok {
		return nil, errors.New("no token")
	}
	t, err := openToken(compact)
	if err != nil {
		return nil, err
	}
	if len(t.Scopes) > 8 {
		return nil, errors.New("too many scopes")
	}
	return t, nil
}

// openToken checks a compact token with the key that it names.
func openToken(compact string) (*Token, error) {
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		return nil, errors.New("not a token")
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, err
	}
	var t Token
	if err := json.Unmarshal(raw, &t); err != nil {
		return nil, err
	}
	key, err := readKey(t.Issuer)
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(sig) != 64 {
		return nil, errors.New("bad signature")
	}
	var r, s btcec.ModNScalar
	if r.SetByteSlice(sig[:32]) || s.SetByteSlice(sig[32:]) {
		return nil, errors.New("bad signature")
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.NewSignature(&r, &s).Verify(digest[:], key) {
		return nil, errors.New("signature does not verify")
	}
	return &t, nil
}

func readKey(text string) (*btcec.PublicKey, error) {
	raw, err := hex.DecodeString(text)
	if err != nil {
		return nil, err
	}
	return btcec.ParsePubKey(raw)
}

// Address is the bucket of a key: the mainnet address of its compressed form.
func Address(key *btcec.PublicKey) string {
	return base58.CheckEncode(address.Hash160(key.SerializeCompressed()), 0)
}

// checkToken checks what a token is for.
func (h *Hub) checkToken(t *Token, bucket string) error {
	key, err := readKey(t.Issuer)
	if err != nil {
		return err
	}
	now := float64(h.now().Unix())
	switch {
	case Address(key) != bucket:
		return errors.New("address of the token is not the bucket")
	case strings.TrimSuffix(t.HubURL, "/") != h.URL:
		return errors.New("token is for another hub")
	case t.Challenge != h.Challenge:
		return errors.New("wrong challenge")
	case t.Expires != nil && *t.Expires < now:
		return errors.New("token has expired")
	}
	return nil
}

// associated gives the address of the owner who vouches for the bucket.
func (h *Hub) associated(compact, bucket string) (string, error) {
	t, err := openToken(compact)
	if err != nil {
		return "", fmt.Errorf("association token: %w", err)
	}
	child, err := readKey(t.Child)
	switch {
	case err != nil:
		return "", fmt.Errorf("association token: child: %w", err)
	case t.Expires == nil || *t.Expires < float64(h.now().Unix()):
		return "", errors.New("association token has no end or is past it")
	case Address(child) != bucket:
		return "", errors.New("association token is for another bucket")
	}
	owner, err := readKey(t.Issuer)
	if err != nil {
		return "", err
	}
	return Address(owner), nil
}
