package legacy

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"

	"golang.org/x/crypto/pbkdf2"

	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// Format A (identity 2.1), written by browser and command line until 2020:
//
//	ciphertext = salt(16) mac(32) body(32 or 48)
//	keys = PBKDF2-HMAC-SHA512(password, salt, 100000 rounds, 48 bytes) = AES key(16) MAC key(16) IV(16)
//	mac  = HMAC-SHA256(MAC key, salt body)
//	body = AES-128-CBC(AES key, IV, PKCS#7(entropy of the BIP 39 phrase))
const (
	saltA   = 16
	macA    = sha256.Size
	roundsA = 100_000
)

func checkFormatA(b []byte) error {
	if n := len(b); n != saltA+macA+32 && n != saltA+macA+48 {
		return fmt.Errorf("%w: an encrypted phrase of %d bytes; it has 80 or 96, or begins with the magic of triplesec", ErrMalformed, n)
	}
	return nil
}

func openFormatA(b []byte, password *secret.Bytes) (*secret.Bytes, error) {
	salt, sum, body := b[:saltA], b[saltA:saltA+macA], b[saltA+macA:]
	var keys []byte
	password.Use(func(pw []byte) { keys = pbkdf2.Key(pw, salt, roundsA, 48, sha512.New) })
	defer secret.Zero(keys)
	mac := hmac.New(sha256.New, keys[16:32])
	mac.Write(salt)
	mac.Write(body)
	if !hmac.Equal(mac.Sum(nil), sum) {
		return nil, ErrWrongPassword
	}
	block, err := aes.NewCipher(keys[:16])
	if err != nil {
		return nil, err
	}
	plain := make([]byte, len(body))
	defer secret.Zero(plain)
	cipher.NewCBCDecrypter(block, keys[32:]).CryptBlocks(plain, body)
	pad := int(plain[len(plain)-1])
	if pad < 1 || pad > aes.BlockSize {
		return nil, fmt.Errorf("%w: the padding is wrong", ErrMalformed)
	}
	for _, c := range plain[len(plain)-pad:] {
		if int(c) != pad {
			return nil, fmt.Errorf("%w: the padding is wrong", ErrMalformed)
		}
	}
	entropy := secret.Copy(plain[:len(plain)-pad])
	defer entropy.Wipe()
	phrase, err := keychain.EntropyMnemonic(entropy)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return phrase, nil
}
