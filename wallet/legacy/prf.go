package legacy

import (
	"crypto/hmac"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"math/bits"

	"golang.org/x/crypto/sha3"

	"blockstack/wallet/secret"
)

// prf is the PRF of triplesec 1 and 2, see triplesec.go.
func prf(key, x []byte) []byte {
	h0 := hmac.New(sha512.New, key)
	h0.Write([]byte{0, 0, 0, 0})
	h0.Write(x)
	h1 := hmac.New(sha3.NewLegacyKeccak512, key)
	h1.Write([]byte{0, 0, 0, 1})
	h1.Write(x)
	a, b := h0.Sum(nil), h1.Sum(nil)
	subtle.XORBytes(a, a, b)
	return a
}

// pbkdf2PRF is PBKDF2 (RFC 8018) with that PRF in place of an HMAC.
func pbkdf2PRF(password, salt []byte, rounds, size int) []byte {
	out := make([]byte, 0, size+sha512.Size)
	for block := uint32(1); len(out) < size; block++ {
		u := prf(password, binary.BigEndian.AppendUint32(append([]byte{}, salt...), block))
		sum := append([]byte{}, u...)
		for range rounds - 1 {
			u = prf(password, u)
			subtle.XORBytes(sum, sum, u)
		}
		out = append(out, sum...)
	}
	return out[:size]
}

const (
	scryptN     = 1 << 12
	scryptR     = 8
	scryptWords = 32 * scryptR // of one block: 128 r bytes
)

// scryptPRF is scrypt (RFC 7914) with N = 2^12, r = 8, p = 1 and pbkdf2PRF where scrypt has PBKDF2
// with one round, which the library's scrypt has no parameter for.
func scryptPRF(password, salt []byte, rounds, size int) []byte {
	b := pbkdf2PRF(password, salt, rounds, 4*scryptWords)
	defer secret.Zero(b)
	x := make([]uint32, scryptWords)
	for i := range x {
		x[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	v := make([]uint32, scryptN*scryptWords)
	defer clear(v)
	for i := range scryptN {
		copy(v[i*scryptWords:], x)
		blockMix(x)
	}
	for range scryptN {
		j := int(x[scryptWords-16] & (scryptN - 1)) // Integerify
		for k := range x {
			x[k] ^= v[j*scryptWords+k]
		}
		blockMix(x)
	}
	for i, w := range x {
		binary.LittleEndian.PutUint32(b[4*i:], w)
	}
	return pbkdf2PRF(password, b, rounds, size)
}

// blockMix is scryptBlockMix of RFC 7914, section 4.
func blockMix(b []uint32) {
	var x [16]uint32
	copy(x[:], b[len(b)-16:])
	out := make([]uint32, len(b))
	for i := range len(b) / 16 {
		for k := range x {
			x[k] ^= b[16*i+k]
		}
		salsa8(&x)
		to := i / 2 * 16
		if i%2 == 1 {
			to += len(b) / 2
		}
		copy(out[to:], x[:])
	}
	copy(b, out)
}

// salsa8 is the Salsa20/8 core of RFC 7914, section 3.
func salsa8(x *[16]uint32) {
	in := *x
	quarter := func(a, b, c, d int) {
		x[b] ^= bits.RotateLeft32(x[a]+x[d], 7)
		x[c] ^= bits.RotateLeft32(x[b]+x[a], 9)
		x[d] ^= bits.RotateLeft32(x[c]+x[b], 13)
		x[a] ^= bits.RotateLeft32(x[d]+x[c], 18)
	}
	for range 4 {
		quarter(0, 4, 8, 12)
		quarter(5, 9, 13, 1)
		quarter(10, 14, 2, 6)
		quarter(15, 3, 7, 11)
		quarter(0, 1, 2, 3)
		quarter(5, 6, 7, 4)
		quarter(10, 11, 8, 9)
		quarter(15, 12, 13, 14)
	}
	for i := range x {
		x[i] += in[i]
	}
}
