package legacy

import (
	"bytes"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSalsa8 is the vector of RFC 7914, section 8.
func TestSalsa8(t *testing.T) {
	in := unhex(t, `7e879a214f3ec9867ca940e641718f26 baee555b8c61c1b50df8461 16dcd3b1d ee24f319df9b3d8514121e4b5ac5aa32 76021d2909c74829edebc68db8b8c25e`)
	want := unhex(t, `a41f859c6608cc993b81cacb020cef05 044b2181a2fd337dfd7b1c6396682f29 b4393168e3c9e6bcfe6bc5b7a06d96ba e424cc102c91745c24ad673dc7618f81`)
	var x [16]uint32
	for i := range x {
		x[i] = binary.LittleEndian.Uint32(in[4*i:])
	}
	salsa8(&x)
	var got []byte
	for _, w := range x {
		got = binary.LittleEndian.AppendUint32(got, w)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%x", got)
	}
}

// TestBlockMix is the vector of RFC 7914, section 9 (r = 1).
func TestBlockMix(t *testing.T) {
	in := unhex(t, `f7ce0b653d2d72a4108cf5abe912ffdd 777616dbbb27a70e8204f3ae2d0f6fad 89f68f4811d1e87bcc3bd7400a9ffd29 094f0184639574f39ae5a1315217bcd7
		894991447213bb226c25b54da86370fb cd984380374666bb8ffcb5bf40c254b0 67d27c51ce4ad5fed829c90b505a571b 7f4d1cad6a523cda770e67bceaaf7e89`)
	want := unhex(t, `a41f859c6608cc993b81cacb020cef05 044b2181a2fd337dfd7b1c6396682f29 b4393168e3c9e6bcfe6bc5b7a06d96ba e424cc102c91745c24ad673dc7618f81
		20edc975323881a80540f64c162dcd3c 21077cfe5f8d5fe2b1a4168f953678b7 7d3b3d803b60e4ab920996e59b4d53b6 5d2a225877d5edf5842cb9f14eefe425`)
	b := make([]uint32, len(in)/4)
	for i := range b {
		b[i] = binary.LittleEndian.Uint32(in[4*i:])
	}
	blockMix(b)
	var got []byte
	for _, w := range b {
		got = binary.LittleEndian.AppendUint32(got, w)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%x", got)
	}
}

// TestPBKDF2PRF: blocks are counted from 1, cut to size, and each is the exclusive or of its
// rounds.
func TestPBKDF2PRF(t *testing.T) {
	password, salt := []byte("password"), []byte("salt")
	block := func(n byte, rounds int) []byte {
		u := prf(password, append([]byte("salt\x00\x00\x00"), n))
		sum := bytes.Clone(u)
		for range rounds - 1 {
			u = prf(password, u)
			for i := range sum {
				sum[i] ^= u[i]
			}
		}
		return sum
	}
	for _, rounds := range []int{1, 2, 5} {
		want := append(append(block(1, rounds), block(2, rounds)...), block(3, rounds)...)
		for _, size := range []int{1, sha512.Size - 1, sha512.Size, sha512.Size + 1, 3 * sha512.Size} {
			if got := pbkdf2PRF(password, salt, rounds, size); !bytes.Equal(got, want[:size]) {
				t.Errorf("%d rounds, %d bytes: %x", rounds, size, got)
			}
		}
	}
	if bytes.Equal(prf(password, salt), prf(salt, password)) || len(prf(nil, nil)) != sha512.Size {
		t.Error("the two halves are the same")
	}
}
