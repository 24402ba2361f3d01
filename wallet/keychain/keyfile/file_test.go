package keyfile

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"blockstack/wallet/keychain/hdpath"
	"blockstack/wallet/secret"
)

const madePassword = "hunter2-and-more"

func typed(s string) *secret.Bytes { return secret.New([]byte(s)) }

// madeFile writes a keychain file that a password opens.
func madeFile(tb testing.TB) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "keychain")
	f, err := New(NewID(), typed(strings.Repeat("abandon ", 11)+"about"), typed(madePassword), TestCost())
	if err != nil {
		tb.Fatal(err)
	}
	if err := Write(path, f, false); err != nil {
		tb.Fatal(err)
	}
	return path
}

// listedFile is the bytes of a keychain file with a list of one wallet.
func listedFile(tb testing.TB) []byte {
	tb.Helper()
	f, err := Read(madeFile(tb))
	if err != nil {
		tb.Fatal(err)
	}
	h := Home{Accounts: map[uint32]string{hdpath.PurposeP2WPKH: "tpub"}, Gap: 20}
	h.SetRedeemScripts([][]byte{{1, 2, 3}})
	key := append([]byte{2}, bytes.Repeat([]byte{7}, 32)...)
	f.Schema, f.Scripts = SchemaListed, &List{Fingerprint: "01020304", SealedKey: make([]byte, sealedBytes), Owners: PubKeys{key}, Revealers: PubKeys{key},
		Homes: map[string]Home{"regtest": h}, MAC: make([]byte, macSize)}
	if err := f.Check(); err != nil {
		tb.Fatal(err)
	}
	raw, err := json.Marshal(f)
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

// TestListedFileIsRead: what listedFile makes is a file.
func TestListedFileIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keychain")
	if err := os.WriteFile(path, listedFile(t), 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := Read(path); err != nil || f.Scripts == nil {
		t.Errorf("%v", err)
	}
}
