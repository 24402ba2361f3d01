package names_test

import (
	"bytes"
	"os"
	"testing"

	"blockstack/names"
)

// TestMainnetExample holds docs/examples/mainnet.json to the rules that are built in.
func TestMainnetExample(t *testing.T) {
	const path = "../docs/examples/mainnet.json"
	var want bytes.Buffer
	if err := names.WriteRegistry(&want, names.Mainnet()); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s is not the built-in registry (%v), which is\n%s", path, err, want.String())
	}
}
