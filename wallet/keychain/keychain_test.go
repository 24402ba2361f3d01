package keychain

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/tyler-smith/go-bip39"

	"blockstack/wallet/keychain/hdpath"
	"blockstack/wallet/keychain/keyfile"
	"blockstack/wallet/keychain/seedphrase"
	"blockstack/wallet/secret"
)

const (
	testPhrase   = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
	testPassword = "hunter2-and-more"
)

func pw(s string) *secret.Bytes { return secret.New([]byte(s)) }

func newFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keychain")
	if err := Create(path, pw(testPhrase), pw(testPassword), keyfile.TestCost()); err != nil {
		t.Fatal(err)
	}
	return path
}

func unlocked(t *testing.T) *Keychain {
	t.Helper()
	k, err := Open(newFile(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Unlock(context.Background(), pw(testPassword)); err != nil {
		t.Fatal(err)
	}
	return k
}

func TestCreateOpenUnlock(t *testing.T) {
	path := newFile(t)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %o", info.Mode().Perm())
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := Create(path, pw(testPhrase), pw("other"), keyfile.TestCost()); !errors.Is(err, keyfile.ErrExists) {
		t.Errorf("second Create: %v", err)
	}
	after, _ := os.ReadFile(path)
	if !bytes.Equal(before, after) {
		t.Error("the existing keychain was changed")
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("files were left behind: %v", left)
	}
	k, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if !k.Locked() {
		t.Error("open is not locked")
	}
	ctx := context.Background()
	if _, err := k.OwnerKey(0); !errors.Is(err, ErrLocked) {
		t.Errorf("locked: %v", err)
	}
	if err := k.Unlock(ctx, pw("wrong")); !errors.Is(err, keyfile.ErrWrongPassword) || !k.Locked() {
		t.Errorf("wrong password: %v", err)
	}
	if err := k.Unlock(ctx, pw("")); !errors.Is(err, keyfile.ErrWrongPassword) {
		t.Errorf("empty password: %v", err)
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if err := k.Unlock(done, pw(testPassword)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := k.Unlock(ctx, pw(testPassword)); err != nil {
		t.Fatal(err)
	}
	if k.Locked() {
		t.Error("still locked")
	}
	// The phrase is that of BIP 39's own vectors; its addresses are in every wallet.
	x, err := k.AccountXPub(&chaincfg.MainNetParams, hdpath.PurposeP2WPKH)
	if err != nil {
		t.Fatal(err)
	}
	want := "xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V"
	if x.String() != want { // the key of BIP 84's test vectors in xpub form
		t.Errorf("m/84'/0'/0' is %s", x)
	}
	if f, err := k.Fingerprint(); err != nil || fmt.Sprintf("%08x", f) != "0adac573" { // 73c5da0a, read as little-endian
		t.Errorf("fingerprint %08x %v", f, err)
	}
}

func TestLockZeroesKeys(t *testing.T) {
	k := unlocked(t)
	ctx := context.Background()
	key, err := k.OwnerKey(3)
	if err != nil {
		t.Fatal(err)
	}
	again, err := k.OwnerKey(3)
	if err != nil || again != key {
		t.Errorf("the same key is not the same object: %v", err)
	}
	hash := [32]byte{1, 2, 3}
	sig, err := key.signHash(ctx, hash)
	if err != nil || !sig.Verify(hash[:], key.PublicKey()) {
		t.Fatalf("signature: %v", err)
	}
	s := sig.S()
	if s.IsOverHalfOrder() {
		t.Error("high S")
	}
	second, _ := key.signHash(ctx, hash)
	if !sig.IsEqual(second) {
		t.Error("the signature is not deterministic")
	}
	priv := *key.priv
	k.Lock()
	if !priv.Key.IsZero() {
		t.Error("the private key was not zeroed")
	}
	if _, err := key.signHash(ctx, hash); !errors.Is(err, ErrLocked) {
		t.Errorf("after Lock: %v", err)
	}
	if _, err := key.signTaproot(ctx, hash); !errors.Is(err, ErrLocked) {
		t.Errorf("after Lock: %v", err)
	}
	if _, err := k.AccountXPub(&chaincfg.MainNetParams, 44); !errors.Is(err, ErrLocked) {
		t.Errorf("after Lock: %v", err)
	}
	if key.PublicKey() == nil {
		t.Error("the public key is gone too")
	}
	k.Lock()
}

func TestSignTaproot(t *testing.T) {
	key, err := unlocked(t).Key(hdpath.Payment(&chaincfg.MainNetParams, hdpath.PurposeP2TR, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	hash := [32]byte{9}
	sig, err := key.signTaproot(context.Background(), hash)
	if err != nil {
		t.Fatal(err)
	}
	out := txscript.ComputeTaprootKeyNoScript(key.PublicKey())
	if !sig.Verify(hash[:], out) {
		t.Error("does not verify for the output key")
	}
	// BIP 86, first receiving address.
	if got := fmt.Sprintf("%x", schnorr.SerializePubKey(out)); got != "a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c" {
		t.Errorf("output key %s", got)
	}
}

func TestPasswords(t *testing.T) {
	path := newFile(t)
	ctx := context.Background()
	k, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.AddPassword(ctx, pw("wrong"), pw("second"), keyfile.TestCost()); !errors.Is(err, keyfile.ErrWrongPassword) {
		t.Error(err)
	}
	if err := k.AddPassword(ctx, pw(testPassword), pw(""), keyfile.TestCost()); !errors.Is(err, keyfile.ErrEmptyPassword) {
		t.Error(err)
	}
	if err := k.RemovePassword(ctx, pw(testPassword)); err == nil {
		t.Error("the last password was removed")
	}
	if err := k.AddPassword(ctx, pw(testPassword), pw("second"), keyfile.TestCost()); err != nil {
		t.Fatal(err)
	}
	opens := func(password string, want bool) {
		t.Helper()
		fresh, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := fresh.Unlock(ctx, pw(password)); (err == nil) != want {
			t.Errorf("%q: %v", password, err)
		}
		if want && fresh.ID() != k.ID() {
			t.Error("the id changed")
		}
	}
	opens(testPassword, true)
	opens("second", true)
	if err := k.ChangePassword(ctx, pw("second"), pw("third"), keyfile.TestCost()); err != nil {
		t.Fatal(err)
	}
	opens("second", false)
	opens("third", true)
	opens(testPassword, true)
	if err := k.RemovePassword(ctx, pw(testPassword)); err != nil {
		t.Fatal(err)
	}
	opens(testPassword, false)
	opens("third", true)
	if n := len(k.Unlockers()); n != 1 {
		t.Errorf("%d unlockers", n)
	}
	for i := len(k.Unlockers()); i < keyfile.MaxUnlockers; i++ {
		if err := k.AddPassword(ctx, pw("third"), pw(fmt.Sprint("more", i)), keyfile.TestCost()); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.AddPassword(ctx, pw("third"), pw("too many"), keyfile.TestCost()); err == nil {
		t.Error("too many unlockers")
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %o after a change", info.Mode().Perm())
	}
}

// A wrong password must run the same key derivations as a right one, also when the right one opens
// the first of several unlockers.
func TestEveryUnlockerIsTried(t *testing.T) {
	path := newFile(t)
	k, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for _, p := range []string{"b", "c"} {
		if err := k.AddPassword(ctx, pw(testPassword), pw(p), keyfile.TestCost()); err != nil {
			t.Fatal(err)
		}
	}
	const memoryKiB = 1 << 10 // large enough to count
	for i := range k.file.Unlockers {
		k.file.Unlockers[i].KDF.MemoryKiB = memoryKiB
	}
	count := func(password string) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		opened, _ := k.file.Unwrap(keyfile.TypePassword, pw(password))
		runtime.ReadMemStats(&after)
		if opened != nil {
			secret.Zero(opened.Key)
		}
		return (after.TotalAlloc - before.TotalAlloc) / (memoryKiB << 10)
	}
	u, err := keyfile.NewUnlocker(k.file.ID, keyfile.TypePassword, make([]byte, keyfile.KeySize), pw("first"), keyfile.Cost{Time: 1, MemoryKiB: memoryKiB, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	k.file.Unlockers[0] = u
	if right, wrong := count("first"), count("wrong"); right != wrong || right != 3 {
		t.Errorf("a right password fills the memory %d times, a wrong one %d times", right, wrong)
	}
}

func TestCreateRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keychain")
	for name, err := range map[string]error{
		"bad phrase": Create(path, pw("abandon about"), pw("x"), keyfile.TestCost()),
		"no phrase":  Create(path, pw(""), pw("x"), keyfile.TestCost()),
		"no pw":      Create(path, pw(testPhrase), pw(""), keyfile.TestCost()),
		"cost":       Create(path, pw(testPhrase), pw("x"), keyfile.Cost{Time: 1, MemoryKiB: 1 << 30, Threads: 1}),
		"no folder":  Create(filepath.Join(path, "x", "y"), pw(testPhrase), pw("x"), keyfile.TestCost()),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 0 {
		t.Errorf("files were left behind: %v", left)
	}
}

func TestNewMnemonicAgreesWithLibrary(t *testing.T) {
	for _, words := range []int{12, 15, 18, 21, 24} {
		for range 20 {
			m, err := seedphrase.New(words)
			if err != nil {
				t.Fatal(err)
			}
			m.Use(func(b []byte) {
				if len(bytes.Fields(b)) != words || !bip39.IsMnemonicValid(string(b)) {
					t.Errorf("%d words: the library refuses ours", words)
				}
				entropy, err := seedphrase.Entropy(secret.Copy(b))
				if err != nil {
					t.Fatal(err)
				}
				want := bip39.NewSeed(string(b), "")
				seedphrase.Seed(entropy).Use(func(got []byte) {
					if !bytes.Equal(got, want) {
						t.Error("seed differs from the library's")
					}
				})
			})
		}
	}
	for _, words := range []int{0, 3, 11, 13, 27, -12} {
		if _, err := seedphrase.New(words); !errors.Is(err, seedphrase.ErrBadMnemonic) {
			t.Errorf("%d words: %v", words, err)
		}
	}
}

func TestPaths(t *testing.T) {
	for _, bad := range []string{"", "44'", "m/", "m/x", "m/-1", "m/01", "m/2147483648", "m/1''", "m/1'h", "n/1", "m/ 1", "m/1/2/3/4/5/6/7/8/9/10"} {
		if p, err := hdpath.Parse(bad); !errors.Is(err, hdpath.ErrBadPath) {
			t.Errorf("%q: %v %v", bad, p, err)
		}
	}
	for _, c := range []struct {
		path string
		want bool
	}{
		{"m/44'/0'/0'/0/0", true}, {"m/84'/1'/0'/1/5", true}, {"m/888'/0'/0'", true}, {"m/888'/1'/7'", true},
		{"m", false}, {"m/888'/0'", false}, {"m/888'/0'/0'/0'", false}, {"m/888'/0'/0", false}, {"m/888'/2'/0'", false},
		{"m/44'/0'/0'", false}, {"m/44/0'/0'/0/0", false}, {"m/44'/0'/0'/2/0", false}, {"m/44'/0'/0'/0/0'", false},
		{"m/44'/5757'/0'/0/0", false}, {"m/45'/0'/0'/0/0", false},
	} {
		if p := mustPath(t, c.path); p.Signable() != c.want {
			t.Errorf("%s: signable is %t", c.path, !c.want)
		}
	}
	if hdpath.CoinType(&chaincfg.MainNetParams) != 0 || hdpath.CoinType(&chaincfg.RegressionNetParams) != 1 || hdpath.CoinType(&chaincfg.SigNetParams) != 1 {
		t.Error("coin types")
	}
}

func TestNothingPrintsSecrets(t *testing.T) {
	k := unlocked(t)
	key, err := k.OwnerKey(0)
	if err != nil {
		t.Fatal(err)
	}
	priv := (*key.priv).Serialize()
	bad := []string{fmt.Sprintf("%x", priv), strings.Trim(fmt.Sprint(priv), "[]"), k.root.String(), testPassword, "abandon"}
	type holder struct {
		key *Key
		k   *Keychain
		any any
	}
	for _, v := range []any{k, key, holder{key, k, key}, &holder{key, k, k}, []*Key{key}, map[string]*Keychain{"k": k}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
			out := fmt.Sprintf(verb, v)
			for _, b := range bad {
				if strings.Contains(out, b) {
					t.Errorf("%s of %T shows a secret", verb, v)
				}
			}
		}
		if out, err := json.Marshal(v); err == nil {
			for _, b := range bad {
				if bytes.Contains(out, []byte(b)) {
					t.Errorf("JSON of %T shows a secret", v)
				}
			}
		}
	}
}
