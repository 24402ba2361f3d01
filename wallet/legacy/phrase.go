package legacy

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// maxCiphertext bounds an encrypted phrase: 24 words of eight letters in the longer of the formats
// are 423 bytes.
const maxCiphertext = 1024

// ParseCiphertext reads the text of an encrypted phrase:
//
//	text = hex / base64      hex when it is of even length and hex alone
//
// White space is taken away and a missing final "=" is put back, as the old programs did.
func ParseCiphertext(text []byte) ([]byte, error) {
	if len(text) > 4*maxCiphertext {
		return nil, fmt.Errorf("%w: an encrypted phrase has at most %d bytes", ErrMalformed, maxCiphertext)
	}
	joined := bytes.Join(bytes.Fields(text), nil)
	b, err := hex.DecodeString(string(joined))
	if err != nil {
		for len(joined)%4 != 0 && !bytes.HasSuffix(joined, []byte("==")) {
			joined = append(joined, '=')
		}
		b, err = base64.StdEncoding.Strict().DecodeString(string(joined))
	}
	if err != nil {
		return nil, fmt.Errorf("%w: the encrypted phrase is neither hex nor base64", ErrMalformed)
	}
	if len(b) > maxCiphertext {
		return nil, fmt.Errorf("%w: an encrypted phrase has at most %d bytes", ErrMalformed, maxCiphertext)
	}
	return b, nil
}

// DecryptPhrase opens an encrypted phrase of either format and returns it in canonical spelling.
// Format B is known by its magic and version, all else is format A (identity 2.3). The password is
// tried as it was typed, then in Unicode form NFC and NFD where these differ, since old keyboards
// made either.
func DecryptPhrase(ciphertext []byte, password *secret.Bytes) (*secret.Bytes, error) {
	open, err := opener(ciphertext)
	if err != nil {
		return nil, err
	}
	return inSpellings(password, open)
}

// inSpellings opens something with the first spelling of a password that opens it.
func inSpellings(password *secret.Bytes, open func(password *secret.Bytes) (*secret.Bytes, error)) (opened *secret.Bytes, err error) {
	forms := secret.TypedSpellings(password)
	defer secret.WipeAll(forms)
	for _, form := range forms {
		if opened, err = open(form); !errors.Is(err, ErrWrongPassword) {
			break
		}
	}
	return opened, err
}

// opener finds the format and checks everything that needs no password.
func opener(b []byte) (func(password *secret.Bytes) (*secret.Bytes, error), error) {
	if len(b) >= 8 && binary.BigEndian.Uint32(b) == triplesecMagic {
		if v := binary.BigEndian.Uint32(b[4:]); v >= 1 && v <= 4 {
			box, err := parseTriplesec(b)
			if err != nil {
				return nil, err
			}
			return box.phrase, nil
		}
	}
	if err := checkFormatA(b); err != nil {
		return nil, err
	}
	return func(password *secret.Bytes) (*secret.Bytes, error) { return openFormatA(b, password) }, nil
}

// canonical refuses text that is no phrase.
func canonical(text *secret.Bytes) (*secret.Bytes, error) {
	defer text.Wipe()
	p, err := keychain.CleanMnemonic(text)
	if err != nil {
		return nil, fmt.Errorf("the decrypted text: %w", err)
	}
	return p, nil
}
