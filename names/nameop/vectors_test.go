package nameop

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"testing"

	"github.com/btcsuite/btcd/address/v2"

	"blockstack/names"
	"blockstack/testdata"
)

// Heights in epochs 3 and 5 of the public registry.
const (
	inEpoch3 = 500000
	inEpoch5 = 650000
)

func readVectors[T any](t *testing.T, file string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(testdata.Vectors(t, file), &v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return v
}

// hexBytes is bytes as hex text.
type hexBytes []byte

func (h *hexBytes) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	d, err := hex.DecodeString(s)
	*h = d
	return err
}

func (h hexBytes) String() string { return hex.EncodeToString(h) }

// decimal is a number that the vectors write as text.
type decimal uint64

func (d *decimal) UnmarshalText(b []byte) error {
	v, err := strconv.ParseUint(string(b), 10, 64)
	*d = decimal(v)
	return err
}

func TestVectorsFunctions(t *testing.T) {
	const file = "functions/functions.json"
	v := readVectors[struct {
		PreorderHash []struct {
			Hash         string
			Name         string
			Address      string   `json:"register_address"`
			SenderScript hexBytes `json:"sender_script"`
		} `json:"preorder_hash"`
		Base40 []struct {
			Hex  hexBytes
			Text string
		} `json:"base40_bytes"`
		NameHash   []struct{ Hash, Name string } `json:"name_hash128"`
		UpdateHash []struct {
			Hash, Name string
			Consensus  names.ConsensusHash `json:"consensus_hash"`
		} `json:"name_consensus_hash"`
		ScriptType []struct {
			Address *string
			Script  hexBytes
			Type    *string
		} `json:"script_type"`
	}](t, file)
	for _, c := range v.PreorderHash {
		checkPreorderHash(t, c.Name, c.SenderScript, c.Address, c.Hash)
	}
	for _, c := range v.Base40 {
		checkBase40(t, c.Text, c.Hex.String())
	}
	for _, c := range v.NameHash {
		if got := NameHash(c.Name).String(); got != c.Hash {
			t.Errorf("NameHash(%s) = %s, want %s", c.Name, got, c.Hash)
		}
	}
	for _, c := range v.UpdateHash {
		if got := UpdateHash(c.Name, c.Consensus).String(); got != c.Hash {
			t.Errorf("UpdateHash(%s, %s) = %s, want %s", c.Name, c.Consensus, got, c.Hash)
		}
	}
	p := names.Mainnet()
	for _, c := range v.ScriptType {
		want := names.NonStandard.String()
		if c.Type != nil {
			want = *c.Type
		}
		if got := Classify(c.Script).String(); got != want {
			t.Errorf("Classify(%s) = %s, want %s", c.Script, got, want)
		}
		addr, err := p.ScriptAddress(c.Script)
		switch hasAddress := want == "p2pkh" || want == "p2sh"; {
		case hasAddress && (err != nil || addr != *c.Address):
			t.Errorf("ScriptAddress(%s) = %s, %v, want %s", c.Script, addr, err, *c.Address)
		case !hasAddress && !errors.Is(err, names.ErrBadScript):
			t.Errorf("ScriptAddress(%s) = %s, %v, want ErrBadScript", c.Script, addr, err)
		}
	}
	testdata.Cases(t, file, len(v.PreorderHash)+len(v.Base40)+len(v.NameHash)+len(v.UpdateHash)+len(v.ScriptType))
}

func checkPreorderHash(t *testing.T, x string, script []byte, addr, want string) {
	t.Helper()
	if got, err := HashPreorder(x, script, addr); err != nil || got.String() != want {
		t.Errorf("HashPreorder(%s, %x, %s) = %s, %v, want %s", x, script, addr, got, err, want)
	}
}

func checkBase40(t *testing.T, text, want string) {
	t.Helper()
	if got, err := Base40(text); err != nil || hex.EncodeToString(got) != want {
		t.Errorf("Base40(%s) = %x, %v, want %s", text, got, err, want)
	}
}

func TestVectorsEncodings(t *testing.T) {
	const file = "protocol/encodings.json"
	v := readVectors[struct {
		B40 []struct {
			Hex  hexBytes `json:"bytes_hex"`
			Text string
		}
		PreorderHashes []struct {
			Address, Name string
			Hash          string `json:"preorder_hash"`
			Script        hexBytes
		} `json:"preorder_hashes"`
		Hashes []struct {
			Consensus   names.ConsensusHash `json:"consensus_hash"`
			Name        string
			UpdateHash  string `json:"name_consensus_hash"`
			NameHash128 string `json:"name_hash128"`
		} `json:"update_and_name_hashes"`
	}](t, file)
	for _, c := range v.B40 {
		checkBase40(t, c.Text, c.Hex.String())
	}
	for _, c := range v.PreorderHashes {
		checkPreorderHash(t, c.Name, c.Script, c.Address, c.Hash)
	}
	for _, c := range v.Hashes {
		if got := UpdateHash(c.Name, c.Consensus).String(); got != c.UpdateHash {
			t.Errorf("UpdateHash(%s, %s) = %s, want %s", c.Name, c.Consensus, got, c.UpdateHash)
		}
		if got := NameHash(c.Name).String(); got != c.NameHash128 {
			t.Errorf("NameHash(%s) = %s, want %s", c.Name, got, c.NameHash128)
		}
	}
	testdata.Cases(t, file, len(v.B40)+len(v.PreorderHashes)+len(v.Hashes))
}

func TestVectorsJSUtils(t *testing.T) {
	const file = "protocol/js_utils.json"
	v := readVectors[struct {
		B40 []struct {
			Hex  hexBytes
			Text string
		}
		Hashes []struct{ Text, Hash128, Hash160 string }
	}](t, file)
	for _, c := range v.B40 {
		checkBase40(t, c.Text, c.Hex.String())
	}
	for _, c := range v.Hashes {
		if got := hash128([]byte(c.Text)).String(); got != c.Hash128 {
			t.Errorf("hash128(%q) = %s, want %s", c.Text, got, c.Hash128)
		}
		if got := hex.EncodeToString(address.Hash160([]byte(c.Text))); got != c.Hash160 {
			t.Errorf("hash160(%q) = %s, want %s", c.Text, got, c.Hash160)
		}
	}
	testdata.Cases(t, file, len(v.B40)+len(v.Hashes))
}

// unmarshal is json.Unmarshal for types that have a method of their own.
func unmarshal(b []byte, v any) error { return json.Unmarshal(b, v) }
