package names

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"testing"

	"blockstack/testdata"
)

// readVectors decodes a vector file.
func readVectors[T any](t *testing.T, file string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(testdata.Vectors(t, file), &v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return v
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// vectorNamespace is a namespace as price vectors give it.
type vectorNamespace struct {
	ID       NamespaceID `json:"namespace_id"`
	Version  int
	Coeff    byte
	Base     byte
	Buckets  []byte
	NonAlpha byte `json:"nonalpha_discount"`
	NoVowel  byte `json:"no_vowel_discount"`
}

// UnmarshalJSON reads buckets as an array of numbers, which encoding/json would not do for bytes.
func (v *vectorNamespace) UnmarshalJSON(b []byte) error {
	type plain vectorNamespace
	aux := struct {
		*plain
		Buckets []int
	}{plain: (*plain)(v)}
	if err := json.Unmarshal(b, &aux); err != nil {
		return err
	}
	for _, x := range aux.Buckets {
		v.Buckets = append(v.Buckets, byte(x))
	}
	return nil
}

func (v *vectorNamespace) namespace() *Namespace {
	return &Namespace{
		ID: v.ID, Version: v.Version, Coeff: v.Coeff, Base: v.Base, Buckets: [16]byte(v.Buckets), NonAlphaDiscount: v.NonAlpha,
		NoVowelDiscount: v.NoVowel,
	}
}

func namespacesByID(list []vectorNamespace) map[NamespaceID]*Namespace {
	m := make(map[NamespaceID]*Namespace, len(list))
	for i := range list {
		m[list[i].ID] = list[i].namespace()
	}
	return m
}

func TestVectorsFunctions(t *testing.T) {
	const file = "functions/functions.json"
	v := readVectors[struct {
		NameValid []struct {
			Hex   string `json:"name_hex"`
			Valid bool
		} `json:"name_valid"`
		NamespaceValid []struct {
			Hex   string `json:"id_hex"`
			Valid bool
		} `json:"namespace_valid"`
		NamespacePrice []struct {
			Epoch  int
			Height int32
			ID     NamespaceID
			Price  *string
			Units  Unit
		} `json:"namespace_price"`
		Namespaces []vectorNamespace `json:"name_price_namespaces"`
		NamePrice  []struct {
			Epoch     int
			Height    int32
			Namespace NamespaceID
			Label     string  `json:"name_part"`
			Float     *string `json:"float_repr"`
			IsFloat   bool    `json:"is_float"`
			Price     string
			InStacks  *string `json:"price_in_stacks"`
		} `json:"name_price"`
		C32 []struct{ Base58, C32 string } `json:"c32_address"`
	}](t, file)
	p := Mainnet()
	cases := 0
	for _, c := range v.NameValid {
		cases++
		b := unhex(t, c.Hex)
		if got := ValidName(b); got != c.Valid {
			t.Errorf("ValidName(%q) = %v", b, got)
		}
		// Parse accepts exactly the names among them without line feeds.
		if _, err := Parse(string(b)); (err == nil) != (c.Valid && !hasLineFeed(b)) {
			t.Errorf("Parse(%q): %v", b, err)
		} else if err != nil && !errors.Is(err, ErrBadName) {
			t.Errorf("Parse(%q): %v is no ErrBadName", b, err)
		}
	}
	for _, c := range v.NamespaceValid {
		cases++
		b := unhex(t, c.Hex)
		if got := ValidNamespaceID(b); got != c.Valid {
			t.Errorf("ValidNamespaceID(%q) = %v", b, got)
		}
		if _, err := ParseNamespaceID(string(b)); (err == nil) != (c.Valid && !hasLineFeed(b)) {
			t.Errorf("ParseNamespaceID(%q): %v", b, err)
		} else if err != nil && !errors.Is(err, ErrBadNamespace) {
			t.Errorf("ParseNamespaceID(%q): %v is no ErrBadNamespace", b, err)
		}
	}
	for _, c := range v.NamespacePrice {
		cases++
		if n, _ := p.Epoch(c.Height); n != c.Epoch {
			t.Errorf("height %d: epoch %d, want %d", c.Height, n, c.Epoch)
		}
		checkNamespacePrice(t, p, c.ID, c.Units, c.Height, c.Price)
	}
	namespaces := namespacesByID(v.Namespaces)
	for _, c := range v.NamePrice {
		cases++
		price, err := p.NamePrice(c.Label, namespaces[c.Namespace], c.Height)
		if err != nil {
			t.Fatal(err)
		}
		want := c.Price
		if c.IsFloat {
			want = *c.Float
		}
		if price.String() != want || price.IsFloat() != c.IsFloat {
			t.Errorf("%s.%s at %d: %s (float %v), want %s", c.Label, c.Namespace, c.Height, price, price.IsFloat(), want)
		}
		checkStacksPrice(t, p, c.Label, namespaces[c.Namespace], c.Height, c.InStacks)
	}
	for _, c := range v.C32 {
		cases++
		checkC32(t, c.Base58, c.C32)
	}
	testdata.Cases(t, file, cases)
}

func hasLineFeed(b []byte) bool {
	for _, c := range b {
		if c == '\n' {
			return true
		}
	}
	return false
}

func checkNamespacePrice(t *testing.T, p *Params, id NamespaceID, unit Unit, height int32, want *string) {
	t.Helper()
	price, err := p.NamespacePriceIn(id, unit, height)
	switch {
	case want == nil && !errors.Is(err, ErrNoPrice):
		t.Errorf("namespace %q in %s at %d: %s, %v, want no price", id, unit, height, price, err)
	case want != nil && (err != nil || price.Minimum().String() != *want):
		t.Errorf("namespace %q in %s at %d: %s, %v, want %s", id, unit, height, price, err, *want)
	case want != nil:
		if own, ownUnit, err := p.NamespacePrice(id, height); err != nil || ownUnit != unit || own.String() != price.String() {
			t.Errorf("namespace %q at %d: %s %s, %v", id, height, own, ownUnit, err)
		}
	}
}

func checkStacksPrice(t *testing.T, p *Params, label string, ns *Namespace, height int32, want *string) {
	t.Helper()
	price, err := p.NamePriceStacks(label, ns, height)
	switch {
	case want == nil && ns.PriceUnit() == Satoshi && !errors.Is(err, ErrNoPrice):
		t.Errorf("%s.%s at %d in STACKS: %s, %v, want no price", label, ns.ID, height, price, err)
	case want != nil && (err != nil || price.String() != *want):
		t.Errorf("%s.%s at %d in STACKS: %s, %v, want %s", label, ns.ID, height, price, err, *want)
	}
}

func checkC32(t *testing.T, b58, c32 string) {
	t.Helper()
	if got, err := Base58ToC32(b58); err != nil || got != c32 {
		t.Errorf("Base58ToC32(%s) = %s, %v, want %s", b58, got, err, c32)
	}
	if got, err := C32ToBase58(c32); err != nil || got != b58 {
		t.Errorf("C32ToBase58(%s) = %s, %v, want %s", c32, got, err, b58)
	}
}

func TestVectorsPrices(t *testing.T) {
	const file = "protocol/prices.json"
	v := readVectors[struct {
		Namespaces []vectorNamespace
		Names      []struct {
			Height    int32
			Label     string
			Namespace NamespaceID
			Price     string
			IsFloat   bool    `json:"price_is_float"`
			Minimum   string  `json:"minimum_integer_payment"`
			InStacks  *string `json:"price_in_microstacks"`
		}
		NamespacePrices []struct {
			Height int32
			Length int
			Price  *string
			Units  Unit
		} `json:"namespace_prices"`
	}](t, file)
	p := Mainnet()
	namespaces := namespacesByID(v.Namespaces)
	for _, c := range v.Names {
		price, err := p.NamePrice(c.Label, namespaces[c.Namespace], c.Height)
		if err != nil {
			t.Fatal(err)
		}
		if price.String() != c.Price || price.IsFloat() != c.IsFloat {
			t.Errorf("%s.%s at %d: %s (float %v), want %s", c.Label, c.Namespace, c.Height, price, price.IsFloat(), c.Price)
		}
		minimum := price.Minimum()
		if minimum.String() != c.Minimum {
			t.Errorf("%s.%s at %d: minimum %s, want %s", c.Label, c.Namespace, c.Height, minimum, c.Minimum)
		}
		if !price.PaidBy(minimum) || price.PaidBy(new(big.Int).Sub(minimum, big.NewInt(1))) {
			t.Errorf("%s.%s at %d: %s is not the smallest payment", c.Label, c.Namespace, c.Height, minimum)
		}
		checkStacksPrice(t, p, c.Label, namespaces[c.Namespace], c.Height, c.InStacks)
	}
	for _, c := range v.NamespacePrices {
		id := NamespaceID("abcdefghijklmnopqrstuvwxyz"[:c.Length])
		checkNamespacePrice(t, p, id, c.Units, c.Height, c.Price)
	}
	testdata.Cases(t, file, len(v.Names)+len(v.NamespacePrices))
}

func TestVectorsEncodings(t *testing.T) {
	const file = "protocol/encodings.json"
	v := readVectors[struct {
		Names []struct {
			Name  string
			Valid bool
		}
		Namespaces []struct {
			ID    string `json:"namespace_id"`
			Valid bool
		}
		C32 []struct {
			Address, Hash160 string
			Version          byte
		} `json:"c32"`
		B58       []struct{ B58, C32 string }   `json:"b58_c32"`
		ZoneFiles []struct{ Hash, Text string } `json:"zonefile_hashes"`
	}](t, file)
	for _, c := range v.Names {
		n, err := Parse(c.Name)
		if (err == nil) != c.Valid || ValidName([]byte(c.Name)) != c.Valid {
			t.Errorf("name %q: %v", c.Name, err)
		}
		if c.Valid && n.String() != c.Name {
			t.Errorf("name %q reads back as %q", c.Name, n)
		}
	}
	for _, c := range v.Namespaces {
		if _, err := ParseNamespaceID(c.ID); (err == nil) != c.Valid || ValidNamespaceID([]byte(c.ID)) != c.Valid {
			t.Errorf("namespace %q: %v", c.ID, err)
		}
	}
	for _, c := range v.C32 {
		hash := [20]byte(unhex(t, c.Hash160))
		if got, err := C32FromHash(c.Version, hash); err != nil || got != c.Address {
			t.Errorf("C32FromHash(%d, %s) = %s, %v, want %s", c.Version, c.Hash160, got, err, c.Address)
		}
		if version, h, err := ParseC32(c.Address); err != nil || version != c.Version || h != hash {
			t.Errorf("ParseC32(%s) = %d, %x, %v", c.Address, version, h, err)
		}
	}
	for _, c := range v.B58 {
		checkC32(t, c.B58, c.C32)
	}
	for _, c := range v.ZoneFiles {
		if got := HashZoneFile([]byte(c.Text)).String(); got != c.Hash {
			t.Errorf("zone-file hash of %q: %s, want %s", c.Text, got, c.Hash)
		}
	}
	testdata.Cases(t, file, len(v.Names)+len(v.Namespaces)+len(v.C32)+len(v.B58)+len(v.ZoneFiles))
}

func TestVectorsC32(t *testing.T) {
	const file = "identity/c32.json"
	type answer struct {
		Version byte
		Hash160 string
		Error   string
	}
	v := readVectors[struct {
		Addresses []struct {
			Hash160        string
			C32Version     byte
			StacksAddress  string
			BitcoinAddress string
		}
		DecodeOdd []struct {
			ID, Input string
			Answer    answer `json:"1.1.3"`
		}
		Encode []struct{ Hex, C32 string }
	}](t, file)
	for _, c := range v.Addresses {
		checkC32(t, c.BitcoinAddress, c.StacksAddress)
		if got, err := C32FromHash(c.C32Version, [20]byte(unhex(t, c.Hash160))); err != nil || got != c.StacksAddress {
			t.Errorf("C32FromHash(%d, %s) = %s, %v", c.C32Version, c.Hash160, got, err)
		}
	}
	for _, c := range v.DecodeOdd {
		version, hash, err := ParseC32(c.Input)
		switch {
		case c.Answer.Error != "" && !errors.Is(err, ErrBadAddress):
			t.Errorf("%s: ParseC32(%q): %v, want ErrBadAddress", c.ID, c.Input, err)
		case c.Answer.Error == "" && (err != nil || version != c.Answer.Version || hex.EncodeToString(hash[:]) != c.Answer.Hash160):
			t.Errorf("%s: ParseC32(%q) = %d, %x, %v", c.ID, c.Input, version, hash, err)
		}
	}
	for _, c := range v.Encode {
		b := unhex(t, c.Hex)
		if got := c32Encode(b); got != c.C32 {
			t.Errorf("c32 of %s: %s, want %s", c.Hex, got, c.C32)
		}
		if got, ok := c32Decode(c.C32); !ok || hex.EncodeToString(got) != c.Hex {
			t.Errorf("c32 %s: %x, want %s", c.C32, got, c.Hex)
		}
	}
	testdata.Cases(t, file, len(v.Addresses)+len(v.DecodeOdd)+len(v.Encode))
}
