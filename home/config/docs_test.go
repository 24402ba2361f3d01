package config_test

import (
	"os"
	"strings"
	"testing"

	"blockstack/home/config"
)

// TestSourcesNamed: every source that --backend takes is explained.
func TestSourcesNamed(t *testing.T) {
	doc, err := os.ReadFile("../../docs/sources.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range append(config.Backends(), config.BackendPeers) {
		if !strings.Contains(string(doc), "`--backend "+b+"`") {
			t.Errorf("docs/sources.md says nothing of %s", b)
		}
	}
}
