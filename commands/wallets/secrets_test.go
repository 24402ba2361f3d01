package wallets

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/commands/faults"
	"blockstack/wallet"
	"blockstack/wallet/agent"
	"blockstack/wallet/keychain"
	"blockstack/wallet/legacy"
	"blockstack/wallet/secret"
)

const (
	knownPhrase   = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
	knownPassword = "correct-horse-battery"
	knownKey      = "2ce3c74a148d76407a4db8df59c510e08bbd79378e15c4e2ea27bd380291a4b3"
)

// knownSecrets are the texts that must not turn up: as they are, in hex, as numbers of a Go slice,
// reversed as a scalar's words would be.
func knownSecrets(t *testing.T) []string {
	t.Helper()
	key, err := hex.DecodeString(knownKey)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, b := range [][]byte{[]byte("abandon about"), []byte(knownPassword), key} {
		numbers := strings.Trim(fmt.Sprint(b), "[]")
		out = append(out, string(b), hex.EncodeToString(b), strings.ToUpper(hex.EncodeToString(b)), numbers, strings.ReplaceAll(numbers, " ", ", "))
	}
	word := func(b []byte) string { // of a scalar: eight words of 32 bits, in decimal and hex
		n, err := strconv.ParseUint(hex.EncodeToString(b), 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(n)
	}
	return append(out, word(key[:4]), word(key[28:]), "xprv", "tprv")
}

// TestNoTypePrintsSecrets formats every type that holds secrets with every verb, in every way it
// can be marshalled and inside the errors that they come with.
func TestNoTypePrintsSecrets(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	text := func(s string) *secret.Bytes { return secret.New([]byte(s)) }
	cfg := wallet.Config{Keychain: filepath.Join(dir, "keychain"), Dir: filepath.Join(dir, "regtest"), Network: &chaincfg.RegressionNetParams}
	options := wallet.CreateOptions{Mnemonic: text(knownPhrase), Password: text(knownPassword), Cost: keychain.TestCost()}
	if err := wallet.Create(ctx, cfg, options); err != nil {
		t.Fatal(err)
	}
	w, err := wallet.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Unlock(ctx, options.Password); err != nil {
		t.Fatal(err)
	}
	keys, err := keychain.Open(cfg.Keychain)
	if err != nil {
		t.Fatal(err)
	}
	if err := keys.Unlock(ctx, options.Password); err != nil {
		t.Fatal(err)
	}
	owner, err := keys.OwnerKey(0)
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := legacy.ParseBundle(text(knownKey))
	if err != nil {
		t.Fatal(err)
	}
	python := &legacy.PythonWallet{Owner: bundle, Payment: bundle}
	places, err := bundle.Places(cfg.Network)
	if err != nil {
		t.Fatal(err)
	}
	old := &oldKeys{bundles: []*legacy.Bundle{bundle}, places: places}
	values := []any{
		text(knownPhrase), *text(knownPassword), options, &options, keys, owner, w, bundle, bundle.Keys[0], python,
		places, places[0], &places[0], old, *old, old.places, sweepOptions{}, watchOptions{}, passwordOptions{},
		agent.New(dir), createOptions{}, []any{options, bundle}, map[string]any{"key": owner, "wallet": w},
		struct {
			hidden *secret.Bytes
			keys   *keychain.Keychain
			bundle *legacy.Bundle
			old    *legacy.PythonWallet
			w      *wallet.Wallet
			sweep  *oldKeys
			places []legacy.Place
		}{text(knownPassword), keys, bundle, python, w, old, places},
	}
	bad := knownSecrets(t)
	check := func(what string, out string) {
		t.Helper()
		for _, s := range bad {
			if strings.Contains(out, s) {
				t.Errorf("%s shows a secret", what)
				return
			}
		}
	}
	for _, v := range values {
		for _, verb := range "vTtbcdoOqxXUeEfFgGsp" {
			for _, flags := range []string{"", "+", "#", "-", " ", "0", "#+"} {
				check(fmt.Sprintf("%%%s%c of %T", flags, verb, v), fmt.Sprintf("%"+flags+string(verb), v))
			}
		}
		if b, err := json.Marshal(v); err == nil {
			check(fmt.Sprintf("JSON of %T", v), string(b))
		} else {
			check(fmt.Sprintf("the JSON error of %T", v), err.Error())
		}
		var b bytes.Buffer
		if err := gob.NewEncoder(&b).Encode(v); err == nil {
			check(fmt.Sprintf("gob of %T", v), b.String())
		}
		b.Reset()
		slog.New(slog.NewTextHandler(&b, nil)).Info("log", "value", v)
		slog.New(slog.NewJSONHandler(&b, nil)).Info("log", "value", v)
		check(fmt.Sprintf("the log of %T", v), b.String())
		f := faults.Of(ctx, fmt.Errorf("something about %v", v))
		j, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		check(fmt.Sprintf("a fault about %T", v), string(j)+f.Error())
	}
	// The errors of everything that reads secrets, on secrets with a slip in them.
	for _, s := range []string{knownPhrase + " about", knownPhrase[:len(knownPhrase)-1], knownKey + "02", knownKey[1:], "2," + knownKey, "segwit:p2sh:1," + knownKey, "nosign:" + knownKey, knownPassword} {
		_, e1 := keychain.CleanMnemonic(text(s))
		_, e2 := legacy.ParseBundle(text(s))
		_, e3 := legacy.ParseCiphertext([]byte(s))
		_, e4 := legacy.ReadPythonWallet([]byte(s), text(s))
		e5 := keys.Unlock(ctx, text(s+"x"))
		e6 := keys.UnlockKeyring(ctx, text(s))
		_, e7 := keyLines([]byte("# a comment\n" + s))
		_, _, e8 := wallet.ReadDescriptors(cfg.Network, []byte("wpkh("+s+"/0/*)#"+s))
		_, _, e9 := wallet.ReadDescriptors(cfg.Network, []byte(s))
		for _, err := range []error{e1, e2, e3, e4, e5, e6, e7, e8, e9} {
			if err != nil {
				j, jerr := json.Marshal(faults.Of(ctx, err))
				if jerr != nil {
					t.Fatal(jerr)
				}
				check("an error: "+err.Error(), err.Error()+string(j))
			}
		}
	}
}
