package profiles

import (
	"context"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/names"
	"blockstack/profile"
	"blockstack/profile/bundle"
	"blockstack/profile/lookup"
	"blockstack/wallet/sandbox"
)

// trustFlag says what proof bundles are measured by.
func trustFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "trust", Usage: "for bundles: trust `CONSENSUS_HASH@HEIGHT`, which proves the owner at that height, " +
		"or a block hash, which proves only that the transactions are in the chain; repeatable"}
}

// notBundle is what is wrong with a file that --trust alone was given for.
func notBundle(path string) error {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	return fault.Usage("%s is no bundle, and --trust is for bundles", path).
		Hint("say whom a profile must speak for: one of --address ADDRESS, --key PUBLICKEY, --name NAME and --policy FILE")
}

// bundleVerifier judges bundles by the command line, without index and network.
func bundleVerifier(ctx context.Context, e *Env, o profileVerifyOptions) (*bundle.Verifier, error) {
	w, err := whom(e, o)
	if err != nil {
		return nil, err
	}
	if o.Trust.Empty() { // before the rules are asked for
		return nil, lookup.ErrNoTrust
	}
	rules, err := proofRules(ctx, e)
	if err != nil {
		return nil, err
	}
	return e.judges().Bundles(w, rules)
}

// proofRules are the name rules that a proof is read by. A bundle of a sandbox may be verified
// where there is none: by the rules that sandboxes have unless a registry is named.
func proofRules(ctx context.Context, e *Env) (*names.Params, error) {
	if e.Config.Network != "sandbox" {
		return e.Registry(ctx)
	}
	_, running := sandbox.RegistryPath(e.Config.SandboxDir())
	switch {
	case running:
		return e.Registry(ctx)
	case e.Config.Registry != "":
		return home.ReadRegistry(e.Config.Registry)
	}
	return names.Sandbox("", nil), nil // proofs do not depend on grants
}

// verifyBundle judges one bundle.
func verifyBundle(ctx context.Context, e *Env, o profileVerifyOptions, raw []byte) (*profile.Report, error) {
	v, err := bundleVerifier(ctx, e, o)
	if err != nil {
		return nil, err
	}
	v.Base.Seen = e.SeenProfiles()
	return v.Verify(ctx, raw)
}

// bundleHook judges the bundles among many inputs.
func bundleHook(ctx context.Context, e *Env, o profileVerifyOptions) (func(context.Context, []byte) (*profile.Report, bool, error), error) {
	var v *bundle.Verifier
	if !o.Trust.Empty() {
		var err error
		if v, err = bundleVerifier(ctx, e, o); err != nil {
			return nil, err
		}
	}
	return lookup.IfBundle(v), nil
}

// verifyBundleAt reads one bundle and judges it.
func verifyBundleAt(ctx context.Context, e *Env, o profileVerifyOptions) (*profile.Report, error) {
	raw, err := e.readAll(ctx, o.What[0], bundle.MaxSize)
	if err != nil {
		return nil, err
	}
	return verifyBundle(ctx, e, o, raw)
}

// writeProof writes what a bundle shows in words, and no more.
func writeProof(t *voice.Text, r *profile.Report) {
	p := r.Proof
	switch {
	case p == nil:
		return
	case r.InclusionOnly:
		t.Field("shown", "only that the transactions are in the chain of block %s; not who owns the name", p.BlockHash)
	default:
		t.Field("shown at block", "%d, consensus hash %s", p.Height, p.ConsensusHash)
		t.Field("looked at", "%d operations in %d blocks: none later on this name", p.Operations, p.Blocks)
	}
	for _, tx := range p.Transactions {
		t.Field("transaction", "%s at %d, %s: %s", tx.Opcode, tx.Height, tx.Shown, tx.Txid)
	}
}
