package commands

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"blockstack/commands/voice"
	"blockstack/profile"
	"blockstack/profile/proof"
	"blockstack/storage/textfile"
)

// proofView is the outcome of a proof as programs see it.
type proofView struct {
	proof.Result
	Last *proof.Result `json:"last_known,omitempty"`
}

// hasEvidence reports whether an account says where its proof is, or needs not to; else it is a claim without evidence.
func hasEvidence(a profile.Account) bool {
	return a.ProofURL != "" || a.ProofSignature != "" || a.ProofMessage != "" || slices.Contains([]string{"dns", "web", "mastodon"}, a.Service)
}

// checkProofs checks the proofs of a profile now, and counts the outcomes.
func (e *Env) checkProofs(ctx context.Context, s proof.Subject, p *profile.Profile) ([]proofView, map[proof.State]int, error) {
	checker := e.proofChecker()
	views, states := []proofView{}, map[proof.State]int{}
	for _, a := range p.Accounts() {
		if !hasEvidence(a) {
			continue
		}
		v := proofView{Result: checker.Check(ctx, s, a)}
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		v.Last = e.keepEvidence(s, v.Result)
		states[v.State]++
		views = append(views, v)
	}
	return views, states, nil
}

// knownProofs gives what was last known of the proofs of a profile, without checking anything.
func (e *Env) knownProofs(s proof.Subject, p *profile.Profile) []proofView {
	views := []proofView{}
	for _, a := range p.Accounts() {
		if !hasEvidence(a) {
			continue
		}
		r := proof.Result{Service: a.Service, Identifier: a.Identifier, ProofURL: a.ProofURL, State: proof.Unchecked, Detail: "not looked at now", CheckedAt: time.Now().UTC()}
		views = append(views, proofView{Result: r, Last: e.lastEvidence(s, r)})
	}
	return views
}

// writeProofs writes a table of proofs.
func writeProofs(t *voice.Text, views []proofView) {
	rows := make([][]string, len(views))
	for i, v := range views {
		detail := v.Detail
		if v.Last != nil {
			detail += fmt.Sprintf(" (last known: %s, at %s)", v.Last.State, voice.Time(v.Last.CheckedAt))
		}
		rows[i] = []string{string(v.State), v.Service, v.Identifier, detail}
	}
	t.Table([]voice.Column{{Title: "state"}, {Title: "service"}, {Title: "identifier"}, {Title: ""}}, rows)
}

// evidencePath is where the evidence of a proof is kept.
func (e *Env) evidencePath(s proof.Subject, r proof.Result) string {
	id := sha256.Sum256([]byte(strings.Join([]string{s.Owner, s.Name, r.Service, r.Identifier, r.ProofURL}, "\n")))
	return filepath.Join(e.Config.CacheDir(), "proofs", voice.Hex(id[:])+".json")
}

// keepEvidence keeps what was found out, and gives what was known before when nothing could be found out now.
func (e *Env) keepEvidence(s proof.Subject, r proof.Result) *proof.Result {
	if r.State == proof.Unchecked {
		return e.lastEvidence(s, r)
	}
	path := e.evidencePath(s, r)
	b, err := json.Marshal(r)
	if err == nil {
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			err = textfile.Replace(path, b, 0o600)
		}
	}
	if err != nil {
		e.Out.Warn("evidence is not kept: %v", err)
	}
	return nil
}

// lastEvidence gives what was found out last; nil: nothing.
func (e *Env) lastEvidence(s proof.Subject, r proof.Result) *proof.Result {
	b, err := readBounded(e.evidencePath(s, r), nil)
	if err != nil {
		return nil
	}
	var last proof.Result
	if json.Unmarshal(b, &last) != nil || last.CheckedAt.After(time.Now()) || last.State != proof.True && last.State != proof.False {
		return nil
	}
	return &last
}
