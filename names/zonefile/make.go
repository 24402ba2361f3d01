package zonefile

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/btcsuite/btcd/btcec/v2"

	"blockstack/names"
)

// defaultTTL is the time to live that zone files of names carry.
const defaultTTL = 3600

// Make writes the zone file of a name whose profile is at one of the addresses, in order of
// preference:
//
//	$ORIGIN alice.id
//	$TTL 3600
//	_http._tcp<TAB>IN<TAB>URI<TAB>10<TAB>1<TAB>"https://example.org/profile.json"
//	<empty line>
//
// Addresses are http or https, without user-info. A missing path becomes "/", and characters that
// the readers of the time would mangle are percent-encoded. The text is read back before it is
// given out. Errors wrap ErrBadURL, ErrTooLarge or names.ErrBadName.
func Make(origin names.Name, urls ...string) ([]byte, error) {
	if origin.IsZero() {
		return nil, fmt.Errorf("zone file: %w: no name given", names.ErrBadName)
	}
	return makeText(origin.String(), urls, "")
}

// MakeWithKey is Make with a data key: a compressed or uncompressed public key in hex that signs
// the profile in the owner's place (identity 3.5). It adds the line
//
//	pubkey<TAB>IN<TAB>TXT<TAB>"pubkey:data:<hex>"
//
// before the addresses. Errors also wrap ErrBadKey.
func MakeWithKey(origin names.Name, dataKey string, urls ...string) ([]byte, error) {
	if origin.IsZero() {
		return nil, fmt.Errorf("zone file: %w: no name given", names.ErrBadName)
	}
	if (len(dataKey) != 66 && len(dataKey) != 130) || strings.Trim(dataKey, "0123456789abcdef") != "" {
		return nil, fmt.Errorf("zone file of %s: %w: want 66 or 130 lower-case hex digits", origin, ErrBadKey)
	}
	raw, err := hex.DecodeString(dataKey)
	if err == nil {
		_, err = btcec.ParsePubKey(raw)
	}
	if err != nil {
		return nil, fmt.Errorf("zone file of %s: %w: %w", origin, ErrBadKey, err)
	}
	return makeText(origin.String(), urls, "pubkey:data:"+dataKey)
}

func makeText(origin string, urls []string, txt string) ([]byte, error) {
	if len(urls) == 0 {
		return nil, fmt.Errorf("zone file of %s: %w: none given", origin, ErrBadURL)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "$ORIGIN %s\n$TTL %d\n", origin, defaultTTL)
	if txt != "" {
		fmt.Fprintf(&b, "pubkey\tIN\tTXT\t\"%s\"\n", txt)
	}
	safe := make([]string, 0, len(urls))
	for _, u := range urls {
		s, err := safeURL(u)
		if err != nil {
			return nil, fmt.Errorf("zone file of %s: %w", origin, err)
		}
		safe = append(safe, s)
		fmt.Fprintf(&b, "_http._tcp\tIN\tURI\t10\t1\t\"%s\"\n", s)
	}
	b.WriteByte('\n')
	if b.Len() > MaxMakeSize {
		return nil, fmt.Errorf("zone file of %s: %w: %d bytes, at most %d", origin, ErrTooLarge, b.Len(), MaxMakeSize)
	}
	text := []byte(b.String())
	z, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("zone file of %s: read back: %w", origin, err)
	}
	back, err := z.URLs()
	if err != nil {
		return nil, fmt.Errorf("zone file of %s: read back: %w", origin, err)
	}
	if !slices.Equal(back, safe) || !slices.Equal(z.Origins, []string{origin}) || len(z.Problems) > 0 {
		return nil, fmt.Errorf("zone file of %s: %w: %q reads back differently", origin, ErrBadURL, safe)
	}
	if txts := z.TXTs(); txt != "" && (len(txts) != 1 || txts[0].Owner != "pubkey" || !slices.Equal(txts[0].Strings, []string{txt})) {
		return nil, fmt.Errorf("zone file of %s: %w: it reads back differently", origin, ErrBadKey)
	}
	return text, nil
}

// safeURL percent-encodes what zone files cannot carry safely, and gives an address without a path
// the path "/".
func safeURL(s string) (string, error) {
	var b strings.Builder
	for i := range len(s) {
		if isSafe(s[i]) {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", s[i])
		}
	}
	u, err := checkURL(b.String())
	if err != nil {
		return "", err
	}
	if u.Path != "" {
		return b.String(), nil
	}
	u.Path = "/"
	return u.String(), nil
}

// isSafe reports whether a character of an address can stand in a zone file as it is: every reader
// takes it for itself.
func isSafe(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~:/?#[]@!&'*+,=%", c) >= 0
}
