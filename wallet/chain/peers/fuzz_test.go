package peers

import (
	"bytes"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"
)

// FuzzHeaderFile: a file of headers is whole and begins with the network's first block, or it is
// bad.
func FuzzHeaderFile(f *testing.F) {
	net := &chaincfg.RegressionNetParams
	var first bytes.Buffer
	if err := net.GenesisBlock.Header.Serialize(&first); err != nil {
		f.Fatal(err)
	}
	second := bytes.Clone(first.Bytes())
	copy(second[4:36], net.GenesisHash[:])
	for _, b := range [][]byte{nil, first.Bytes(), first.Bytes()[:79], append(bytes.Clone(first.Bytes()), second...), make([]byte, 160)} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		err := checkLinks(bytes.NewReader(raw), net)
		if err != nil && !errors.Is(err, ErrBadHeaders) {
			t.Fatal(err)
		}
		if err == nil && (len(raw)%blockHeaderSize != 0 || len(raw) > 0 && !bytes.HasPrefix(raw, first.Bytes())) {
			t.Fatalf("%d bytes are believed", len(raw))
		}
	})
}
