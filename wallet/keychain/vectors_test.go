package keychain

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/testdata"
	"blockstack/wallet/keychain/hdpath"
	"blockstack/wallet/keychain/keyfile"
	"blockstack/wallet/keychain/seedphrase"
	"blockstack/wallet/secret"
)

// unlockedFromSeed is a keychain in memory; it has no file.
func unlockedFromSeed(t *testing.T, seedHex string) *Keychain {
	t.Helper()
	s, err := hex.DecodeString(seedHex)
	if err != nil {
		t.Fatal(err)
	}
	root, err := masterKey(secret.New(s))
	if err != nil {
		t.Fatal(err)
	}
	return &Keychain{root: root, keys: make(map[string]*Key), file: &keyfile.File{}}
}

type vectorKey struct {
	Path              string `json:"path"`
	PrivateKey        string `json:"privateKey"`
	PublicKey         string `json:"publicKey"`
	AddressCompressed string `json:"addressCompressed"`
}

type vectorWallet struct {
	ID               string    `json:"id"`
	Mnemonic         string    `json:"mnemonic"`
	Words            int       `json:"words"`
	Entropy          string    `json:"entropy"`
	Seed             string    `json:"seed"`
	RootXprv         string    `json:"rootXprv"`
	IdentityXpub     string    `json:"identityXpub"`
	BitcoinXpub      string    `json:"bitcoinXpub"`
	IdentitySalt     string    `json:"identitySalt"`
	Payment          vectorKey `json:"payment"`
	ReceiveAddresses []string  `json:"receiveAddresses"`
	ChangeAddresses  []string  `json:"changeAddresses"`
	Identities       []struct {
		vectorKey
		AppsNodeXprv string    `json:"appsNodeXprv"`
		AppsNodePath string    `json:"appsNodePath"`
		SigningNode  vectorKey `json:"signingNode"`
	} `json:"identities"`
}

func TestVectorsKeys(t *testing.T) {
	const name = "identity/keys.json"
	var set struct {
		Vectors []vectorWallet `json:"vectors"`
	}
	if err := json.Unmarshal(testdata.Vectors(t, name), &set); err != nil {
		t.Fatal(err)
	}
	for _, v := range set.Vectors {
		t.Run(v.ID, func(t *testing.T) {
			if v.Mnemonic != "" {
				checkPhrase(t, v)
			}
			k := unlockedFromSeed(t, v.Seed)
			if got := k.root.String(); got != v.RootXprv {
				t.Error("root key differs")
			}
			checkXPub(t, k, "m/888'/0'", v.IdentityXpub)
			checkXPub(t, k, "m/44'/0'/0'", v.BitcoinXpub)
			identity, err := k.xpub(&chaincfg.MainNetParams, mustPath(t, "m/888'/0'"))
			if err != nil {
				t.Fatal(err)
			}
			pub, err := identity.ECPubKey()
			if err != nil {
				t.Fatal(err)
			}
			salt := sha256.Sum256([]byte(hex.EncodeToString(pub.SerializeCompressed())))
			if hex.EncodeToString(salt[:]) != v.IdentitySalt {
				t.Error("salt differs")
			}
			checkKey(t, k, v.Payment)
			for j, want := range v.ReceiveAddresses {
				checkAddress(t, k, hdpath.Payment(&chaincfg.MainNetParams, hdpath.PurposeP2PKH, hdpath.BranchReceive, uint32(j)), want)
			}
			for j, want := range v.ChangeAddresses {
				checkAddress(t, k, hdpath.Payment(&chaincfg.MainNetParams, hdpath.PurposeP2PKH, hdpath.BranchChange, uint32(j)), want)
			}
			if len(v.Identities) == 0 {
				t.Error("no identity")
			}
			for i, id := range v.Identities {
				if p := hdpath.Owner(uint32(i)); p.String() != id.Path {
					t.Errorf("owner path is %s, not %s", p, id.Path)
				}
				checkKey(t, k, id.vectorKey)
				owner, err := k.OwnerKey(uint32(i))
				if err != nil {
					t.Fatal(err)
				}
				if hex.EncodeToString(owner.PublicKey().SerializeCompressed()) != id.PublicKey {
					t.Error("owner public key differs")
				}
				checkNode(t, k, id.AppsNodePath, id.AppsNodeXprv)
				checkKey(t, k, id.SigningNode)
			}
		})
	}
	testdata.Cases(t, name, len(set.Vectors))
}

func checkPhrase(t *testing.T, v vectorWallet) {
	t.Helper()
	if n := len(strings.Fields(v.Mnemonic)); n != v.Words {
		t.Fatalf("%d words", n)
	}
	entropy, err := seedphrase.Entropy(secret.New([]byte(v.Mnemonic)))
	if err != nil {
		t.Fatal(err)
	}
	wantHex(t, "entropy", entropy, v.Entropy)
	wantHex(t, "seed", seedphrase.Seed(entropy), v.Seed)
	seedphrase.Spell(entropy).Use(func(b []byte) {
		if string(b) != v.Mnemonic {
			t.Error("the phrase of the entropy differs")
		}
	})
}

func wantHex(t *testing.T, what string, got *secret.Bytes, want string) {
	t.Helper()
	got.Use(func(b []byte) {
		if hex.EncodeToString(b) != want {
			t.Errorf("%s differs", what)
		}
	})
}

func mustPath(t *testing.T, s string) hdpath.Path {
	t.Helper()
	p, err := hdpath.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	if p.String() != s {
		t.Fatalf("%s printed as %s", s, p)
	}
	return p
}

func checkXPub(t *testing.T, k *Keychain, path, want string) {
	t.Helper()
	x, err := k.xpub(&chaincfg.MainNetParams, mustPath(t, path))
	if err != nil {
		t.Fatal(err)
	}
	if x.String() != want || x.IsPrivate() {
		t.Errorf("%s: xpub differs", path)
	}
}

func checkNode(t *testing.T, k *Keychain, path, want string) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	n, err := k.derive(mustPath(t, path))
	if err != nil {
		t.Fatal(err)
	}
	if n.String() != want {
		t.Errorf("%s differs", path)
	}
}

func checkKey(t *testing.T, k *Keychain, want vectorKey) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	n, err := k.derive(mustPath(t, want.Path))
	if err != nil {
		t.Fatal(err)
	}
	priv, err := n.ECPrivKey()
	if err != nil {
		t.Fatal(err)
	}
	if hex.EncodeToString(priv.Serialize()) != want.PrivateKey {
		t.Errorf("%s: private key differs", want.Path)
	}
	if hex.EncodeToString(priv.PubKey().SerializeCompressed()) != want.PublicKey {
		t.Errorf("%s: public key differs", want.Path)
	}
	if p2pkh(t, priv.PubKey()) != want.AddressCompressed {
		t.Errorf("%s: address differs", want.Path)
	}
}

func checkAddress(t *testing.T, k *Keychain, p hdpath.Path, want string) {
	t.Helper()
	key, err := k.Key(p)
	if err != nil {
		t.Fatal(err)
	}
	if got := p2pkh(t, key.PublicKey()); got != want {
		t.Errorf("%s: %s, want %s", p, got, want)
	}
}

func p2pkh(t *testing.T, pub *btcec.PublicKey) string {
	t.Helper()
	a, err := address.NewAddressPubKeyHash(address.Hash160(pub.SerializeCompressed()), &chaincfg.MainNetParams)
	if err != nil {
		t.Fatal(err)
	}
	return a.EncodeAddress()
}

func TestVectorsMnemonics(t *testing.T) {
	const name = "identity/mnemonics.json"
	var set struct {
		Vectors []struct {
			ID                  string `json:"id"`
			Mnemonic            string `json:"mnemonic"`
			Valid               bool   `json:"valid"`
			Entropy             string `json:"entropy"`
			SeedAnyway          string `json:"seedAnyway"`
			BrowserCleaned      string `json:"browserCleaned"`
			BrowserCleanedValid bool   `json:"browserCleanedValid"`
		} `json:"vectors"`
	}
	if err := json.Unmarshal(testdata.Vectors(t, name), &set); err != nil {
		t.Fatal(err)
	}
	for _, v := range set.Vectors {
		t.Run(v.ID, func(t *testing.T) {
			// What the libraries or the browser took, we take; and we collapse runs of separators,
			// which the browser did not.
			canonical := strings.Join(strings.Fields(v.BrowserCleaned), " ")
			want := v.Valid || v.BrowserCleanedValid || v.ID == "double-space"
			got, err := seedphrase.Clean(secret.New([]byte(v.Mnemonic)))
			if (err == nil) != want {
				t.Fatalf("valid is %t, want %t (%v)", err == nil, want, err)
			}
			if err != nil {
				for _, w := range strings.Fields(v.Mnemonic) {
					if len(w) > 3 && strings.Contains(err.Error(), w) {
						t.Errorf("the error shows a word: %v", err)
					}
				}
				return
			}
			got.Use(func(b []byte) {
				if string(b) != canonical {
					t.Error("cleaned differently")
				}
			})
			entropy, err := seedphrase.Entropy(secret.New([]byte(v.Mnemonic)))
			if err != nil {
				t.Fatal(err)
			}
			if v.Valid {
				wantHex(t, "entropy", entropy, v.Entropy)
				wantHex(t, "seed", seedphrase.Seed(entropy), v.SeedAnyway)
			}
		})
	}
	testdata.Cases(t, name, len(set.Vectors))
}

// TestVectorsCliKeys: the keys that the old command line printed for a phrase.
func TestVectorsCliKeys(t *testing.T) {
	const name = "identity/cli-keys.json"
	type key struct {
		PrivateKey string          `json:"privateKey"`
		IDAddress  string          `json:"idAddress"`
		Address    json.RawMessage `json:"address"`
		Index      uint32          `json:"index"`
	}
	var set struct {
		Vectors []struct {
			Mnemonic  string `json:"mnemonic"`
			OwnerKeys []key  `json:"ownerKeys"`
			Payment   key    `json:"paymentKey"`
			Stacks    key    `json:"stacksWalletKey"`
		} `json:"vectors"`
	}
	if err := json.Unmarshal(testdata.Vectors(t, name), &set); err != nil {
		t.Fatal(err)
	}
	for _, v := range set.Vectors {
		entropy, err := seedphrase.Entropy(secret.New([]byte(v.Mnemonic)))
		if err != nil {
			t.Fatal(err)
		}
		var k *Keychain
		seedphrase.Seed(entropy).Use(func(b []byte) { k = unlockedFromSeed(t, hex.EncodeToString(b)) })
		check := func(p hdpath.Path, want key, addr string) {
			t.Helper()
			node, err := k.derive(p)
			if err != nil {
				t.Fatal(err)
			}
			priv, err := node.ECPrivKey()
			if err != nil {
				t.Fatal(err)
			}
			if hex.EncodeToString(priv.Serialize())+"01" != want.PrivateKey || p2pkh(t, priv.PubKey()) != addr {
				t.Errorf("%s differs", p)
			}
		}
		btc := func(k key) string {
			var a struct{ BTC string }
			if err := json.Unmarshal(k.Address, &a); err != nil {
				t.Fatal(err)
			}
			return a.BTC
		}
		for _, o := range v.OwnerKeys {
			check(hdpath.Owner(o.Index), o, strings.TrimPrefix(o.IDAddress, "ID-"))
		}
		check(hdpath.Payment(&chaincfg.MainNetParams, hdpath.PurposeP2PKH, hdpath.BranchReceive, v.Payment.Index), v.Payment, btc(v.Payment))
		check(mustPath(t, "m/44'/5757'/0'/0/0"), v.Stacks, btc(v.Stacks))
	}
	testdata.Cases(t, name, len(set.Vectors))
}
