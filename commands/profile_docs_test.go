package commands

import (
	"context"
	"os"
	"testing"

	"blockstack/names"
	"blockstack/profile"
)

// TestSignersExample reads the example of signers.toml in docs/formats.md.
func TestSignersExample(t *testing.T) {
	b, err := os.ReadFile("../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	text, found := exampleIn(string(b), "toml", `schema = "`+profile.PolicySchema+`"`)
	if !found {
		t.Fatal("no example of signers.toml")
	}
	p, err := profile.ParsePolicy([]byte(text), profile.MainnetVersions())
	if err != nil || len(p.Signers) != 3 {
		t.Fatalf("%v, %v", p, err)
	}
	asked := 0
	_, err = p.Judge(context.Background(), profile.MainnetVersions(), func(_ context.Context, n names.Name) (profile.Owner, error) {
		asked++
		return profile.OwnerAddress("1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk", profile.MainnetVersions())
	}, profile.Verifier{})
	if err != nil || asked != 1 {
		t.Errorf("judge: %v, %d names asked for", err, asked)
	}
}
