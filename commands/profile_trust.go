package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/home/config"
	"blockstack/names"
	"blockstack/names/snv"
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

// snvErrors are the rows for proofs.
func snvErrors() []rule {
	return []rule{
		on(snv.ErrBadTrust, "usage", "--trust takes CONSENSUS_HASH@HEIGHT or the hash of a block"),
		on(snv.ErrNoTrust, "usage", "say what you trust: --trust CONSENSUS_HASH@HEIGHT"),
		on(snv.ErrOtherRules, "wrong_network", "name the network or the name rules that it was made for: --network N or --registry FILE"),
		on(snv.ErrMalformed, "malformed"),
		on(bundle.ErrMalformed, "malformed"),
	}
}

// bundleVerifier judges bundles by the command line, without index and network.
func (e *Env) bundleVerifier(ctx context.Context, o profileVerifyOptions) (*bundle.Verifier, error) {
	w, err := e.whom(o)
	if err != nil {
		return nil, err
	}
	if o.Trust.Empty() { // before the rules are asked for
		return nil, lookup.ErrNoTrust
	}
	rules, err := e.proofRules(ctx)
	if err != nil {
		return nil, err
	}
	return e.judges().Bundles(w, rules)
}

// proofRules are the name rules that a proof is read by. A bundle of a sandbox may be verified where there is none: by the rules that
// sandboxes have unless a registry is named.
func (e *Env) proofRules(ctx context.Context) (*names.Params, error) {
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

// readPolicy reads a policy file.
func (e *Env) readPolicy(path string) (*profile.Policy, error) {
	raw, err := readBounded(path, e.In)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	policy, err := profile.ParsePolicy(raw, e.addressVersions())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return policy, nil
}

// verifyBundle judges one bundle.
func (e *Env) verifyBundle(ctx context.Context, o profileVerifyOptions, raw []byte) (*profile.Report, error) {
	v, err := e.bundleVerifier(ctx, o)
	if err != nil {
		return nil, err
	}
	v.Base.Seen = e.SeenProfiles()
	return v.Verify(ctx, raw)
}

// bundleHook judges the bundles among many inputs.
func (e *Env) bundleHook(ctx context.Context, o profileVerifyOptions) (func(context.Context, []byte) (*profile.Report, bool, error), error) {
	var v *bundle.Verifier
	if !o.Trust.Empty() {
		var err error
		if v, err = e.bundleVerifier(ctx, o); err != nil {
			return nil, err
		}
	}
	return lookup.IfBundle(v), nil
}

// isBundle reports whether standard input or a file begins like a bundle; a URL or pipe is one where something is trusted. Standard
// input can be read from its beginning afterwards.
func (e *Env) isBundle(what string, o profileVerifyOptions) (bool, error) {
	switch {
	case config.IsURL(what):
		return !o.Trust.Empty(), nil
	case what == "-":
		in := bufio.NewReaderSize(e.In, profile.MaxSize+1)
		e.In = in
		head, err := in.Peek(bundle.HeadSize)
		if err != nil && !errors.Is(err, io.EOF) {
			return false, fmt.Errorf("standard input: %w", err)
		}
		return bundle.Is(head), nil
	}
	if info, err := os.Stat(what); err == nil && !info.Mode().IsRegular() { // a pipe can be read once only
		return !o.Trust.Empty(), nil
	}
	return looksLikeBundle(what), nil // a file that cannot be read: whoever reads it says so
}

// readJudged reads a token file or a bundle.
func (e *Env) readJudged(ctx context.Context, what string, o profileVerifyOptions) ([]byte, error) {
	is, err := e.isBundle(what, o)
	if err != nil {
		return nil, err
	}
	if is {
		return e.readAll(ctx, what, bundle.MaxSize)
	}
	return e.readProfile(ctx, what)
}

// looksLikeBundle reports whether a regular file begins like a bundle.
func looksLikeBundle(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, bundle.HeadSize)
	n, _ := io.ReadFull(f, head)
	return bundle.Is(head[:n])
}

// verifyBundleAt reads one bundle and judges it.
func (e *Env) verifyBundleAt(ctx context.Context, o profileVerifyOptions) (*profile.Report, error) {
	raw, err := e.readAll(ctx, o.What[0], bundle.MaxSize)
	if err != nil {
		return nil, err
	}
	return e.verifyBundle(ctx, o, raw)
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
