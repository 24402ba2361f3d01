package psbtmap

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/wire/v2"
)

// plain is a document with one input and one output, and pairs in its maps.
func plain(t testing.TB, global, input, output Map) *Document {
	t.Helper()
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Index: 7}, nil, nil))
	tx.AddTxOut(wire.NewTxOut(1000, []byte{0x6a}))
	var raw bytes.Buffer
	if err := tx.SerializeNoWitness(&raw); err != nil {
		t.Fatal(err)
	}
	return &Document{Global: append(Map{{[]byte{0}, raw.Bytes()}}, global...), Inputs: []Map{input}, Outputs: []Map{output}}
}

// pair is a pair of texts.
func pair(key, value string) Pair { return Pair{[]byte(key), []byte(value)} }

// What two documents say is kept, wherever it stands and whatever its type is; contradictions are
// decided by the caller.
func TestMerge(t *testing.T) {
	a := plain(t, Map{pair("\xfc\x01a", "1")}, Map{pair("\x1a1", "nonce"), pair("\xee", "same")}, Map{pair("\x09", "x")})
	b := plain(t, Map{pair("\xfc\x01b", "2")}, Map{pair("\x1a2", "nonce"), pair("\xee", "same")}, Map{pair("\x09", "y")})
	for _, second := range []bool{false, true} {
		all, differ, err := Merge(a, b, func(at Place, have, added []byte) (bool, error) {
			if at.Section != Output || string(have) != "x" || string(added) != "y" {
				t.Errorf("asked about %s", at)
			}
			return second, nil
		})
		if err != nil || len(differ) != 1 || len(all.Global) != 3 || len(all.Inputs[0]) != 3 {
			t.Fatalf("%v, %v, %v", all, differ, err)
		}
		if v, _ := all.Outputs[0].Get(9); string(v) != map[bool]string{false: "x", true: "y"}[second] {
			t.Errorf("the output says %q", v)
		}
		back, err := Parse(all.Bytes())
		if err != nil || !bytes.Equal(back.Bytes(), all.Bytes()) {
			t.Errorf("does not come back: %v", err)
		}
	}
	if len(a.Inputs[0]) != 2 || len(b.Inputs[0]) != 2 {
		t.Error("a document was changed by being merged")
	}
	refused := errors.New("no")
	if _, _, err := Merge(a, b, func(Place, []byte, []byte) (bool, error) { return false, refused }); !errors.Is(err, refused) {
		t.Errorf("%v", err)
	}
	other := plain(t, nil, nil, nil)
	other.Global[0].Value = append(bytes.Clone(other.Global[0].Value[:4]), other.Global[0].Value[4:]...)
	other.Global[0].Value[0]++
	if _, _, err := Merge(a, other, nil); !errors.Is(err, ErrOther) {
		t.Errorf("another transaction: %v", err)
	}
}

// What is no PSBT of version 0 is refused whole.
func TestParseRefuses(t *testing.T) {
	good := plain(t, nil, nil, nil).Bytes()
	twice := plain(t, nil, Map{pair("\xfc", "1"), pair("\xfc", "2")}, nil).Bytes()
	for name, raw := range map[string][]byte{
		"nothing":        nil,
		"magic alone":    good[:5],
		"cut":            good[:len(good)-1],
		"more":           append(bytes.Clone(good), 0),
		"other magic":    append([]byte("psbu"), good[4:]...),
		"a key twice":    twice,
		"version 2":      plain(t, Map{pair("\xfb", "\x02\x00\x00\x00")}, nil, nil).Bytes(),
		"no transaction": {'p', 's', 'b', 't', 0xff, 0},
		"huge length":    append(bytes.Clone(good[:5]), 0xff, 1, 2, 3, 4, 5, 6, 7, 8),
		"long form":      append(bytes.Clone(good[:5]), 0xfd, 1, 0),
	} {
		if _, err := Parse(raw); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Parse(twice); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("%v", err)
	}
	if _, err := Parse(plain(t, Map{pair("\xfb", "\x00\x00\x00\x00")}, nil, nil).Bytes()); err != nil {
		t.Errorf("version 0, said: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(plain(f, nil, Map{pair("\xfc", "1")}, Map{pair("\x05\x01", "")}).Bytes())
	f.Add(plain(f, Map{pair("\xfb", "\x00\x00\x00\x00")}, nil, nil).Bytes())
	f.Add([]byte("psbt\xff\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := Parse(raw)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("%v", err)
			}
			return
		}
		back, err := Parse(d.Bytes())
		if err != nil || !bytes.Equal(back.Bytes(), d.Bytes()) || len(d.Bytes()) != len(raw) {
			t.Errorf("does not come back: %v", err)
		}
		all, differ, err := Merge(d, back, func(Place, []byte, []byte) (bool, error) { return false, errors.New("asked") })
		if err != nil || len(differ) > 0 || !bytes.Equal(all.Bytes(), d.Bytes()) {
			t.Errorf("merged with itself: %v", err)
		}
	})
}
