package profile

import (
	"context"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"

	"blockstack/names"
)

// ClockSkew is how far ahead of the clock a token may be issued, or begin to count.
const ClockSkew = 10 * time.Minute

// DelegatedKeys knows which keys an owner has allowed to sign in his place (identity 9).
type DelegatedKeys interface {
	// Device gives the name of the device whose signing key this is; false when the key is
	// nobody's.
	Device(ctx context.Context, key *btcec.PublicKey) (string, bool, error)
}

// Seen remembers the newest profile of each owner, so that a storage provider that puts back an old
// one is noticed. Owners are the texts that Report.SeenAs gives.
type Seen interface {
	// Newest gives the latest time of issue seen for the owner; false when none was.
	Newest(ctx context.Context, owner string) (time.Time, bool, error)
}

// Verifier judges whether tokens speak for an owner. Its fields are read only, so one Verifier may
// be used from several goroutines when its parts may.
type Verifier struct {
	Owner Owner
	Keys  DelegatedKeys    // nil: only the owner himself
	Seen  Seen             // nil: rollback is not looked for
	Clock func() time.Time // nil: time.Now
}

// Verify judges a token. It gives an error only when it could not judge; what is wrong with the
// token stands in the report.
func (v *Verifier) Verify(ctx context.Context, t *Token) (*Report, error) {
	now := v.now()
	r := newReport(t)
	r.OwnerAddress = v.Owner.address
	if v.Owner.record != nil {
		r.Name = v.Owner.record.Name.String()
	}
	r.pass("format", "")
	for _, w := range t.warnings {
		r.warn("format", w)
	}
	r.checkSignature(t)
	if err := v.checkSigner(ctx, r, t.issuer); err != nil {
		return nil, err
	}
	v.checkName(r)
	r.checkTimes(t, now)
	if err := v.checkFreshness(ctx, r, t); err != nil {
		return nil, err
	}
	return r.close(), nil
}

func (v *Verifier) now() time.Time {
	if v.Clock != nil {
		return v.Clock()
	}
	return time.Now()
}

// VerifyBytes reads a token file and judges its token. Bytes that are no token file give a report
// that says malformed.
func (v *Verifier) VerifyBytes(ctx context.Context, raw []byte) (*Report, error) {
	f, err := ParseTokenFile(raw)
	if err != nil {
		return v.malformed(err), nil
	}
	r, err := v.Verify(ctx, f.Token)
	if err != nil {
		return nil, err
	}
	if f.Extra > 0 {
		r.warn("format", WarnExtraRecords)
	}
	return r, nil
}

func (v *Verifier) malformed(err error) *Report {
	r := MalformedReport(err)
	r.OwnerAddress = v.Owner.address
	if v.Owner.record != nil {
		r.Name = v.Owner.record.Name.String()
	}
	return r
}

func newReport(t *Token) *Report {
	r := &Report{
		Reason:          OK,
		Warnings:        make([]Warning, 0, len(t.warnings)),
		IssuerPublicKey: keyText(t.issuer),
		Checks:          make([]Check, 0, 8),
		token:           t,
	}
	if t.subject == t.issuer {
		r.SubjectPublicKey = r.IssuerPublicKey
	} else {
		r.SubjectPublicKey = keyText(t.subject)
	}
	if t.issuedAt.set {
		r.IssuedAt = &t.issuedAt.at
	}
	if t.expiresAt.set {
		r.ExpiresAt = &t.expiresAt.at
	}
	if t.notBefore.set {
		r.NotBefore = &t.notBefore.at
	}
	return r
}

// checkSignature asks whether the issuer's key signed.
func (r *Report) checkSignature(t *Token) {
	if wrong := t.verify(); wrong != "" {
		r.fail("signature", BadSignature, wrong)
		return
	}
	r.pass("signature", "")
}

// checkSigner asks whether the issuer speaks for the owner, himself or by delegation.
func (v *Verifier) checkSigner(ctx context.Context, r *Report, issuer *btcec.PublicKey) error {
	if v.Owner.is(issuer) {
		r.pass("signer", "")
		return nil
	}
	if v.Keys != nil {
		device, found, err := v.Keys.Device(ctx, issuer)
		if err != nil {
			return fmt.Errorf("delegated keys of %s: %w", v.Owner.id(), err)
		}
		if found {
			r.Device = device
			r.pass("signer", "delegated device "+quote(device))
			return nil
		}
	}
	switch {
	case v.Owner.unanswerable() && v.Owner.address == "":
		r.fail("signer", WrongSigner, fmt.Sprintf("signed by %s, who is none of those asked for", r.IssuerPublicKey))
	case v.Owner.unanswerable():
		r.fail("signer", WrongSigner, fmt.Sprintf("owner %s is a script hash, which no single signature can speak for", v.Owner.address))
	case v.Owner.key != nil:
		r.fail("signer", WrongSigner, fmt.Sprintf("signed by %s and not by %s", r.IssuerPublicKey, keyText(v.Owner.key)))
	default:
		r.fail("signer", WrongSigner, fmt.Sprintf("signed by %s, which is not the key of %s", r.IssuerPublicKey, v.Owner.address))
	}
	return nil
}

// checkName asks whether the name's record lets anybody speak for it now.
func (v *Verifier) checkName(r *Report) {
	rec := v.Owner.record
	if rec == nil {
		return
	}
	switch rec.Status {
	case names.Registered:
		r.pass("name", fmt.Sprintf("registered, at block %d", rec.Height))
	case names.Grace:
		r.warn("name", WarnNameInGrace)
	case names.Revoked:
		r.fail("name", Revoked, fmt.Sprintf("%s is revoked, at block %d", rec.Name, rec.Height))
	case names.Expired:
		r.fail("name", Expired, fmt.Sprintf("registration of %s has expired, at block %d", rec.Name, rec.Height))
	default:
		r.fail("name", WrongSigner, fmt.Sprintf("%s has no owner, at block %d", rec.Name, rec.Height))
	}
}

func (r *Report) checkTimes(t *Token, now time.Time) {
	if t.issuedAt.set {
		if t.issuedAt.at.After(now.Add(ClockSkew)) {
			r.fail("issued", NotYetValid, "issued in the future, at "+t.issuedAt.at.Format(time.RFC3339))
		} else {
			r.pass("issued", "")
		}
	}
	if t.notBefore.set {
		if t.notBefore.at.After(now.Add(ClockSkew)) {
			r.fail("not_before", NotYetValid, "not valid before "+t.notBefore.at.Format(time.RFC3339))
		} else {
			r.pass("not_before", "")
		}
	}
	if t.expiresAt.set {
		if !now.Before(t.expiresAt.at) {
			r.fail("expiry", Expired, "expired at "+t.expiresAt.at.Format(time.RFC3339))
		} else {
			r.pass("expiry", "")
		}
	}
}

// checkFreshness asks whether a newer profile of this owner was seen before. Only a token that
// passed all else says anything.
func (v *Verifier) checkFreshness(ctx context.Context, r *Report, t *Token) error {
	if v.Seen == nil || !t.issuedAt.set || r.Reason != OK && r.Reason != Expired {
		return nil
	}
	newest, found, err := v.Seen.Newest(ctx, v.SeenAs())
	if err != nil {
		return fmt.Errorf("newest profile seen of %s: %w", v.SeenAs(), err)
	}
	if found && t.issuedAt.at.Before(newest) {
		r.warn("freshness", WarnRollback)
		return nil
	}
	r.pass("freshness", "")
	return nil
}

// SeenAs is the text under which the newest profile of the owner is remembered: his address, or his
// key when only that is known. After a valid report without WarnRollback, callers store
// Report.IssuedAt under it.
func (v *Verifier) SeenAs() string { return v.Owner.id() }
