package names

import (
	"fmt"
	"strings"

	"github.com/btcsuite/btcd/address/v2/base58"
)

// maxAddressText bounds what is read as an address; base58 decoding takes quadratic time.
const maxAddressText = 128

// decodeBase58 reads a base58check address: version byte, 20-byte hash, 4-byte checksum.
func decodeBase58(addr string) (version byte, hash [20]byte, err error) {
	bad := func(reason string) (byte, [20]byte, error) {
		return 0, [20]byte{}, fmt.Errorf("%w: %s: %s", ErrBadAddress, quote(addr), reason)
	}
	if len(addr) > maxAddressText {
		return bad("it is too long")
	}
	for _, hrp := range []string{"bc1", "tb1", "bcrt1"} {
		if strings.HasPrefix(strings.ToLower(addr), hrp) {
			return bad("names can only belong to p2pkh and p2sh addresses, this one is native segwit")
		}
	}
	b, version, err := base58.CheckDecode(addr)
	if err != nil {
		return bad(err.Error())
	}
	if len(b) != hashLen {
		return bad(fmt.Sprintf("it holds %d bytes instead of 20", len(b)))
	}
	return version, [20]byte(b), nil
}
