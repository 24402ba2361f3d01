package seedphrase

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"sort"
	"unicode"
	"unicode/utf8"

	"github.com/tyler-smith/go-bip39/wordlists"
	"golang.org/x/crypto/pbkdf2"

	"blockstack/wallet/secret"
)

// maxPhrase bounds the text that is looked at as a phrase: 24 words of at most eight letters, and
// generous separators.
const maxPhrase = 1024

// The phrase work is done on bytes here, with the word list of a library: the libraries for BIP 39
// take and return strings, which cannot be wiped.

// ValidEntropy says whether entropy may have so many bytes.
func ValidEntropy(n int) bool { return n >= 16 && n <= 32 && n%4 == 0 }

// New makes a fresh English BIP 39 phrase of 12, 15, 18, 21 or 24 words.
func New(words int) (*secret.Bytes, error) {
	n := words / 3 * 4
	if words%3 != 0 || !ValidEntropy(n) {
		return nil, fmt.Errorf("%w: a phrase has 12, 15, 18, 21 or 24 words, not %d", ErrBadMnemonic, words)
	}
	bits := make([]byte, n)
	_, _ = rand.Read(bits) // it does not fail
	entropy := secret.New(bits)
	defer entropy.Wipe()
	return Spell(entropy), nil
}

// Clean returns the canonical form of a phrase that a person typed: lower case, words separated by
// one space. White space, "-", "_" and "." count as separators, alone or in runs. A phrase with an
// unknown word, a wrong number of words or a wrong checksum is refused with ErrBadMnemonic; the
// error names the place of the word, never the word.
func Clean(text *secret.Bytes) (*secret.Bytes, error) {
	entropy, err := Entropy(text)
	if err != nil {
		return nil, err
	}
	defer entropy.Wipe()
	return Spell(entropy), nil
}

// FromEntropy writes entropy of 16, 20, 24, 28 or 32 bytes as the phrase that encodes it. The
// caller keeps the entropy and wipes it.
func FromEntropy(entropy *secret.Bytes) (*secret.Bytes, error) {
	if n := entropy.Len(); !ValidEntropy(n) {
		return nil, fmt.Errorf("%w: entropy of %d bytes", ErrBadMnemonic, n)
	}
	return Spell(entropy), nil
}

// Spell writes entropy as words (BIP 39, "generating the mnemonic").
func Spell(entropy *secret.Bytes) *secret.Bytes {
	var out []byte
	entropy.Use(func(e []byte) {
		sum := sha256.Sum256(e)
		bits := append(append(make([]byte, 0, len(e)+1), e...), sum[0])
		defer secret.Zero(bits)
		words := len(e) * 3 / 4
		out = make([]byte, 0, words*9)
		for i := range words {
			if i > 0 {
				out = append(out, ' ')
			}
			out = append(out, wordlists.English[bits11(bits, i)]...)
		}
	})
	return secret.New(out)
}

// bits11 is the i-th group of eleven bits.
func bits11(b []byte, i int) int {
	v := 0
	for bit := i * 11; bit < i*11+11; bit++ {
		v = v<<1 | int(b[bit/8]>>(7-bit%8)&1)
	}
	return v
}

// Entropy cleans and checks a phrase and returns what it encodes.
func Entropy(text *secret.Bytes) (*secret.Bytes, error) {
	var (
		entropy *secret.Bytes
		err     error
	)
	text.Use(func(t []byte) { entropy, err = parsePhrase(t) })
	return entropy, err
}

func parsePhrase(t []byte) (*secret.Bytes, error) {
	if len(t) > maxPhrase {
		return nil, fmt.Errorf("%w: it is longer than %d bytes", ErrBadMnemonic, maxPhrase)
	}
	if !utf8.Valid(t) {
		return nil, fmt.Errorf("%w: it is not UTF-8 text", ErrBadMnemonic)
	}
	// FieldsFunc returns parts of t; ToLower would copy, so lower case in place in a buffer of our
	// own.
	low := make([]byte, len(t))
	defer secret.Zero(low)
	for i, c := range t {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		low[i] = c
	}
	words := bytes.FieldsFunc(low, func(r rune) bool {
		return r == '-' || r == '_' || r == '.' || r == '\ufeff' || unicode.IsSpace(r)
	})
	if len(words)%3 != 0 || !ValidEntropy(len(words)/3*4) {
		return nil, fmt.Errorf("%w: it has %d words, not 12, 15, 18, 21 or 24", ErrBadMnemonic, len(words))
	}
	bits := make([]byte, (len(words)*11+7)/8)
	defer secret.Zero(bits)
	for i, w := range words {
		n, ok := WordIndex(w)
		if !ok {
			return nil, fmt.Errorf("%w: word %d is not in the English list", ErrBadMnemonic, i+1)
		}
		for k := range 11 {
			if n>>(10-k)&1 == 1 {
				bit := i*11 + k
				bits[bit/8] |= 1 << (7 - bit%8)
			}
		}
	}
	n := len(words) / 3 * 4
	sum := sha256.Sum256(bits[:n])
	shift := 8 - n/4
	if sum[0]>>shift != bits[n]>>shift {
		return nil, fmt.Errorf("%w: the checksum is wrong: a word is wrong or two are swapped", ErrBadMnemonic)
	}
	return secret.Copy(bits[:n]), nil
}

// WordIndex finds a word in the list, which is sorted.
func WordIndex(w []byte) (int, bool) {
	list := wordlists.English
	i := sort.Search(len(list), func(i int) bool { return list[i] >= string(w) })
	return i, i < len(list) && list[i] == string(w)
}

// Seed derives the 64-byte BIP 39 seed of entropy, without a BIP 39 passphrase. The words of the
// English list are ASCII, so the phrase is its own NFKD form.
func Seed(entropy *secret.Bytes) *secret.Bytes {
	words := Spell(entropy)
	defer words.Wipe()
	var s *secret.Bytes
	words.Use(func(w []byte) {
		s = secret.New(pbkdf2.Key(w, []byte("mnemonic"), 2048, 64, sha512.New))
	})
	return s
}
