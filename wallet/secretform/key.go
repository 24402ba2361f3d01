package secretform

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"

	"github.com/btcsuite/btcd/address/v2/base58"
	"github.com/btcsuite/btcd/btcec/v2"
)

// Key says what private key stands in a word, whatever stands before and behind it; empty: none.
// Keys in hex and base64, which look like hashes, are found by [KeyHex] and [KeyBase64].
func Key(w string) string {
	if strings.Contains(strings.ToUpper(w), "PRIVATE KEY-----") {
		return "a private key"
	}
	lower := strings.ToLower(w)
	for prefix, least := range map[string]int{"age-secret-key-1": 40, "nsec1": 30, "ncryptsec1": 30, "ms1": 40, "lnurlsec1": 30} {
		if i := strings.Index(lower, prefix); i >= 0 && (i == 0 || !Alphanumeric(rune(lower[i-1]))) &&
			len(lower[i:]) >= least && !strings.ContainsAny(lower[i:], " /.") {
			return "a private key"
		}
	}
	for _, t := range strings.FieldsFunc(w, func(r rune) bool { return !Alphanumeric(r) }) {
		if what := keyToken(t); what != "" {
			return what
		}
	}
	return ""
}

// Alphanumeric reports whether a character is a letter or digit of ASCII.
func Alphanumeric(r rune) bool {
	return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// keyToken says what private key a run of letters and digits is.
func keyToken(t string) string {
	if len(t) < 22 || !isBase58(t) {
		return ""
	}
	switch raw := base58.Decode(t); {
	case isWIF(t):
		return "a private key (WIF)"
	case isExtendedPrivateKey(t), len(raw) == 82 && raw[45] == 0 && checksummed(raw):
		return "an extended private key"
	case len(t) == 58 && t[:2] == "6P":
		return "an encrypted private key (BIP 38)"
	case checksummed(raw) && (len(raw) == 37 || len(raw) == 38 && raw[33] == 1): // another coin's
		return "a private key (WIF)"
	case len(raw) == 64 && len(t) >= 86:
		return "a private key"
	case t[0] == 'S' && slices.Contains([]int{22, 26, 30}, len(t)):
		if sum := sha256.Sum256([]byte(t + "?")); sum[0] == 0 {
			return "a private key (mini)"
		}
	}
	return ""
}

// checksummed reports whether the last four bytes are the checksum of base 58.
func checksummed(raw []byte) bool {
	if len(raw) < 5 {
		return false
	}
	first := sha256.Sum256(raw[:len(raw)-4])
	second := sha256.Sum256(first[:])
	return bytes.Equal(second[:4], raw[len(raw)-4:])
}

// isWIF reports whether a word has the form of a private key in wallet import format, with or
// without a right checksum.
func isWIF(w string) bool {
	return (len(w) == 51 || len(w) == 52) && strings.IndexByte("59KLc", w[0]) >= 0 && isBase58(w)
}

// isExtendedPrivateKey reports whether a word is a BIP 32 private key of any flavour (xprv, yprv,
// zprv, tprv, …).
func isExtendedPrivateKey(w string) bool {
	return len(w) > 90 && w[1:4] == "prv" && isBase58(w)
}

// isBase58 reports whether a word has only letters of Bitcoin's base 58.
func isBase58(w string) bool {
	return strings.Trim(w, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz") == ""
}

// KeyHex reports whether a text is hex of as many bytes as a private key, a seed or the entropy of
// one, perhaps with colons or dashes between the bytes; 33 bytes are a key marked as compressed
// (…01), if they are no public key.
func KeyHex(t string, fingerprint bool) bool {
	t = strings.TrimPrefix(strings.ToLower(t), "0x")
	if strings.Count(t, "-") == 4 && len(t) == 36 { // a UUID
		return false
	}
	b, err := hex.DecodeString(strings.NewReplacer(":", "", "-", "", "_", "", ".", "").Replace(t))
	if err != nil {
		return false
	}
	switch len(b) {
	case 16, 24, 28, 32, 64:
		return true
	case 20:
		return !fingerprint
	case 33:
		_, err := btcec.ParsePubKey(b)
		return b[32] == 1 && err != nil
	}
	return false
}

// KeyBase64 reports whether a text is base64 of 32 bytes, or of 16 or 64 with the padding that says
// so.
func KeyBase64(t string) bool {
	isPath := strings.HasPrefix(t, "/") || strings.Count(t, "/")+strings.Count(t, "-") > 4
	if isPath && !strings.HasSuffix(t, "=") || !strings.ContainsAny(t, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") || !strings.ContainsAny(t, "abcdefghijklmnopqrstuvwxyz") {
		return false
	}
	bare := strings.TrimRight(t, "=")
	raw, err := base64.RawStdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "/").Replace(bare))
	if err != nil || len(t)-len(bare) > 2 {
		return false
	}
	switch padding := len(t) - len(bare); len(raw) {
	case 32:
		return strings.ContainsAny(t, "0123456789+/") || padding == 1
	case 16, 64:
		return padding == 2
	}
	return false
}
