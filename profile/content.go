package profile

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/address/v2/base58"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
)

// ContentSignature is the signature of a stored file, which old clients keep beside it with the
// ending .sig (identity 7.2):
//
//	file      = JSON object with "signature" and "publicKey"; other members do not count
//	signature = ECDSA over SHA-256 of the content, DER (strict, either S), in hex of either case
//	publicKey = SEC1 in hex, compressed or not
//
// It covers the bytes alone: neither where they are kept nor when they were written. So it says who
// made them, and not that they are the newest, nor that they belong there.
type ContentSignature struct {
	signature *ecdsa.Signature
	der       []byte // as it was written
	key       *btcec.PublicKey
	keyBytes  []byte // as they were written: compressed or not
}

// ParseContentSignature reads a .sig file. Errors wrap ErrMalformed.
func ParseContentSignature(file []byte) (*ContentSignature, error) {
	const what = "content signature"
	if len(file) > MaxSize {
		return nil, malformed(what, "longer than %d bytes", MaxSize)
	}
	fields, err := readObject(what, file)
	if err != nil {
		return nil, err
	}
	signature, found := findText(fields, "signature")
	if !found {
		return nil, malformed(what, "has no signature that is text")
	}
	keyHex, found := findText(fields, "publicKey")
	if !found {
		return nil, malformed(what, "has no publicKey that is text")
	}
	c := &ContentSignature{}
	if c.der, err = hex.DecodeString(signature); err != nil {
		return nil, malformed(what, "signature is not hex")
	}
	if c.signature, err = ecdsa.ParseDERSignature(c.der); err != nil {
		return nil, malformed(what, "signature is not DER: %v", err)
	}
	if !bytes.Equal(c.der, derOf(c.signature)) { // the parser drops what follows
		return nil, malformed(what, "signature is not strict DER")
	}
	if c.key, err = parseKey(what, keyHex); err != nil {
		return nil, err
	}
	if c.keyBytes, err = hex.DecodeString(keyHex); err != nil {
		return nil, malformed(what, "public key is not hex")
	}
	return c, nil
}

// Verify says whether the key in it signed the content. Whose the key is, is another question: see
// Address.
func (c *ContentSignature) Verify(content []byte) error {
	digest := sha256.Sum256(content)
	if !c.signature.Verify(digest[:], c.key) {
		return malformed("content signature", "does not verify with its key")
	}
	return nil
}

// Address is the address of the key in the form in which it is written; a bucket's address is that
// of the compressed form, so a signature with an uncompressed key belongs to no bucket.
func (c *ContentSignature) Address(v AddressVersions) string {
	return base58.CheckEncode(address.Hash160(c.keyBytes), v.PubKeyHash)
}

// ContentSigner signs files as old clients did. A wallet is not one: the bytes of a file may be
// anything, the hash of a transaction too.
type ContentSigner interface {
	// PublicKey is the key's public half.
	PublicKey() *btcec.PublicKey
	// SignContent signs SHA-256 of the content: ECDSA on secp256k1 with the nonce of RFC 6979.
	SignContent(ctx context.Context, content []byte) (*ecdsa.Signature, error)
}

// SignContent signs the bytes of a file. S is made low unless keepS is set, which gives the
// identical bytes of the old signer. The signature is verified before it is given out.
func SignContent(ctx context.Context, content []byte, s ContentSigner, keepS bool) (*ContentSignature, error) {
	signature, err := s.SignContent(ctx, content)
	if err != nil {
		return nil, fmt.Errorf("sign content: %w", err)
	}
	r, v := signature.R(), signature.S()
	if !keepS && v.IsOverHalfOrder() {
		v.Negate()
	}
	c := &ContentSignature{
		signature: ecdsa.NewSignature(&r, &v),
		key:       s.PublicKey(), keyBytes: s.PublicKey().SerializeCompressed(),
	}
	c.der = derOf(c.signature)
	if c.Verify(content) != nil {
		return nil, fmt.Errorf("sign content: %w", ErrSigner)
	}
	return c, nil
}

// derOf writes a signature in DER as it is; the library would make S low.
func derOf(sig *ecdsa.Signature) []byte {
	rs, vs := sig.R(), sig.S()
	r, v := rs.Bytes(), vs.Bytes()
	der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(r[:]), new(big.Int).SetBytes(v[:])})
	if err != nil {
		panic("bug: encoding two numbers: " + err.Error())
	}
	return der
}

// File gives the bytes of the .sig file.
func (c *ContentSignature) File() []byte {
	return joinObject([]field{
		newField("signature", json.RawMessage(quoteJSON(hex.EncodeToString(c.der)))),
		newField("publicKey", json.RawMessage(quoteJSON(hex.EncodeToString(c.keyBytes)))),
	})
}
