package commands

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"blockstack/home/config"
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

// TestSourcesNamed: every source that --backend takes is explained.
func TestSourcesNamed(t *testing.T) {
	doc, err := os.ReadFile("../docs/sources.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range append(config.Backends(), config.BackendPeers) {
		if !strings.Contains(string(doc), "`--backend "+b+"`") {
			t.Errorf("docs/sources.md says nothing of %s", b)
		}
	}
}
