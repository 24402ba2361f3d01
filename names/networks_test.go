package names

import (
	"encoding/json"
	"math/big"
	"reflect"
	"testing"
)

// TestMainnetParams compares the public registry with the constants of a recorded chain.
func TestMainnetParams(t *testing.T) {
	const file = "chain/d27-mainnet-constants.json"
	v := readVectors[struct{ Settings json.RawMessage }](t, file)
	want, err := ParseSettings(v.Settings)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want.Epochs {
		e := &want.Epochs[i]
		if e.Namespaces["id"] != e.Namespaces[AnyNamespace] {
			t.Errorf("epoch %d: namespace id has rules of its own", i+1)
		}
		delete(e.Namespaces, "id")
		if e.NamespacePrices != nil {
			e.NamespacePrices[0] = Number{} // an id without characters cannot be bought
		}
	}
	want.GenesisUnknown = true // a recorded chain knows its own
	if got := Mainnet(); !reflect.DeepEqual(got, want) {
		t.Errorf("public registry:\n%+v\nrecorded:\n%+v", got, want)
	}
}

// TestSandboxParams compares the sandbox's only epoch with epoch 5 of a recorded test chain.
func TestSandboxParams(t *testing.T) {
	const file = "chain/d21-token-transfers.json"
	v := readVectors[struct{ Settings json.RawMessage }](t, file)
	recorded, err := ParseSettings(v.Settings)
	if err != nil {
		t.Fatal(err)
	}
	if len(recorded.Epochs) != 5 {
		t.Fatalf("%d epochs recorded", len(recorded.Epochs))
	}
	want := &recorded.Epochs[4]
	for id := range want.Namespaces {
		if want.Namespaces[id] != want.Namespaces[AnyNamespace] {
			t.Errorf("namespace %s has rules of its own", id)
		}
		if id != AnyNamespace {
			delete(want.Namespaces, id)
		}
	}
	p := Sandbox(testAddress, big.NewInt(7))
	first, got := p.Epoch(p.FirstBlock)
	if first != 1 || !reflect.DeepEqual(got, want) {
		t.Errorf("sandbox:\n%+v\nrecorded:\n%+v", got, want)
	}
	if p.BurnAddress != recorded.BurnAddress || p.Magic != recorded.Magic || p.PubKeyHashVersion != recorded.PubKeyHashVersion ||
		p.ScriptHashVersion != recorded.ScriptHashVersion || p.ConsensusWindow != recorded.ConsensusWindow {
		t.Errorf("sandbox %+v", p)
	}
	if err := checkParams(p); err != nil {
		t.Error(err)
	}
	if len(p.Genesis) != 1 || p.Genesis[0].Value.Int64() != 7 || !p.Genesis[0].ReceiveWhitelisted {
		t.Errorf("grant %+v", p.Genesis)
	}
}

func TestEpochBoundaries(t *testing.T) {
	p := Mainnet()
	for _, c := range []struct {
		height int32
		want   int
	}{{0, 1}, {436650, 1}, {436651, 2}, {488500, 2}, {488501, 3}, {547921, 3}, {547922, 4}, {599866, 4}, {599867, 5}, {1 << 30, 5}} {
		if got, e := p.Epoch(c.height); got != c.want || e != &p.Epochs[c.want-1] {
			t.Errorf("height %d: epoch %d, want %d", c.height, got, c.want)
		}
	}
	if !p.IsAnnouncer("muneeb.id") || p.IsAnnouncer("alice.id") {
		t.Error("announcers")
	}
}

func TestNamePriceRefuses(t *testing.T) {
	p := Mainnet()
	if _, err := p.NamePrice("", &Namespace{ID: "id", Version: 1}, 400000); err == nil {
		t.Error("an empty label has a price")
	}
	// A label longer than any name can have takes the last bucket.
	ns := &Namespace{ID: "id", Version: 1, Coeff: 1, Base: 2, Buckets: [16]byte{15: 3}}
	if got, err := p.NamePrice("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ns, 650000); err != nil || got.String() != "80" {
		t.Errorf("%s, %v", got, err)
	}
	if (Number{}).PaidBy(big.NewInt(1e9)) || (Number{}).String() != "" || (Number{}).Minimum() != nil {
		t.Error("no number is a number")
	}
	if got := FloatNumber(2.5); got.Minimum().Int64() != 3 || got.Floor().Int64() != 2 || got.PaidBy(big.NewInt(2)) || !got.PaidBy(big.NewInt(3)) {
		t.Errorf("%s", got)
	}
}
