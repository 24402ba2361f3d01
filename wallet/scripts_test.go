package wallet_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/storage/dbfile"
	"blockstack/wallet"
	"blockstack/wallet/keychain"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
)

// thief has keys of his own and writes into files of a home, without the password.
type thief struct {
	account *hdkeychain.ExtendedKey
	pub     *btcec.PublicKey
	scripts map[scripts.Kind][]byte
}

func newThief(t *testing.T, w *wallet.Wallet) *thief {
	t.Helper()
	root, err := hdkeychain.NewMaster(bytes.Repeat([]byte{7}, 32), w.Network())
	if err != nil {
		t.Fatal(err)
	}
	e := &thief{scripts: map[scripts.Kind][]byte{}}
	if e.account, err = root.Neuter(); err != nil {
		t.Fatal(err)
	}
	if e.pub, err = root.ECPubKey(); err != nil {
		t.Fatal(err)
	}
	for _, kind := range scripts.Kinds() {
		k, err := scripts.NewPaymentKey(w.Network(), kind, scripts.Receive, 0, e.pub)
		if err != nil {
			t.Fatal(err)
		}
		e.scripts[kind] = k.Script
	}
	return e
}

// set is a script of one of two keys, ours and his.
func (e *thief) set(t *testing.T, ours []byte) []byte {
	t.Helper()
	redeem, err := wallet.NewShared(1, [][]byte{ours, e.pub.SerializeCompressed()})
	if err != nil {
		t.Fatal(err)
	}
	return redeem
}

// derivedScript is the script of a path, straight from the words.
func derivedScript(t *testing.T, keys *keychain.Keychain, path string, kind scripts.Kind) []byte {
	t.Helper()
	p, err := keychain.ParsePath(path)
	if err != nil {
		t.Fatal(err)
	}
	key, err := keys.Key(p)
	if err != nil {
		t.Fatal(err)
	}
	k, err := scripts.NewPaymentKey(regtestParams, kind, 0, 0, key.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	return k.Script
}

// checkHome asks a wallet for everything that money, an address or a name may go to. What it gives
// must follow from the words, and a restore must look for it; an error gives nothing.
func checkHome(t *testing.T, w *wallet.Wallet, keys *keychain.Keychain, e *thief) (errs []error) {
	t.Helper()
	ctx := testContext(t)
	check := func(what string, a wallet.Address, err error) {
		t.Helper()
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", what, err))
			return
		}
		if !bytes.Equal(a.Script, derivedScript(t, keys, a.Path, a.Kind)) || a.Index >= watched.DefaultGap {
			t.Errorf("%s: %s at %s", what, a.Text, a.Path)
		}
	}
	for _, kind := range scripts.Kinds() {
		a, err := w.ReceiveAddress(ctx, kind)
		check("receive", a, err)
		a, err = w.NewReceiveAddress(ctx, kind)
		check("receive again", a, err)
	}
	script, err := w.ChangeScript(ctx)
	if err == nil {
		a, ours, err := w.ScriptAddress(ctx, script)
		if err == nil && !ours {
			t.Error("change goes to somebody else")
		}
		check("change", a, err)
	} else {
		errs = append(errs, err)
	}
	for i := range uint32(3) {
		a, err := w.OwnerAddress(ctx, i)
		check("owner", a, err)
		a, err = w.RevealerAddress(ctx, i)
		check("revealer", a, err)
	}
	a, err := w.NewIdentity(ctx)
	check("new identity", a, err)
	for kind, script := range e.scripts {
		if _, ours, err := w.ScriptAddress(ctx, script); ours || err != nil {
			t.Errorf("a %s script of his is ours: %v", kind, err)
		}
	}
	if all, err := w.Scripts(ctx); err != nil {
		errs = append(errs, err)
	} else {
		for _, s := range all {
			for _, evil := range e.scripts {
				if bytes.Equal(s, evil) {
					t.Error("his script is among ours")
				}
			}
		}
	}
	sets, err := w.SharedScripts(ctx)
	if err != nil {
		errs = append(errs, err)
	}
	for _, s := range sets {
		if bytes.Contains(s.Redeem, e.pub.SerializeCompressed()) {
			t.Error("a set with his key is ours")
		}
	}
	sealed, err := w.SealedKey(ctx)
	want, werr := keys.SealedKey()
	if err != nil || werr != nil || sealed != want {
		t.Errorf("sealed boxes are for somebody else: %v %v", err, werr)
	}
	if w.Fingerprint() != "73c5da0a" {
		t.Errorf("fingerprint %s", w.Fingerprint())
	}
	return errs
}

var regtestParams = &chaincfg.RegressionNetParams

// rewrite writes into labels.db, with right checksums.
func rewrite(t *testing.T, cfg wallet.Config, f func(tx *dbfile.Tx) error) {
	t.Helper()
	db, err := dbfile.OpenRows(filepath.Join(cfg.Dir, "labels.db"), dbfile.Format{}, dbfile.Options{Wait: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(f), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// swaps are what a thief writes into the buckets of labels.db.
func swaps(t *testing.T, e *thief, ours []byte) map[string]func(tx *dbfile.Tx) error {
	be := func(b []byte, n ...uint32) []byte {
		for _, x := range n {
			b = binary.BigEndian.AppendUint32(b, x)
		}
		return b
	}
	row := func(tx *dbfile.Tx, place, script []byte, pub []byte) error {
		old := bytes.Clone(tx.Bucket([]byte("keys")).Get(place))
		v := bytes.Clone(tx.Bucket([]byte("scripts")).Get(old))
		if pub != nil {
			copy(v[6:], pub)
		}
		return errors.Join(tx.Bucket([]byte("keys")).Put(place, script), tx.Bucket([]byte("scripts")).Delete(old), tx.Bucket([]byte("scripts")).Put(script, v))
	}
	purposes := map[scripts.Kind]byte{scripts.P2PKH: 44, scripts.P2SHP2WPKH: 49, scripts.P2WPKH: 84, scripts.P2TR: 86}
	his := e.pub.SerializeCompressed()
	m := map[string]func(tx *dbfile.Tx) error{
		"payment rows": func(tx *dbfile.Tx) error {
			for kind, p := range purposes {
				for br := range byte(2) {
					for i := range uint32(3) {
						if err := row(tx, be([]byte{p, br}, i), e.scripts[kind], his); err != nil {
							return err
						}
					}
				}
			}
			return nil
		},
		"payment rows, public key kept": func(tx *dbfile.Tx) error {
			return errors.Join(row(tx, be([]byte{49, 1}, 0), e.scripts[scripts.P2SHP2WPKH], nil), row(tx, be([]byte{49, 0}, 0), e.scripts[scripts.P2WPKH], nil))
		},
		"owner and revealer rows": func(tx *dbfile.Tx) error {
			return errors.Join(row(tx, be([]byte{1, 0}, 0), e.scripts[scripts.P2PKH], his), row(tx, be([]byte{2, 0}, 0), e.scripts[scripts.P2PKH], his))
		},
		"rows exchanged among ours": func(tx *dbfile.Tx) error {
			keys := tx.Bucket([]byte("keys"))
			far := bytes.Clone(keys.Get(be([]byte{49, 1}, 39)))
			return errors.Join(keys.Put(be([]byte{49, 1}, 0), far), keys.Put(be([]byte{1, 0}, 0), bytes.Clone(keys.Get(be([]byte{1, 0}, 39)))))
		},
		"his script at our place": func(tx *dbfile.Tx) error {
			return tx.Bucket([]byte("scripts")).Put(e.scripts[scripts.P2WPKH], append(be([]byte{84, 1}, 0), his...))
		},
		"account keys": func(tx *dbfile.Tx) error {
			for _, p := range purposes {
				if err := tx.Bucket([]byte("accounts")).Put([]byte{p}, []byte(e.account.String())); err != nil {
					return err
				}
			}
			return nil
		},
		"an account key": func(tx *dbfile.Tx) error {
			return tx.Bucket([]byte("accounts")).Put([]byte{49}, []byte(e.account.String()))
		},
		"an account key gone": func(tx *dbfile.Tx) error { return tx.Bucket([]byte("accounts")).Delete([]byte{49}) },
		"the sealed key":      func(tx *dbfile.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("sealed"), his[1:]) },
		"the fingerprint": func(tx *dbfile.Tx) error {
			return tx.Bucket([]byte("meta")).Put([]byte("fingerprint"), []byte{1, 2, 3, 4})
		},
		"a gap that is larger": func(tx *dbfile.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("gap"), be(nil, 9_000)) },
		"a set of keys": func(tx *dbfile.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte("shared"))
			if err != nil {
				return err
			}
			raw, err := json.Marshal(map[string]any{"redeem_script": e.set(t, ours)})
			if err != nil {
				return err
			}
			script, err := txscript.NewScriptBuilder().AddOp(txscript.OP_HASH160).AddData(address.Hash160(e.set(t, ours))).AddOp(txscript.OP_EQUAL).Script()
			return errors.Join(err, b.Put(be(nil, 0), raw), tx.Bucket([]byte("scripts")).Put(script, append(be([]byte{3, 0}, 0), his...)))
		},
		"the origins of accounts": func(tx *dbfile.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte("origins"))
			if err != nil {
				return err
			}
			return b.Put([]byte{49}, be(nil, 7, 8))
		},
	}
	for name, n := range map[string][3]uint32{
		"counts far out": {1 << 20, 1 << 20, 1 << 20}, "counts beyond what is derived": {40, 2_000_000_000, 2_000_000_000},
		"counts at the end": {40, 39, 39}, "counts of nothing": {0, 0, 0}, "counts that nobody derives": {0xffffffff, 0xffffffff, 0xffffffff},
	} {
		m[name] = func(tx *dbfile.Tx) error {
			for _, b := range [][]byte{{44, 0}, {44, 1}, {49, 0}, {49, 1}, {84, 0}, {84, 1}, {86, 0}, {86, 1}, {1, 0}, {2, 0}} {
				if err := tx.Bucket([]byte("counts")).Put(b, be(nil, n[0], n[1], n[2])); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for _, bucket := range []string{"keys", "scripts", "accounts", "counts"} {
		m["bucket "+bucket+" empty"] = func(tx *dbfile.Tx) error {
			if err := tx.DeleteBucket([]byte(bucket)); err != nil {
				return err
			}
			_, err := tx.CreateBucket([]byte(bucket))
			return err
		}
	}
	return m
}

// Whoever can write labels.db while the wallet is locked turns no money, no address and no name to
// himself, and the next unlock puts right what he wrote.
func TestRewrittenLabels(t *testing.T) {
	cfg := home(t)
	w := create(t, cfg, phraseA)
	keys := unlockedKeys(t, cfg)
	e := newThief(t, w)
	owner, err := w.OwnerAddress(testContext(t), 0)
	if err != nil {
		t.Fatal(err)
	}
	if errs := checkHome(t, w, keys, e); len(errs) > 0 || w.Proof() != wallet.ProofList {
		t.Fatalf("before: %v, proof %s", errs, w.Proof())
	}
	clean, err := os.ReadFile(filepath.Join(cfg.Dir, "labels.db"))
	if err != nil {
		t.Fatal(err)
	}
	for name, swap := range swaps(t, e, owner.PubKey.SerializeCompressed()) {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(filepath.Join(cfg.Dir, "labels.db"), clean, 0o600); err != nil {
				t.Fatal(err)
			}
			rewrite(t, cfg, swap)
			w := open(t, cfg)
			for _, err := range checkHome(t, w, keys, e) {
				t.Logf("locked: %v", err)
			}
			if err := w.Unlock(testContext(t), text(password)); err != nil {
				if !errors.Is(err, labels.ErrMalformed) {
					t.Error(err)
				}
				return
			}
			if w.Proof() != wallet.ProofSeed {
				t.Errorf("proof %s", w.Proof())
			}
			if errs := checkHome(t, w, keys, e); len(errs) > 0 {
				t.Errorf("unlocked: %v", errs)
			}
			again := open(t, cfg)
			if errs := checkHome(t, again, keys, e); len(errs) > 0 {
				t.Errorf("afterwards: %v", errs)
			}
			if n, err := again.CheckRows(testContext(t)); err != nil || n != 0 {
				t.Errorf("%d rows are still wrong: %v", n, err)
			}
		})
	}
}

// What is derived on one network of a home is news on another, and no sign of somebody else.
func TestOwnersOfAnotherNetwork(t *testing.T) {
	cfg := home(t)
	w := create(t, cfg, phraseA)
	unlock(t, w)
	ctx := testContext(t)
	other := cfg
	other.Dir, other.Network = filepath.Join(filepath.Dir(cfg.Dir), "testnet"), &chaincfg.TestNet3Params
	join := func(cfg wallet.Config) *wallet.Wallet {
		t.Helper()
		if err := wallet.Create(ctx, cfg, wallet.CreateOptions{Password: text(password)}); err != nil {
			t.Fatal(err)
		}
		return open(t, cfg)
	}
	unlock(t, join(other))
	for range 5 {
		if _, err := w.NewIdentity(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.RevealerAddress(ctx, 2); err != nil {
		t.Fatal(err)
	}
	w.Lock()
	unlock(t, w) // lists them
	late := other
	late.Dir, late.Network = filepath.Join(filepath.Dir(cfg.Dir), "signet"), &chaincfg.SigNetParams
	for name, w := range map[string]*wallet.Wallet{"made before": open(t, other), "made afterwards": join(late)} {
		if n, err := w.CheckRows(ctx); err != nil || n != 0 {
			t.Errorf("%s: %d rows are wrong, error %v", name, n, err)
		}
		unlock(t, w)
		if n := w.Repaired(); n != 0 {
			t.Errorf("%s: %d rows were repaired", name, n)
		}
		a, err := w.OwnerAddress(ctx, 5)
		if err != nil {
			t.Fatal(err)
		}
		if _, ours, err := w.ScriptAddress(ctx, a.Script); err != nil || !ours {
			t.Errorf("%s: the sixth owner is ours: %t, error %v", name, ours, err)
		}
		if n, err := w.CheckRows(ctx); err != nil || n != 0 {
			t.Errorf("%s: afterwards %d rows are wrong, error %v", name, n, err)
		}
	}
}

// A home whose labels.db says that there is no keychain is not taken for a watch-only one.
func TestRewrittenToWatchOnly(t *testing.T) {
	cfg := home(t)
	create(t, cfg, phraseA)
	rewrite(t, cfg, func(tx *dbfile.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("keychain"), nil) })
	if _, err := wallet.Open(cfg); !errors.Is(err, wallet.ErrOtherKeychain) {
		t.Errorf("%v", err)
	}
}

// editKeychain changes the keychain file as somebody without the password can.
func editKeychain(t *testing.T, cfg wallet.Config, f func(doc map[string]any)) {
	t.Helper()
	raw, err := os.ReadFile(cfg.Keychain)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	f(doc)
	if raw, err = json.Marshal(doc); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cfg.Keychain, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A keychain file whose list was changed fools a locked wallet; the next unlock refuses, and the
// one after it is right.
func TestRewrittenList(t *testing.T) {
	ctx := testContext(t)
	for name, edit := range map[string]func(e *thief, owner []byte, list map[string]any, home map[string]any){
		"owner keys": func(e *thief, _ []byte, list, _ map[string]any) {
			list["owners"] = bytes.Repeat(e.pub.SerializeCompressed(), 40)
		},
		"an account": func(e *thief, _ []byte, _, home map[string]any) {
			home["accounts"].(map[string]any)["49"] = e.account.String()
		},
		"the gap":        func(_ *thief, _ []byte, _, home map[string]any) { home["gap"] = 9000 },
		"the sealed key": func(e *thief, _ []byte, list, _ map[string]any) { list["sealed_key"] = e.pub.SerializeCompressed()[1:] },
		"the MAC":        func(_ *thief, _ []byte, list, _ map[string]any) { list["mac"] = make([]byte, 32) },
		"a set of keys": func(e *thief, owner []byte, _, home map[string]any) {
			home["sets"] = []any{e.set(t, owner)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := home(t)
			w := create(t, cfg, phraseA)
			keys, e := unlockedKeys(t, cfg), newThief(t, w)
			owner, err := w.OwnerAddress(ctx, 0)
			if err != nil {
				t.Fatal(err)
			}
			editKeychain(t, cfg, func(doc map[string]any) {
				list := doc["scripts"].(map[string]any)
				edit(e, owner.PubKey.SerializeCompressed(), list, list["homes"].(map[string]any)[filepath.Base(cfg.Dir)].(map[string]any))
			})
			w = open(t, cfg)
			if err := w.Unlock(ctx, text(password)); !errors.Is(err, wallet.ErrScriptsChanged) || !w.Locked() {
				t.Fatalf("%v", err)
			}
			unlock(t, w)
			if errs := checkHome(t, w, keys, e); len(errs) > 0 {
				t.Errorf("unlocked: %v", errs)
			}
			if errs := checkHome(t, open(t, cfg), keys, e); len(errs) > 0 {
				t.Errorf("locked again: %v", errs)
			}
		})
	}
}

// A keychain of before there were lists opens; nothing is proved until the first unlock, which
// makes the list, and refuses when labels.db had told it something else.
func TestKeychainWithoutList(t *testing.T) {
	ctx := testContext(t)
	for _, attacked := range []bool{false, true} {
		cfg := home(t)
		w := create(t, cfg, phraseA)
		keys, e := unlockedKeys(t, cfg), newThief(t, w)
		editKeychain(t, cfg, func(doc map[string]any) {
			delete(doc, "scripts")
			doc["schema"] = "blockstack/keychain/v1"
		})
		if attacked {
			rewrite(t, cfg, swaps(t, e, nil)["an account key"])
		}
		w = open(t, cfg)
		if w.Proof() != wallet.ProofNone {
			t.Errorf("proof %s", w.Proof())
		}
		err := w.Unlock(ctx, text(password))
		if attacked != errors.Is(err, wallet.ErrScriptsChanged) || !attacked && err != nil {
			t.Fatalf("attacked %t: %v", attacked, err)
		}
		again := open(t, cfg)
		if errs := checkHome(t, again, keys, e); len(errs) > 0 || again.Proof() != wallet.ProofList {
			t.Errorf("attacked %t: %v, proof %s", attacked, errs, again.Proof())
		}
	}
}

// unlockedKeys is the keychain of a home, unlocked and on its own.
func unlockedKeys(t *testing.T, cfg wallet.Config) *keychain.Keychain {
	t.Helper()
	raw, err := os.ReadFile(cfg.Keychain)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "keychain.json")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	keys, err := keychain.Open(path)
	if err == nil {
		err = keys.Unlock(testContext(t), text(password))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(keys.Lock)
	return keys
}
