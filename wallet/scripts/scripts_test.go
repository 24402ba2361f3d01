package scripts

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/wallet/labels"
)

// account is an account of the seed that BIP 49, 84 and 86 take for their vectors: eleven times
// "abandon", then "about".
func account(t testing.TB, kind Kind) *hdkeychain.ExtendedKey {
	t.Helper()
	seed, err := hex.DecodeString("5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc19a5ac40b389cd370d086206dec8aa6c43daea6690f20ad3d8d48b2d2ce9e38e4")
	if err != nil {
		t.Fatal(err)
	}
	key, err := hdkeychain.NewMaster(seed, &chaincfg.MainNetParams)
	for _, step := range []uint32{kind.Purpose(), 0, 0} {
		if err == nil {
			key, err = key.Derive(hdkeychain.HardenedKeyStart + step)
		}
	}
	if err == nil {
		key, err = key.Neuter()
	}
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// owners are some public keys.
func owners(n int) (list [][]byte, keys []*btcec.PublicKey) {
	for i := range n {
		_, pub := btcec.PrivKeyFromBytes(append(make([]byte, 31), byte(i+1)))
		list, keys = append(list, pub.SerializeCompressed()), append(keys, pub)
	}
	return list, keys
}

// TestVectors are the first addresses of the vectors of BIP 49 (on the main network), 84 and 86,
// and that of BIP 44.
func TestVectors(t *testing.T) {
	d := NewDeriver(&chaincfg.MainNetParams, Public{Accounts: map[Kind]*hdkeychain.ExtendedKey{
		P2PKH: account(t, P2PKH), P2SHP2WPKH: account(t, P2SHP2WPKH), P2WPKH: account(t, P2WPKH), P2TR: account(t, P2TR),
	}})
	for _, v := range []struct {
		kind          Kind
		branch, index uint32
		address       string
	}{
		{P2PKH, Receive, 0, "1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA"},
		{P2SHP2WPKH, Receive, 0, "37VucYSaXLCAsxYyAPfbSi9eh4iEcbShgf"},
		{P2WPKH, Receive, 0, "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"},
		{P2WPKH, Receive, 1, "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"},
		{P2WPKH, Change, 0, "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el"},
		{P2TR, Receive, 0, "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"},
		{P2TR, Receive, 1, "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh"},
		{P2TR, Change, 0, "bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7"},
	} {
		b := PaymentBranch(v.kind, v.branch)
		k, err := d.Key(b, v.index)
		if err != nil || k.Address != v.address || k.Role != Payment || k.Kind != v.kind || k.Branch != v.branch || k.Index != v.index {
			t.Errorf("%s %d/%d: %+v, %v", v.kind, v.branch, v.index, k, err)
		}
		if AddressOf(&chaincfg.MainNetParams, k.Script) != v.address || BranchOf(k) != b {
			t.Errorf("%s: script %x, branch %x", v.address, k.Script, BranchOf(k))
		}
		if again, ok := d.Derived(k.Script); !ok || again.Address != v.address {
			t.Errorf("%s is not found by its script", v.address)
		}
		pub, err := btcec.ParsePubKey(k.PubKey)
		if err != nil {
			t.Fatal(err)
		}
		made, err := NewPaymentKey(&chaincfg.MainNetParams, v.kind, v.branch, v.index, pub)
		if err != nil || !bytes.Equal(made.Script, k.Script) {
			t.Errorf("%s from its public key: %+v, %v", v.address, made, err)
		}
	}
}

// TestBranches: every row of keys has two bytes of its own, and says whose it is.
func TestBranches(t *testing.T) {
	seen := map[Branch]bool{}
	for _, b := range append(Branches(), RoleBranch(Shared)) {
		if seen[b] {
			t.Errorf("%x twice", b)
		}
		seen[b] = true
		k := Key{Role: b.Role(), Kind: b.Kind(), Branch: uint32(b[1])}
		if BranchOf(k) != b {
			t.Errorf("%x is of a %s %s key, whose branch is %x", b, k.Role, k.Kind, BranchOf(k))
		}
		if at := b.At(0x01020304); !bytes.Equal(at, []byte{b[0], b[1], 1, 2, 3, 4}) {
			t.Errorf("%x at an index: %x", b, at)
		}
	}
	if len(seen) != 2*len(Kinds())+3 {
		t.Errorf("%d branches", len(seen))
	}
	if Kind("p2wsh").Purpose() != 0 || P2SH.Purpose() != 0 {
		t.Error("a kind without accounts has a purpose")
	}
}

// TestMissing: what follows from nothing that is believed is not made up.
func TestMissing(t *testing.T) {
	list, keys := owners(3)
	d := NewDeriver(&chaincfg.MainNetParams, Public{Accounts: map[Kind]*hdkeychain.ExtendedKey{P2WPKH: account(t, P2WPKH)}, Owners: list[:2]})
	for name, at := range map[string]Place{
		"another account":         {PaymentBranch(P2TR, Receive), 0},
		"a third branch":          {PaymentBranch(P2WPKH, 2), 0},
		"a hardened index":        {PaymentBranch(P2WPKH, Receive), hdkeychain.HardenedKeyStart},
		"an unknown purpose":      {Branch{45, 0}, 0},
		"an owner key too far":    {RoleBranch(Owner), 2},
		"a revealer key":          {RoleBranch(Revealer), 0},
		"a single key of several": {RoleBranch(Shared), 0},
	} {
		if k, err := d.Key(at.Branch, at.Index); !errors.Is(err, ErrNeedKeys) || !IsMissing(err) {
			t.Errorf("%s: %+v, %v", name, k, err)
		}
	}
	d.Extend(Owner, 5, keys[2:]) // leaves a hole: nothing is added
	d.Extend(Owner, 1, keys[2:]) // is there already, and stays as it is
	if d.Length(Owner) != 2 || d.Length(Revealer) != 0 {
		t.Errorf("%d and %d keys", d.Length(Owner), d.Length(Revealer))
	}
	d.Extend(Owner, 2, keys[2:])
	k, err := d.Key(RoleBranch(Owner), 2)
	if err != nil || !bytes.Equal(k.PubKey, list[2]) || k.Kind != P2PKH {
		t.Errorf("%+v, %v", k, err)
	}
	d = NewDeriver(&chaincfg.MainNetParams, Public{Owners: [][]byte{make([]byte, 33)}})
	if _, err := d.Key(RoleBranch(Owner), 0); !errors.Is(err, labels.ErrMalformed) {
		t.Errorf("a public key that is none: %v", err)
	}
}

// TestBelieve: what was believed before has no effect afterwards, and nobody changes it from
// outside.
func TestBelieve(t *testing.T) {
	list, _ := owners(2)
	given := Public{Owners: list[:1], Accounts: map[Kind]*hdkeychain.ExtendedKey{P2WPKH: account(t, P2WPKH)}}
	d := NewDeriver(&chaincfg.MainNetParams, given)
	delete(given.Accounts, P2WPKH)
	k, err := d.Key(PaymentBranch(P2WPKH, Receive), 0)
	if err != nil {
		t.Fatal("the caller took an account away:", err)
	}
	got := d.Believed()
	got.Owners = append(got.Owners, list[1])
	delete(got.Accounts, P2WPKH)
	if d.Length(Owner) != 1 || d.Account(P2WPKH) == nil {
		t.Error("what was asked for changes what is believed")
	}
	d.Note(map[Branch]uint32{RoleBranch(Owner): 5})
	if d.Used(RoleBranch(Owner)) != 5 || d.Used(RoleBranch(Revealer)) != 0 {
		t.Error("what was noted")
	}
	d.Believe(Public{Owners: list})
	if _, ok := d.Derived(k.Script); ok {
		t.Error("a script of before is still ours")
	}
	if _, err := d.Key(PaymentBranch(P2WPKH, Receive), 0); !IsMissing(err) {
		t.Errorf("a key of before: %v", err)
	}
}

// redeem is a script of m of some keys.
func redeem(t testing.TB, m, n int64, keys ...[]byte) []byte {
	t.Helper()
	b := txscript.NewScriptBuilder().AddInt64(m)
	for _, k := range keys {
		b.AddData(k)
	}
	s, err := b.AddInt64(n).AddOp(txscript.OP_CHECKMULTISIG).Script()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestShared: which scripts of several keys are taken, and which are not.
func TestShared(t *testing.T) {
	list, keys := owners(16)
	for m := int64(1); m <= 3; m++ {
		threshold, got, err := ParseShared(redeem(t, m, 3, list[:3]...))
		if err != nil || threshold != int(m) || len(got) != 3 || !bytes.Equal(got[2], list[2]) {
			t.Errorf("%d of 3: %d, %d keys, %v", m, threshold, len(got), err)
		}
	}
	if _, got, err := ParseShared(redeem(t, 15, 15, list[:15]...)); err != nil || len(got) != 15 {
		t.Errorf("15 of 15: %v", err)
	}
	for name, script := range map[string][]byte{
		"nothing":          nil,
		"16 keys":          redeem(t, 1, 16, list...),
		"none of two":      redeem(t, 0, 2, list[:2]...),
		"three of two":     redeem(t, 3, 2, list[:2]...),
		"more than there":  redeem(t, 1, 3, list[:2]...),
		"a key twice":      redeem(t, 2, 2, list[0], list[0]),
		"a long key":       redeem(t, 1, 2, list[0], keys[1].SerializeUncompressed()),
		"something behind": append(redeem(t, 1, 2, list[:2]...), txscript.OP_NOP),
		"one key":          append(append([]byte{33}, list[0]...), txscript.OP_CHECKSIG),
		"cut off":          redeem(t, 1, 2, list[:2]...)[:50],
		"a long script":    make([]byte, 521),
	} {
		if _, _, err := ParseShared(script); !errors.Is(err, ErrBadScript) {
			t.Errorf("%s: %v", name, err)
		}
	}
	set := redeem(t, 2, 3, list[:3]...)
	d := NewDeriver(&chaincfg.RegressionNetParams, Public{})
	d.AddSet(set)
	d.AddSet(set)
	script, err := SetScript(set)
	if err != nil {
		t.Fatal(err)
	}
	a, err := address.NewAddressScriptHash(set, &chaincfg.RegressionNetParams)
	if err != nil || AddressOf(&chaincfg.RegressionNetParams, script) != a.EncodeAddress() {
		t.Errorf("script %x, %v", script, err)
	}
	if got, ok := d.Set(script); !ok || !bytes.Equal(got, set) || !d.Knows(set) || len(d.Believed().Sets) != 1 {
		t.Error("a set that was added")
	}
	other, err := SetScript(redeem(t, 1, 3, list[:3]...))
	if err != nil {
		t.Fatal(err)
	}
	for _, not := range [][]byte{other, script[:22], append([]byte{}, set...), nil} {
		if _, ok := d.Set(not); ok {
			t.Errorf("%x is the script of a set", not)
		}
	}
	if AddressOf(&chaincfg.MainNetParams, []byte{txscript.OP_RETURN}) != "" || AddressOf(&chaincfg.MainNetParams, set) != "" {
		t.Error("an address of a script that has none")
	}
}

// FuzzParseShared: what is taken for a script of several keys says how many, and is that script
// again.
func FuzzParseShared(f *testing.F) {
	list, _ := owners(3)
	f.Add(redeem(f, 2, 3, list...))
	f.Add(redeem(f, 1, 1, list[0]))
	f.Add([]byte{txscript.OP_1, txscript.OP_1, txscript.OP_CHECKMULTISIG})
	f.Fuzz(func(t *testing.T, script []byte) {
		m, keys, err := ParseShared(script)
		if err != nil {
			if !errors.Is(err, ErrBadScript) {
				t.Error(err)
			}
			return
		}
		if m < 1 || m > len(keys) || len(keys) > 15 {
			t.Errorf("%d of %d", m, len(keys))
		}
		if again := redeem(t, int64(m), int64(len(keys)), keys...); !bytes.Equal(again, script) {
			t.Errorf("%x was read as %x", script, again)
		}
	})
}
