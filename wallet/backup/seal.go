package backup

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"golang.org/x/crypto/chacha20poly1305"

	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

const (
	magic    = "BSKBAK01"
	saltSize = 16
	headSize = len(magic) + 4 + 4 + 1 + saltSize + chacha20poly1305.NonceSizeX
)

// Seal encrypts an archive for a password. cost is keychain.DefaultCost except in tests.
func Seal(a *Archive, password *secret.Bytes, cost keychain.Cost) ([]byte, error) {
	if password.Len() == 0 {
		return nil, keychain.ErrEmptyPassword
	}
	plain, err := a.pack()
	if err != nil {
		return nil, err
	}
	defer secret.Zero(plain)
	head := make([]byte, 0, headSize+len(plain)+chacha20poly1305.Overhead)
	head = append(head, magic...)
	head = binary.BigEndian.AppendUint32(head, cost.Time)
	head = binary.BigEndian.AppendUint32(head, cost.MemoryKiB)
	head = append(head, cost.Threads)
	random := make([]byte, saltSize+chacha20poly1305.NonceSizeX)
	_, _ = rand.Read(random) // it does not fail
	head = append(head, random...)
	key, err := cost.Derive(password, random[:saltSize])
	if err != nil {
		return nil, fmt.Errorf("seal backup: %w", err)
	}
	defer secret.Zero(key)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("seal backup: %w", err)
	}
	return aead.Seal(head, random[saltSize:], plain, head), nil
}

// Open decrypts a backup. The parameters of Argon2id are bounded before any work.
func Open(b []byte, password *secret.Bytes) (*Archive, error) {
	if len(b) < headSize+chacha20poly1305.Overhead || string(b[:len(magic)]) != magic {
		return nil, fmt.Errorf("%w: it does not begin as one", ErrMalformed)
	}
	head, p := b[:headSize], b[len(magic):]
	cost := keychain.Cost{Time: binary.BigEndian.Uint32(p), MemoryKiB: binary.BigEndian.Uint32(p[4:]), Threads: p[8]}
	salt, nonce := p[9:9+saltSize], head[headSize-chacha20poly1305.NonceSizeX:]
	key, err := cost.Derive(password, salt)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	defer secret.Zero(key)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("open backup: %w", err)
	}
	plain, err := aead.Open(nil, nonce, b[headSize:], head)
	if err != nil {
		return nil, ErrWrongPassword
	}
	return unpack(plain)
}

// ReadFile reads the bytes of a backup, never more than its largest size.
func ReadFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSize+1<<20))
	if err != nil {
		return nil, fmt.Errorf("read backup: %w", err)
	}
	if len(b) > maxSize+headSize+chacha20poly1305.Overhead {
		return nil, fmt.Errorf("%w: it has more than %d bytes", ErrMalformed, maxSize)
	}
	return b, nil
}
