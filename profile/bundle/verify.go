package bundle

import (
	"context"
	"errors"

	"blockstack/names"
	"blockstack/names/snv"
	"blockstack/names/zonefile"
	"blockstack/profile"
)

// Verifier judges bundles. Its fields are read only, so one may be used from several goroutines
// when its parts may.
type Verifier struct {
	Params *names.Params
	Trust  snv.Trust
	Base   profile.Verifier // clock, delegated keys, newest profiles seen; its owner does not count
	Policy *profile.Policy  // who may sign and what must be there; nil: the owner of any name
}

// Verify judges a bundle. It gives an error only when it could not judge: when nothing is trusted
// (snv.ErrNoTrust) or the proof is for other name rules (snv.ErrOtherRules). What is wrong with the
// bundle stands in the report.
func (v *Verifier) Verify(ctx context.Context, raw []byte) (*profile.Report, error) {
	if v.Trust.Empty() {
		return nil, snv.ErrNoTrust
	}
	b, err := Parse(raw)
	if err != nil {
		return profile.MalformedReport(err), nil
	}
	shown, err := snv.Verify(ctx, v.Params, b.Proof, v.Trust)
	if err != nil {
		return refused(err)
	}
	if err := b.checkZoneFile(shown.Record); err != nil {
		return profile.RefusedReport("zone file", profile.BadProof, err.Error()), nil
	}
	report, err := v.judge(ctx, b, shown.Record)
	if err != nil {
		return nil, err
	}
	report.Proof = proofOf(shown)
	if !shown.Ownership {
		report.InclusionOnly, report.OwnerAddress = true, ""
		report.Refuse("proof", profile.InclusionOnly,
			"a trusted block shows that the transactions are in the chain, not who owns the name: that takes a trusted consensus hash")
	}
	return report, nil
}

// refused turns what is wrong with a proof into a report.
func refused(err error) (*profile.Report, error) {
	var height *snv.OtherHeightError
	var consensus *snv.UntrustedError
	var block *snv.UntrustedBlockError
	switch {
	case errors.Is(err, snv.ErrMalformed):
		return profile.MalformedReport(err), nil
	case errors.Is(err, snv.ErrRefused), errors.As(err, &consensus), errors.As(err, &block):
		return profile.RefusedReport("proof", profile.BadProof, err.Error()), nil
	case errors.As(err, &height):
		return profile.RefusedReport("proof", profile.OtherHeight, err.Error()), nil
	}
	return nil, err
}

// judge judges the token for the owner that the record shows.
func (v *Verifier) judge(ctx context.Context, b *Bundle, rec names.Record) (*profile.Report, error) {
	var dataKeys []string
	if zf, err := zonefile.Parse(b.ZoneFile); err == nil { // one that cannot be read names no key, as for whoever looks the name up
		dataKeys = zf.DataKeys()
	}
	owner, err := profile.OwnerRecord(rec, dataKeys...)
	if err != nil {
		return profile.RefusedReport("signer", profile.WrongSigner, err.Error()), nil
	}
	if v.Policy != nil {
		judge, err := v.Policy.JudgeOwner(owner, profile.Versions(v.Params), v.Base)
		if err != nil {
			return nil, err
		}
		return judge.Verify(ctx, b.Token)
	}
	judge := v.Base
	judge.Owner = owner
	return judge.Verify(ctx, b.Token)
}

// proofOf says what was shown, and no more than that.
func proofOf(s *snv.Statement) *profile.Proof {
	p := &profile.Proof{Height: s.Height, LastHeight: s.From, Blocks: s.Blocks, Operations: s.Ops}
	if s.Ownership {
		p.ConsensusHash, p.NameStatus, p.ExpiresAt = s.Consensus.String(), string(s.Record.Status), s.Record.ExpiresAt
		if s.Record.HasZoneFile {
			p.ZoneFileHash = s.Record.ZoneFile.String()
		}
	}
	if s.Inclusion {
		p.BlockHash = s.Block.String()
	}
	for _, op := range s.Operations {
		tx := profile.ProofTx{Txid: op.Txid.String(), Opcode: op.OpName, Height: op.Height, Shown: "stated"}
		switch {
		case op.Accepted:
			tx.Shown = "accepted"
		case s.Inclusion:
			tx.Shown = "included"
		}
		p.Transactions = append(p.Transactions, tx)
	}
	return p
}
