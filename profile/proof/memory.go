package proof

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"blockstack/profile"
	"blockstack/storage"
)

// Memory keeps what was found out about proofs last, so that it can be shown with its age when
// nothing can be found out. It may be deleted at any time.
type Memory struct {
	// In keeps one object for each proof, named by a hash of subject and account.
	In interface {
		storage.Getter
		storage.Putter
	}
	Clock func() time.Time // nil: time.Now
}

// Checked is what became of a proof, and what was known before where nothing could be found out
// now.
type Checked struct {
	Result
	Last *Result `json:"last_known,omitempty"`
}

// Outcomes are what became of the proofs of a profile.
type Outcomes struct {
	Proofs                 []Checked
	True, False, Unchecked int
	Unkept                 error // why some of it could not be kept; nil: it was
}

// maxKept bounds what is kept of a proof, in bytes.
const maxKept = 64 << 10

// HasEvidence reports whether an account says where its proof is, or needs not to; else it is a
// claim without evidence.
func HasEvidence(a profile.Account) bool {
	return a.ProofURL != "" || a.ProofSignature != "" || a.ProofMessage != "" || slices.Contains([]string{"dns", "web", "mastodon"}, a.Service)
}

// CheckAll checks the proofs of a profile now, and keeps what it finds out.
func (m *Memory) CheckAll(ctx context.Context, c *Checker, s Subject, p *profile.Profile) (*Outcomes, error) {
	o := &Outcomes{Proofs: []Checked{}}
	for _, a := range p.Accounts() {
		if !HasEvidence(a) {
			continue
		}
		r := Checked{Result: c.Check(ctx, s, a)}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		switch r.State {
		case True:
			o.True++
		case False:
			o.False++
		default:
			o.Unchecked++
			r.Last = m.Last(ctx, s, r.Result)
		}
		if r.State != Unchecked {
			o.Unkept = errors.Join(o.Unkept, m.keep(ctx, s, r.Result))
		}
		o.Proofs = append(o.Proofs, r)
	}
	return o, nil
}

// Known gives what was known last of the proofs of a profile, without checking anything.
func (m *Memory) Known(ctx context.Context, s Subject, p *profile.Profile) []Checked {
	known := []Checked{}
	for _, a := range p.Accounts() {
		if !HasEvidence(a) {
			continue
		}
		r := Result{Service: a.Service, Identifier: a.Identifier, ProofURL: a.ProofURL, State: Unchecked, Detail: "not looked at now", CheckedAt: m.now().UTC()}
		known = append(known, Checked{Result: r, Last: m.Last(ctx, s, r)})
	}
	return known
}

// Last gives what was found out last; nil: nothing. What says that it comes from the future, or
// that nothing was found out, does not count.
func (m *Memory) Last(ctx context.Context, s Subject, r Result) *Result {
	f, err := storage.Read(ctx, m.In, nameOf(s, r), maxKept)
	if err != nil {
		return nil
	}
	var last Result
	if json.Unmarshal(f.Data, &last) != nil || last.CheckedAt.After(m.now()) || last.State != True && last.State != False {
		return nil
	}
	return &last
}

// keep keeps what was found out.
func (m *Memory) keep(ctx context.Context, s Subject, r Result) error {
	b, err := json.Marshal(r)
	if err == nil {
		_, err = storage.Write(ctx, m.In, nameOf(s, r), b, storage.Condition{})
	}
	if err != nil {
		return fmt.Errorf("evidence is not kept: %w", err)
	}
	return nil
}

// nameOf is the object of a proof.
func nameOf(s Subject, r Result) string {
	id := sha256.Sum256([]byte(strings.Join([]string{s.Owner, s.Name, r.Service, r.Identifier, r.ProofURL}, "\n")))
	return hex.EncodeToString(id[:]) + ".json"
}

func (m *Memory) now() time.Time {
	if m.Clock != nil {
		return m.Clock()
	}
	return time.Now()
}
