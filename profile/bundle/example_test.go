package bundle

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"

	"blockstack/names"
	"blockstack/names/snv"
)

// A bundle is made where the index is, and verified with nothing but a consensus hash that is
// trusted. The chain is a small one on which alice.id was registered; the form of the file stands
// above Bundle.
func ExampleMake() {
	ctx, t := context.Background(), &outside{}
	defer t.end()
	chain := newWorld(t)
	alice, err := names.Parse("alice.id")
	if err != nil {
		panic(err)
	}
	made, err := Make(ctx, chain.Index, chain.Chain, Parts{Name: alice, Token: chain.token, ZoneFile: chain.zoneFile}, snv.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%q\n", made.Raw[:8])

	verify := func(what string, raw []byte, trusted snv.Anchor) {
		v := &Verifier{Params: chain.Params, Trust: snv.Trust{Anchors: []snv.Anchor{trusted}}}
		report, err := v.Verify(ctx, raw)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: valid %v, reason %q, name %q\n", what, report.Valid, report.Reason, report.Name)
	}
	verify("as it was made", made.Raw, made.Anchor)
	cut := made.Raw[:len(made.Raw)-1]
	verify("cut", cut, made.Anchor)
	other := made.Anchor
	other.Consensus[0] ^= 1
	verify("another hash is trusted", slices.Clone(made.Raw), other)
	// Output:
	// "\x89BNS\r\n\x1a\n"
	// as it was made: valid true, reason "ok", name "alice.id"
	// cut: valid false, reason "malformed", name ""
	// another hash is trusted: valid false, reason "bad_proof", name ""
}

// outside is what an example, which is no test, gives to what makes a chain for tests.
type outside struct {
	testing.TB
	ends []func()
}

// Helper marks nothing.
func (o *outside) Helper() {}

// Context never ends.
func (o *outside) Context() context.Context { return context.Background() }

// Fatal ends the example.
func (o *outside) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

// Error ends the example.
func (o *outside) Error(args ...any) { panic(fmt.Sprint(args...)) }

// Cleanup is done at the end.
func (o *outside) Cleanup(f func()) { o.ends = append(o.ends, f) }

// TempDir is removed at the end.
func (o *outside) TempDir() string {
	dir, err := os.MkdirTemp("", "bundle")
	if err != nil {
		panic(err)
	}
	o.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// end does what Cleanup was given, the last first.
func (o *outside) end() {
	for _, f := range slices.Backward(o.ends) {
		f()
	}
}
