package wallet_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/chain"
	"go.etcd.io/bbolt"

	"blockstack/storage/dbfile"
	"blockstack/wallet"
	"blockstack/wallet/keychain"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
)

// files is every file below a folder and what it holds.
func files(t *testing.T, root string) map[string]string {
	t.Helper()
	m := make(map[string]string)
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		m[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func same(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || v != w {
			return false
		}
	}
	return true
}

func TestCreateRefuses(t *testing.T) {
	cfg := home(t)
	ctx := testContext(t)
	create(t, cfg, phraseA)
	before := files(t, filepath.Dir(cfg.Keychain))
	try := func(cfg wallet.Config, phrase, pw string, want error) {
		t.Helper()
		o := wallet.CreateOptions{Password: text(pw), Cost: keychain.TestCost()}
		if phrase != "" {
			o.Mnemonic = text(phrase)
		}
		if err := wallet.Create(ctx, cfg, o); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	other := cfg
	other.Dir, other.Network = filepath.Join(filepath.Dir(cfg.Keychain), "mainnet"), &chaincfg.MainNetParams
	try(cfg, phraseA, password, wallet.ErrExists)
	try(cfg, "", password, wallet.ErrExists)
	try(other, phraseA, password, keychain.ErrExists)
	try(other, "", "wrong", wallet.ErrWrongPassword)
	empty := home(t)
	try(empty, "", password, keychain.ErrNotFound)
	try(empty, "abandon about", password, wallet.ErrBadMnemonic)
	try(empty, phraseA, "", keychain.ErrEmptyPassword)
	if !same(before, files(t, filepath.Dir(cfg.Keychain))) {
		t.Error("a refused creation changed files")
	}
	if _, err := wallet.Open(other); !errors.Is(err, wallet.ErrNotFound) {
		t.Errorf("open what is not there: %v", err)
	}
	wrong := cfg
	wrong.Network = &chaincfg.MainNetParams
	if _, err := wallet.Open(wrong); !errors.Is(err, labels.ErrNetwork) {
		t.Errorf("open for another network: %v", err)
	}
}

// One keychain serves several networks; paths and addresses follow the network.
func TestTwoNetworks(t *testing.T) {
	cfg := home(t)
	ctx := testContext(t)
	reg := create(t, cfg, phraseA)
	cfg.Dir, cfg.Network = filepath.Join(filepath.Dir(cfg.Keychain), "mainnet"), &chaincfg.MainNetParams
	if err := wallet.Create(ctx, cfg, wallet.CreateOptions{Password: text(password)}); err != nil {
		t.Fatal(err)
	}
	main := open(t, cfg)
	// Addresses of the phrase of the BIPs' own test vectors (BIP 44 as every wallet shows it, BIP
	// 49's vector on test networks, BIP 84, BIP 86).
	for _, c := range []struct {
		w          *wallet.Wallet
		kind       scripts.Kind
		text, path string
	}{
		{main, scripts.P2PKH, "1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA", "m/44'/0'/0'/0/0"},
		{main, scripts.P2SHP2WPKH, "37VucYSaXLCAsxYyAPfbSi9eh4iEcbShgf", "m/49'/0'/0'/0/0"},
		{main, scripts.P2WPKH, "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "m/84'/0'/0'/0/0"},
		{main, scripts.P2TR, "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr", "m/86'/0'/0'/0/0"},
		{reg, scripts.P2SHP2WPKH, "2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2", "m/49'/1'/0'/0/0"},
	} {
		a, err := c.w.ReceiveAddress(ctx, c.kind)
		if err != nil || a.Text != c.text || a.Path != c.path {
			t.Errorf("%s: %s %s %v", c.path, a.Text, a.Path, err)
		}
	}
	a, err := main.OwnerAddress(ctx, 0)
	if err != nil || a.Path != "m/888'/0'/0'" || a.Role != scripts.Owner {
		t.Errorf("owner: %+v %v", a, err)
	}
	b, err := reg.OwnerAddress(ctx, 0)
	if err != nil || !bytes.Equal(a.Script, b.Script) || a.Text == b.Text {
		t.Errorf("the owner key must be the same on all networks: %v", err)
	}
	r, err := main.RevealerAddress(ctx, 0)
	if err != nil || r.Path != "m/888'/1'/0'" || r.Text == a.Text {
		t.Errorf("revealer: %+v %v", r, err)
	}
	if main.Fingerprint() != "73c5da0a" {
		t.Errorf("fingerprint %s", main.Fingerprint())
	}
}

func TestLockedAndUnlocked(t *testing.T) {
	w := create(t, home(t), phraseA)
	ctx := testContext(t)
	if !w.Locked() {
		t.Error("open is unlocked")
	}
	if _, err := w.OwnerSigner(0); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("%v", err)
	}
	if err := w.Sign(ctx, nil); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("%v", err)
	}
	if err := w.Unlock(ctx, text("wrong")); !errors.Is(err, wallet.ErrWrongPassword) || !w.Locked() {
		t.Errorf("%v", err)
	}
	unlock(t, w)
	k, err := w.OwnerSigner(0)
	if err != nil {
		t.Fatal(err)
	}
	w.Lock()
	if _, err := k.SignToken(ctx, []byte(`{"alg":"ES256K"}`), []byte(`{}`)); !errors.Is(err, wallet.ErrLocked) {
		t.Errorf("a signer outlives Lock: %v", err)
	}
}

// A keychain that is not the wallet's is found out at once, and one with its id but another seed at
// Unlock.
func TestOtherKeychain(t *testing.T) {
	a, b := home(t), home(t)
	create(t, a, phraseA)
	m, err := keychain.NewMnemonic(12)
	if err != nil {
		t.Fatal(err)
	}
	if err := keychain.Create(b.Keychain, m, text(password), keychain.TestCost()); err != nil {
		t.Fatal(err)
	}
	mixed := a
	mixed.Keychain = b.Keychain
	if _, err := wallet.Open(mixed); !errors.Is(err, wallet.ErrOtherKeychain) {
		t.Errorf("open: %v", err)
	}
	k, err := keychain.Open(b.Keychain)
	if err != nil {
		t.Fatal(err)
	}
	db, err := dbfile.OpenRows(filepath.Join(a.Dir, "labels.db"), dbfile.Format{}, dbfile.Options{Wait: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *dbfile.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("keychain"), []byte(k.ID())) })
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	w := open(t, mixed)
	if err := w.Unlock(testContext(t), text(password)); !errors.Is(err, wallet.ErrOtherKeychain) || !w.Locked() {
		t.Errorf("unlock: %v", err)
	}
	if err := os.Remove(b.Keychain); err != nil {
		t.Fatal(err)
	}
	if _, err := wallet.Open(mixed); !errors.Is(err, keychain.ErrNotFound) {
		t.Errorf("no keychain: %v", err)
	}
}

func TestReceiveAddresses(t *testing.T) {
	cfg := home(t)
	w := create(t, cfg, phraseA)
	ctx := testContext(t)
	first, err := w.ReceiveAddress(ctx, "")
	if err != nil || first.Kind != scripts.P2SHP2WPKH || !strings.HasPrefix(first.Text, "2") {
		t.Fatalf("%+v %v", first, err)
	}
	if again, err := w.ReceiveAddress(ctx, ""); err != nil || again.Text != first.Text {
		t.Errorf("an unused address is not shown again: %v", err)
	}
	seen := map[string]bool{first.Text: true}
	for i := 1; i < watched.DefaultGap; i++ {
		a, err := w.NewReceiveAddress(ctx, "")
		if err != nil || seen[a.Text] || a.Index != uint32(i) {
			t.Fatalf("address %d: %+v %v", i, a, err)
		}
		seen[a.Text] = true
	}
	if _, err := w.NewReceiveAddress(ctx, ""); !errors.Is(err, wallet.ErrGap) {
		t.Errorf("beyond the gap: %v", err)
	}
	last, err := open(t, cfg).ReceiveAddress(ctx, "")
	if err != nil || last.Index != watched.DefaultGap-1 {
		t.Errorf("after opening again: %+v %v", last, err)
	}
	if _, err := w.ReceiveAddress(ctx, "p2wsh"); err == nil {
		t.Error("an unknown kind has an address")
	}
	k, ok, err := w.ScriptAddress(ctx, last.Script)
	if err != nil || !ok || k.Path != "m/49'/1'/0'/0/19" {
		t.Errorf("look up: %+v %t %v", k, ok, err)
	}
	if _, ok, err := w.ScriptAddress(ctx, []byte{1, 2, 3}); ok || err != nil {
		t.Errorf("a foreign script is ours: %v", err)
	}
}

// nowhere is a backend that is not there.
type nowhere struct{ err error }

func (n nowhere) WalletClient(context.Context) (chain.Interface, error) { return nil, n.err }

// Without a node everything that only looks works, and a failed sync changes nothing.
func TestOffline(t *testing.T) {
	cfg := home(t)
	w := create(t, cfg, phraseA)
	ctx := testContext(t)
	down := errors.New("the node is down")
	before := files(t, cfg.Dir)
	if err := w.Sync(ctx, nowhere{down}); !errors.Is(err, down) {
		t.Errorf("sync: %v", err)
	}
	if !same(before, files(t, cfg.Dir)) {
		t.Error("a sync that could not connect changed files")
	}
	if b, err := w.Balance(ctx); err != nil || b.Total() != 0 || b.Tip.Synced {
		t.Errorf("balance: %+v %v", b, err)
	}
	if h, err := w.History(ctx); err != nil || len(h) != 0 {
		t.Errorf("history: %v %v", h, err)
	}
	if err := w.Freeze(ctx, wire.OutPoint{}, ""); !errors.Is(err, wallet.ErrUnknownCoin) {
		t.Errorf("freeze nothing: %v", err)
	}
	if err := w.Unfreeze(ctx, wire.OutPoint{}); !errors.Is(err, wallet.ErrUnknownCoin) {
		t.Errorf("unfreeze nothing: %v", err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := w.Balance(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// A file that another process holds is an error with a name, after a short wait.
func TestBusy(t *testing.T) {
	cfg := home(t)
	w := create(t, cfg, phraseA)
	db, err := bbolt.Open(filepath.Join(cfg.Dir, "labels.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Balance(testContext(t)); !errors.Is(err, wallet.ErrBusy) {
		t.Errorf("labels.db is held: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Balance(testContext(t)); err != nil {
		t.Errorf("labels.db is free again: %v", err)
	}
}

func TestBirthday(t *testing.T) {
	cfg := home(t)
	cfg.Network = &chaincfg.MainNetParams
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	err := wallet.Create(testContext(t), cfg, wallet.CreateOptions{Mnemonic: text(phraseA), Password: text(password), Cost: keychain.TestCost(), Birthday: at})
	if err != nil {
		t.Fatal(err)
	}
	if info, err := open(t, cfg).Info(testContext(t)); err != nil || !info.Birthday.Equal(at) {
		t.Errorf("%+v %v", info, err)
	}
	old := create(t, home(t), phraseA)
	if info, err := old.Info(testContext(t)); err != nil || !info.Birthday.Equal(chaincfg.RegressionNetParams.GenesisBlock.Header.Timestamp) {
		t.Errorf("%+v %v", info, err)
	}
}

func TestLabels(t *testing.T) {
	w := create(t, home(t), phraseA)
	ctx := testContext(t)
	for _, l := range []labels.Label{
		{Type: labels.Address, Ref: "2N…", Text: "shop: tea"},
		{Type: labels.Output, Ref: "ab:0", Text: "x"},
		{Type: labels.Tx, Ref: "cd", Text: "rent"},
	} {
		if err := w.SetLabel(ctx, l); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.SetLabel(ctx, labels.Label{Type: labels.Tx, Ref: "cd"}); err != nil {
		t.Fatal(err)
	}
	list, err := w.Labels(ctx)
	if err != nil || len(list) != 2 || list[0].Text != "shop: tea" || list[1].Ref != "ab:0" {
		t.Errorf("%+v %v", list, err)
	}
	for _, l := range []labels.Label{
		{Type: "nonsense", Ref: "a", Text: "b"}, {Type: labels.Tx, Text: "b"},
		{Type: labels.Tx, Ref: "a", Text: strings.Repeat("x", 2000)},
	} {
		if err := w.SetLabel(ctx, l); err == nil {
			t.Errorf("accepted: %.60v", l)
		}
	}
}
