package profiles

import (
	"context"
	"fmt"

	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/profile"
	"blockstack/profile/proof"
)

// checkProofs checks the proofs of a profile now.
func checkProofs(ctx context.Context, e *Env, s proof.Subject, p *profile.Profile) (*proof.Outcomes, error) {
	found, err := home.ProofMemory(e.Config).CheckAll(ctx, home.ProofChecker(e.Config, e.Fetcher()), s, p)
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
