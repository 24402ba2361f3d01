package keychain

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"testing"

	"blockstack/wallet/keychain/keyfile"
)

// A mark follows from the seed and the text alone, so that another machine with the same words
// knows it again.
func TestMark(t *testing.T) {
	open := func(phrase string) *Keychain {
		path := filepath.Join(t.TempDir(), "keychain")
		if err := Create(path, pw(phrase), pw("x"), keyfile.TestCost()); err != nil {
			t.Fatal(err)
		}
		k, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Mark([]byte("a")); !errors.Is(err, ErrLocked) {
			t.Errorf("a locked keychain: %v", err)
		}
		if err := k.Unlock(context.Background(), pw("x")); err != nil {
			t.Fatal(err)
		}
		return k
	}
	mark := func(k *Keychain, text string) []byte {
		m, err := k.Mark([]byte(text))
		if err != nil || len(m) != 32 {
			t.Fatalf("%x %v", m, err)
		}
		return m
	}
	here, there := open(testPhrase), open(testPhrase)
	other := open("legal winner thank year wave sausage worth useful legal winner thank yellow")
	if !bytes.Equal(mark(here, "a"), mark(there, "a")) {
		t.Error("two machines of one seed make different marks")
	}
	if bytes.Equal(mark(here, "a"), mark(here, "b")) || bytes.Equal(mark(here, "a"), mark(other, "a")) {
		t.Error("another text or seed gives the same mark")
	}
}
