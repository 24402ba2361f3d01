package legacy

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"hash"

	"golang.org/x/crypto/salsa20"
	"golang.org/x/crypto/scrypt"
	"golang.org/x/crypto/sha3"
	"golang.org/x/crypto/twofish" //lint:ignore SA1019 a format of 2013 that has to be read

	"blockstack/wallet/secret"
)

// Format B (identity 2.2), triplesec. The browser wrote version 3; versions 1, 2 and 4 of the same
// library are read, too.
//
//	ciphertext = magic(4) version(4) salt mac1(64) mac2(64) body
//	mac1 = HMAC-SHA512(key1, magic version salt body)
//	mac2 = HMAC-Keccak-512, the padding from before FIPS 202; HMAC-SHA3-512 in version 4
//	body = AES-IV(16) AES-256-CTR( Twofish-IV(16) Twofish-256-CTR( nonce(24) XSalsa20(text) ) )
//	       version 4 leaves Twofish out: AES-IV(16) AES-256-CTR( nonce(24) XSalsa20(text) )
//	keys = key1(48) key2(48) AES(32) Twofish(32) XSalsa20(32)
//
//	version  salt  keys
//	1        8     PBKDF2 with 1024 rounds of PRF
//	2        16    scrypt with N = 2^12, r = 8, p = 1 over PBKDF2 with 64 rounds of PRF
//	3, 4     16    scrypt with N = 2^15, r = 8, p = 1 (RFC 7914)
//
//	PRF(k, x) = HMAC-SHA512(k, 00000000 x) xor HMAC-Keccak-512(k, 00000001 x)
//
// In versions 1 and 2 key and nonce of XSalsa20 have the bytes of each 32-bit word in the other
// order.
const triplesecMagic = 0x1c94d7de

// triplesec is a parsed ciphertext.
type triplesec struct {
	version    uint32
	salt       []byte
	signed     [2][]byte // what the MACs cover
	mac1, mac2 []byte
	body       []byte
}

func parseTriplesec(b []byte) (*triplesec, error) {
	t := &triplesec{version: binary.BigEndian.Uint32(b[4:])}
	salt, overhead := 16, 16+16+24
	switch t.version {
	case 1:
		salt = 8
	case 4:
		overhead = 16 + 24
	}
	head := 8 + salt
	if len(b) < head+2*sha512.Size+overhead {
		return nil, fmt.Errorf("%w: the encrypted phrase is cut off after %d bytes", ErrMalformed, len(b))
	}
	if len(b) > maxCiphertext {
		return nil, fmt.Errorf("%w: an encrypted phrase has at most %d bytes", ErrMalformed, maxCiphertext)
	}
	t.salt = b[8:head]
	t.mac1, t.mac2 = b[head:head+sha512.Size], b[head+sha512.Size:head+2*sha512.Size]
	t.body = b[head+2*sha512.Size:]
	t.signed = [2][]byte{b[:head], t.body}
	return t, nil
}

// keys derives the key material for a password.
func (t *triplesec) keys(pw []byte) ([]byte, error) {
	const size = 48 + 48 + 32 + 32 + 32
	switch t.version {
	case 1:
		return pbkdf2PRF(pw, t.salt, 1024, size), nil
	case 2:
		return scryptPRF(pw, t.salt, 64, size), nil
	}
	return scrypt.Key(pw, t.salt, 1<<15, 8, 1, size)
}

// phrase opens the ciphertext with one spelling of the password.
func (t *triplesec) phrase(password *secret.Bytes) (*secret.Bytes, error) {
	var keys []byte
	var err error
	password.Use(func(pw []byte) { keys, err = t.keys(pw) })
	if err != nil {
		return nil, err
	}
	defer secret.Zero(keys)
	second := sha3.NewLegacyKeccak512
	if t.version == 4 {
		second = sha3.New512
	}
	ok1 := t.checkMAC(sha512.New, keys[:48], t.mac1)
	ok2 := t.checkMAC(second, keys[48:96], t.mac2)
	if !ok1 || !ok2 {
		return nil, ErrWrongPassword
	}
	plain, err := t.decrypt(keys[96:])
	if err != nil {
		return nil, err
	}
	return canonical(secret.New(plain))
}

func (t *triplesec) checkMAC(h func() hash.Hash, key, want []byte) bool {
	mac := hmac.New(h, key)
	mac.Write(t.signed[0])
	mac.Write(t.signed[1])
	return hmac.Equal(mac.Sum(nil), want)
}

// decrypt takes the layers off, the outer one first. Each is decrypted in place.
func (t *triplesec) decrypt(keys []byte) ([]byte, error) {
	b := append([]byte{}, t.body...)
	outer, err := aes.NewCipher(keys[:32])
	if err != nil {
		return nil, err
	}
	b = ctr(outer, b)
	keys = keys[32:]
	if t.version != 4 {
		middle, err := twofish.NewCipher(keys[:32])
		if err != nil {
			return nil, err
		}
		b = ctr(middle, b)
		keys = keys[32:]
	}
	key := [32]byte(keys)
	defer secret.Zero(key[:])
	nonce, text := append([]byte{}, b[:24]...), b[24:]
	if t.version < 3 {
		reverseWords(key[:])
		reverseWords(nonce)
	}
	salsa20.XORKeyStream(text, text, nonce, &key)
	return text, nil
}

// ctr takes off a layer of IV and counter mode with a 128-bit big-endian counter.
func ctr(block cipher.Block, b []byte) []byte {
	iv, rest := b[:16], b[16:]
	cipher.NewCTR(block, iv).XORKeyStream(rest, rest)
	return rest
}

func reverseWords(b []byte) {
	for i := 0; i+4 <= len(b); i += 4 {
		binary.LittleEndian.PutUint32(b[i:], binary.BigEndian.Uint32(b[i:]))
	}
}
