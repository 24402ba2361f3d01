package commands

import (
	"context"
	"fmt"
	"path/filepath"

	"blockstack/commands/voice"
	"blockstack/profile"
	"blockstack/profile/proof"
	"blockstack/storage/local"
)

// proofMemory is where what was found out about proofs is kept.
func (e *Env) proofMemory() *proof.Memory {
	return &proof.Memory{In: local.Cache(filepath.Join(e.Config.CacheDir(), "proofs"))}
}

// checkProofs checks the proofs of a profile now.
func (e *Env) checkProofs(ctx context.Context, s proof.Subject, p *profile.Profile) (*proof.Outcomes, error) {
	found, err := e.proofMemory().CheckAll(ctx, e.proofChecker(), s, p)
	if err == nil && found.Unkept != nil {
		e.Out.Warn("%v", found.Unkept)
	}
	return found, err
}

// writeProofs writes a table of proofs.
func writeProofs(t *voice.Text, proofs []proof.Checked) {
	rows := make([][]string, len(proofs))
	for i, v := range proofs {
		detail := v.Detail
		if v.Last != nil {
			detail += fmt.Sprintf(" (last known: %s, at %s)", v.Last.State, voice.Time(v.Last.CheckedAt))
		}
		rows[i] = []string{string(v.State), v.Service, v.Identifier, detail}
	}
	t.Table([]voice.Column{{Title: "state"}, {Title: "service"}, {Title: "identifier"}, {Title: ""}}, rows)
}
