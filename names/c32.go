package names

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"math/big"
	"strings"

	"github.com/btcsuite/btcd/address/v2/base58"
)

// C32 addresses are another text form of p2pkh and p2sh addresses, for showing and entering; the
// protocol itself uses base58 (protocol 5.3).
//
//	address = "S" version-character c32(hash160 checksum)
//
// version-character is the digit of the version; the checksum is the first four bytes of SHA-256
// twice over version byte and hash160. c32 is the number written in base 32, where leading zero
// bytes are leading "0" characters. When read, O counts as 0, and L and I as 1; small letters after
// the first S count as capitals.
const c32Digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Versions of c32 addresses and the base58 versions they stand for.
const (
	c32MainPubKeyHash = 22 // P: 0
	c32MainScriptHash = 20 // M: 5
	c32TestPubKeyHash = 26 // T: 111
	c32TestScriptHash = 21 // N: 196
)

// C32FromHash gives the c32 address of a 20-byte hash under a c32 version, which is below 32.
func C32FromHash(version byte, hash [20]byte) (string, error) {
	if int(version) >= len(c32Digits) {
		return "", fmt.Errorf("%w: c32 version %d is above 31", ErrBadAddress, version)
	}
	sum := c32Checksum(version, hash[:])
	return "S" + c32Digits[version:version+1] + c32Encode(append(hash[:], sum[:]...)), nil
}

// ParseC32 reads a c32 address: version and hash.
func ParseC32(addr string) (version byte, hash [20]byte, err error) {
	bad := func(reason string) (byte, [20]byte, error) {
		return 0, [20]byte{}, fmt.Errorf("%w: %s: %s", ErrBadAddress, quote(addr), reason)
	}
	if len(addr) < 3 || len(addr) > maxAddressText || addr[0] != 'S' {
		return bad("it is not a c32 address, which begins with S")
	}
	s := normalC32(addr)
	v := strings.IndexByte(c32Digits, s[1])
	if v < 0 {
		return bad("its version is not a c32 digit")
	}
	b, ok := c32Decode(s[2:])
	if !ok {
		return bad("it has characters that are not c32 digits")
	}
	if len(b) != hashLen+4 {
		return bad(fmt.Sprintf("it holds %d bytes instead of 24", len(b)))
	}
	sum := c32Checksum(byte(v), b[:hashLen])
	if subtle.ConstantTimeCompare(sum[:], b[hashLen:]) != 1 {
		return bad("its checksum is wrong")
	}
	return byte(v), [20]byte(b[:hashLen]), nil
}

// C32ToBase58 turns a c32 address into the base58 address of the same network and kind.
func C32ToBase58(addr string) (string, error) {
	version, hash, err := ParseC32(addr)
	if err != nil {
		return "", err
	}
	switch version {
	case c32MainPubKeyHash:
		version = mainnetPubKeyHash
	case c32MainScriptHash:
		version = mainnetScriptHash
	case c32TestPubKeyHash:
		version = regtestPubKeyHash
	case c32TestScriptHash:
		version = regtestScriptHash
	}
	return base58.CheckEncode(hash[:], version), nil
}

// Base58ToC32 turns a base58 address into the c32 address of the same network and kind.
func Base58ToC32(addr string) (string, error) {
	version, hash, err := decodeBase58(addr)
	if err != nil {
		return "", err
	}
	switch version {
	case mainnetPubKeyHash:
		version = c32MainPubKeyHash
	case mainnetScriptHash:
		version = c32MainScriptHash
	case regtestPubKeyHash:
		version = c32TestPubKeyHash
	case regtestScriptHash:
		version = c32TestScriptHash
	}
	return C32FromHash(version, hash)
}

func c32Checksum(version byte, hash []byte) [4]byte {
	first := sha256.Sum256(append([]byte{version}, hash...))
	second := sha256.Sum256(first[:])
	return [4]byte(second[:4])
}

// normalC32 replaces the characters that are read as others.
func normalC32(s string) string {
	return strings.NewReplacer("O", "0", "L", "1", "I", "1").Replace(strings.ToUpper(s))
}

func c32Encode(b []byte) string {
	zeros := 0
	for zeros < len(b) && b[zeros] == 0 {
		zeros++
	}
	var digits []byte
	n, digit := new(big.Int).SetBytes(b), new(big.Int)
	for base := big.NewInt(int64(len(c32Digits))); n.Sign() > 0; {
		n.DivMod(n, base, digit)
		digits = append(digits, c32Digits[digit.Int64()])
	}
	for range zeros {
		digits = append(digits, c32Digits[0])
	}
	for i, j := 0, len(digits)-1; i < j; i, j = i+1, j-1 {
		digits[i], digits[j] = digits[j], digits[i]
	}
	return string(digits)
}

func c32Decode(s string) ([]byte, bool) {
	zeros := 0
	for zeros < len(s) && s[zeros] == c32Digits[0] {
		zeros++
	}
	n, digit, base := new(big.Int), new(big.Int), big.NewInt(int64(len(c32Digits)))
	for i := range len(s) {
		v := strings.IndexByte(c32Digits, s[i])
		if v < 0 {
			return nil, false
		}
		n.Mul(n, base)
		n.Add(n, digit.SetInt64(int64(v)))
	}
	return append(make([]byte, zeros), n.Bytes()...), true
}
