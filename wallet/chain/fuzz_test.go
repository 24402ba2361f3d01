package chain

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"
)

// FuzzBatchAnswers: whatever a node answers, there is one result for each question, or none at all.
func FuzzBatchAnswers(f *testing.F) {
	for _, s := range []string{
		`[{"id":7,"result":"00ff"},{"id":8,"result":1,"error":null}]`, `[{"id":8,"result":"b"},{"id":7,"result":"a"}]`, `[{"id":7,"result":"a"}]`,
		`[{"id":7,"result":"a"},{"id":7,"result":"a"}]`, `[{"id":7,"result":null},{"id":8,"result":"a"}]`, `{"error":{"code":-32600}}`,
		`[{"id":7,"error":{"code":-8}},{"id":8,"result":"a"}]`, `[{"id":-1},{"id":1e30}]`, `[[],[]]`, `null`, ``,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := batchAnswers(raw, 7, 2)
		if err != nil && (list != nil || !errors.Is(err, errNoBatch)) {
			t.Fatalf("%d results and %v", len(list), err)
		}
		if err == nil && (len(list) != 2 || !json.Valid(list[0]) || !json.Valid(list[1])) {
			t.Fatalf("results %q", list)
		}
	})
}

// FuzzHeaderFile: a file of headers is whole and begins with the network's first block, or it is bad.
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
