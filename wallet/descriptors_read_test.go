package wallet

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/wallet/keychain"
	"blockstack/wallet/scripts"
)

// The account keys of the phrase "abandon … about" that BIP 49, BIP 84 and BIP 86 print, and their
// first addresses.
const (
	bip49Account = "upub5EFU65HtV5TeiSHmZZm7FUffBGy8UKeqp7vw43jYbvZPpoVsgU93oac7Wk3u6moKegAEWtGNF8DehrnHtv21XXEMYRUocHqguyjknFHYfgY"
	bip84Account = "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs"
	bip86Account = "xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ"
)

// watched makes a watch-only wallet from a list.
func createWatched(t *testing.T, net *chaincfg.Params, list string) (*Wallet, error) {
	t.Helper()
	keys, _, err := ReadDescriptors(net, []byte(list))
	if err != nil {
		return nil, err
	}
	dir := t.TempDir()
	cfg := Config{Keychain: dir + "/keychain", Dir: dir + "/net", Network: net}
	if err := CreateWatchOnly(context.Background(), cfg, WatchOptions{Keys: keys}); err != nil {
		return nil, err
	}
	w, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w, nil
}

// withSum adds the checksum to a descriptor.
func withSum(t *testing.T, text string) string {
	t.Helper()
	sum, err := descriptorChecksum(text)
	if err != nil {
		t.Fatal(err)
	}
	return text + "#" + sum
}

// TestWatchedAddresses holds the addresses of account keys to those that the BIPs print.
func TestWatchedAddresses(t *testing.T) {
	for _, c := range []struct {
		list, address, path string
		net                 *chaincfg.Params
		kind                scripts.Kind
	}{
		{bip49Account, "2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2", "m/0/0", &chaincfg.TestNet3Params, scripts.P2SHP2WPKH},
		{bip84Account, "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "m/0/0", &chaincfg.MainNetParams, scripts.P2WPKH},
		{"[73c5da0a/86h/0h/0h]" + bip86Account, "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr", "m/86'/0'/0'/0/0",
			&chaincfg.MainNetParams, scripts.P2TR},
		{withSum(t, "tr([73c5da0a/86'/0'/0']"+bip86Account+"/<0;1>/*)"), "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
			"m/86'/0'/0'/0/0", &chaincfg.MainNetParams, scripts.P2TR},
		{`[{"desc":"` + withSum(t, "tr("+bip86Account+"/1/*)") + `","timestamp":"now"}]`,
			"bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr", "m/0/0", &chaincfg.MainNetParams, scripts.P2TR},
	} {
		w, err := createWatched(t, c.net, "# a list\n\n"+c.list+"\n")
		if strings.HasPrefix(c.list, "[{") {
			w, err = createWatched(t, c.net, c.list)
		}
		if err != nil {
			t.Errorf("%s: %v", c.list, err)
			continue
		}
		a, err := w.ReceiveAddress(context.Background(), "")
		if err != nil || a.Text != c.address || a.Path != c.path || a.Kind != c.kind {
			t.Errorf("%s: %s at %s (%s), %v", c.list, a.Text, a.Path, a.Kind, err)
		}
		if _, err := w.OwnerAddress(context.Background(), 0); !errors.Is(err, ErrNeedKeys) {
			t.Errorf("an owner key out of nothing: %v", err)
		}
		if err := w.Unlock(context.Background(), nil); !errors.Is(err, ErrNoKeychain) || !w.Locked() || !w.WatchOnly() {
			t.Errorf("unlock: %v", err)
		}
	}
}

// TestWatchedRefusals shows lists that make no wallet.
func TestWatchedRefusals(t *testing.T) {
	const (
		pub  = "02ed9b172e392fd595e7918aa0c21a401a6bc1fba3bfd89872d3b92fabd971710c"
		pub1 = "02eb0e95658485b095ba46ef7bd3f473268dcb37dea35eece0000e48a7db9dc01a"
		// the root key of BIP 32's first test vector
		private = "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"
	)
	sum := func(s string) string { return withSum(t, s) }
	for _, list := range []string{
		"", "\n# only words\n", "{}", `{"descriptors":7}`, "[{]", "hello",
		sum("pkh(" + pub + ")"), sum("wsh(pk(" + pub + "))"), sum("sh(multi(1," + pub + "," + pub1 + "))"), sum("tr(" + bip86Account + "/0/*,pk(" + pub + "))"),
		sum("wpkh(" + bip86Account + "/*)"), sum("wpkh(" + bip86Account + "/0/1/*)"), sum("wpkh(" + bip86Account + "/0h/*)"), sum("wpkh(" + bip86Account + ")"),
		sum("wpkh(" + private + "/0/*)"), private, sum("pkh([73c5da0a/888'/0'/0']" + private + ")"),
		sum("wpkh([73c5da/84']" + bip86Account + "/0/*)"), sum("wpkh([73c5da0a/84x]" + bip86Account + "/0/*)"), sum("wpkh([73c5da0a" + bip86Account + "/0/*)"),
		sum("wpkh(" + bip84Account + "/0/*)"),                             // another version than descriptors use
		"wpkh(" + bip86Account + "/0/*)",                                  // no checksum
		sum("wpkh(" + bip86Account + "/0/*)")[:125],                       // cut
		strings.Replace(sum("wpkh("+bip86Account+"/0/*)"), "/0", "/1", 1), // one letter is wrong
		bip84Account[:len(bip84Account)-1] + "t", bip49Account,            // a wrong letter; a test network's key
		"[73c5da0a/44'/0'/0']" + bip84Account,
		sum("wpkh([73c5da0a/84'/0'/0']"+bip86Account+"/0/*)") + "\n" + bip84Account, // two accounts of one kind
		sum("wpkh([73c5da0a/84'/0'/0']"+bip86Account+"/0/*)") + "\n" + sum("wpkh("+bip86Account+"/1/*)"),
		sum("pkh([73c5da0a/888'/0'/1']" + pub + ")"), // identity 0 is missing
		sum("pkh([73c5da0a/888'/0'/0']"+pub+")") + "\n" + sum("pkh([73c5da0a/888'/0'/0']"+pub1+")"),
		sum("pkh([73c5da0a/888'/0'/0']"+pub+")") + "\n" + sum("pkh([73c5da0b/888'/0'/1']"+pub1+")"),
		sum("wpkh([73c5da0a/888'/0'/0']" + pub + ")"),
	} {
		_, err := createWatched(t, &chaincfg.MainNetParams, list)
		if !errors.Is(err, ErrDescriptor) {
			t.Errorf("%.100q: %v", list, err)
		}
		if err != nil && (strings.Contains(err.Error(), "prv") || strings.Contains(err.Error(), private[20:40])) {
			t.Errorf("the error quotes a private key: %v", err)
		}
	}
	_, err := createWatched(t, &chaincfg.MainNetParams, sum("wpkh("+private+"/0/*)"))
	if !errors.Is(err, ErrPrivateDescriptor) {
		t.Errorf("a private key: %v", err)
	}
}

// FuzzReadDescriptors holds what is read to what is written: a list that makes a wallet is
// exported, and its export makes the same wallet.
func FuzzReadDescriptors(f *testing.F) {
	for _, s := range []string{bip84Account, "[73c5da0a/86h/0h/0h]" + bip86Account, "pkh([73c5da0a/888'/0'/0']02ed)#qqqqqqqq", `[{"desc":"x"}]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		list, _, err := ReadDescriptors(&chaincfg.MainNetParams, text)
		if err != nil {
			if !errors.Is(err, ErrDescriptor) {
				t.Errorf("%v", err)
			}
			return
		}
		for _, k := range list {
			if k.Single != nil {
				continue
			}
			origin := fingerprintText(k.Origin.Fingerprint) + strings.TrimPrefix(keychain.Path(k.Origin.Path).String(), "m")
			line, err := descriptor(k.Kind, "["+origin+"]"+k.Account.String()+"/0/*")
			if err != nil {
				t.Fatal(err)
			}
			back, _, err := ReadDescriptors(&chaincfg.MainNetParams, []byte(line))
			if err != nil || len(back) != 1 || back[0].Kind != k.Kind || back[0].Account.String() != k.Account.String() {
				t.Errorf("%s does not read back: %v", line, err)
			}
		}
	})
}
