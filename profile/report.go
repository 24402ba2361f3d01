package profile

import (
	"errors"
	"fmt"
	"time"
)

// Reason says in one word why a token was accepted or not. The words are error codes of the command
// line.
type Reason string

// The reasons, in the order in which they win when several apply.
const (
	Malformed     Reason = "malformed"      // not a token, or not a token file
	BadProof      Reason = "bad_proof"      // a bundle's proof does not lead to what is trusted
	BadSignature  Reason = "bad_signature"  // the signature is not by the issuer's key
	WrongSigner   Reason = "wrong_signer"   // the issuer does not speak for the owner
	InclusionOnly Reason = "inclusion_only" // a bundle's transactions are in the chain, and who owns the name is not shown
	Revoked       Reason = "revoked"        // the owner's name is revoked
	NotYetValid   Reason = "not_yet_valid"  // issued in the future, or not to count yet (nbf)
	Expired       Reason = "expired"        // past its end, or the name's registration is
	OtherHeight   Reason = "other_height"   // a bundle is about another block than the trusted one
	Incomplete    Reason = "incomplete"     // lacks what a policy requires
	OK            Reason = "ok"
)

// Warning is something a person should know about a token that is accepted all the same.
type Warning string

// The warnings.
const (
	WarnAlgorithmCase  Warning = "algorithm_case"  // the header spells ES256K as ES256k
	WarnSubjectDiffers Warning = "subject_differs" // the subject's key is not the issuer's
	WarnNoIssuedAt     Warning = "no_issued_at"    // the token does not say when it was made, so rollback cannot be noticed
	WarnNoExpiry       Warning = "no_expiry"       // the token does not say when it ends
	WarnRollback       Warning = "rollback"        // an older profile than the newest one seen for this owner
	WarnExtraRecords   Warning = "extra_records"   // the token file has more than one record; only the first counts
	WarnNameInGrace    Warning = "name_in_grace"   // the name's lifetime is over and only its owner can renew it
)

// Text gives the warning in words.
func (w Warning) Text() string {
	switch w {
	case WarnAlgorithmCase:
		return "the token spells its algorithm ES256k instead of ES256K"
	case WarnSubjectDiffers:
		return "the token is about another key than the one it is signed with"
	case WarnNoIssuedAt:
		return "the token does not say when it was made"
	case WarnNoExpiry:
		return "the token does not say when it expires"
	case WarnRollback:
		return "a newer profile of this owner was seen before: the storage may have put back an old one"
	case WarnExtraRecords:
		return "the file has more than one record; only the first was read"
	case WarnNameInGrace:
		return "the name's registration has ended and must be renewed"
	}
	return string(w)
}

// Outcome is how a single check ended.
type Outcome string

// The outcomes.
const (
	Passed Outcome = "passed"
	Failed Outcome = "failed"
	Warned Outcome = "warned"
)

// Check is one thing that was looked at.
type Check struct {
	Name    string  `json:"name"` // "format", "signature", "signer", "name", "issued", "expiry", "freshness", "age", "fields"
	Outcome Outcome `json:"outcome"`
	Detail  string  `json:"detail,omitempty"`
}

// Report is the judgement about one token.
type Report struct {
	Valid            bool       `json:"valid"`
	Reason           Reason     `json:"reason"`
	Warnings         []Warning  `json:"warnings"`
	IssuerPublicKey  string     `json:"issuer_public_key,omitempty"`  // compressed, lower-case hex
	SubjectPublicKey string     `json:"subject_public_key,omitempty"` // compressed, lower-case hex
	OwnerAddress     string     `json:"owner_address,omitempty"`
	Name             string     `json:"name,omitempty"`
	IssuedAt         *time.Time `json:"issued_at,omitempty"`
	ExpiresAt        *time.Time `json:"expires_at,omitempty"`
	NotBefore        *time.Time `json:"not_before,omitempty"`
	Device           string     `json:"device,omitempty"` // the delegated device that signed, if one did
	Checks           []Check    `json:"checks"`
	InclusionOnly    bool       `json:"inclusion_only,omitempty"` // of a bundle: see Proof
	Proof            *Proof     `json:"proof,omitempty"`          // what a bundle shows; nil for a token that came without one

	token *Token
}

// Proof is what a bundle shows about the owner of a name, by what the verifier trusts. Without a
// trusted consensus hash that is only that the transactions are in the chain: nothing is said about
// the owner, and heights are what the bundle says.
type Proof struct {
	Height        int32     `json:"height"`                   // of the block after which all this is true
	ConsensusHash string    `json:"consensus_hash,omitempty"` // trusted, of that block
	BlockHash     string    `json:"block_hash,omitempty"`     // trusted, of that block
	NameStatus    string    `json:"name_status,omitempty"`
	ZoneFileHash  string    `json:"zonefile_hash,omitempty"`
	ExpiresAt     int32     `json:"expires_at_height,omitempty"`
	LastHeight    int32     `json:"last_operation_height"`
	Blocks        int32     `json:"blocks_checked"`     // from the last operation to the height
	Operations    int       `json:"operations_checked"` // in these blocks
	Transactions  []ProofTx `json:"transactions"`       // of operations on the name, oldest first
}

// ProofTx is a transaction in a bundle.
type ProofTx struct {
	Txid   string `json:"txid"`
	Opcode string `json:"opcode"`
	Height int32  `json:"height"`
	Shown  string `json:"shown"` // accepted: by the name rules; included: in the chain; stated: neither is shown
}

// MalformedReport is the report about bytes that could not be read as a token; err says why.
func MalformedReport(err error) *Report { return RefusedReport("format", Malformed, err.Error()) }

// RefusedReport is the report about what failed a check before a token in it was judged.
func RefusedReport(check string, why Reason, detail string) *Report {
	r := &Report{Reason: OK, Warnings: []Warning{}}
	r.Refuse(check, why, detail)
	return r
}

// Refuse adds a failed check of somebody else's to a report. What failed before decides the reason.
func (r *Report) Refuse(check string, why Reason, detail string) {
	r.fail(check, why, detail)
	r.close()
}

// Profile gives the document, but only when the report is valid; else an error that wraps
// ErrNotVerified.
func (r *Report) Profile() (*Profile, error) {
	if !r.Valid || r.token == nil {
		return nil, fmt.Errorf("%w: %w", ErrNotVerified, r.Err())
	}
	return r.token.Unverified(), nil
}

// Readable gives the document when it is valid or only past its end: good enough to be shown with a
// mark, not to decide payments, keys or sign-in. Else an error that wraps ErrNotVerified.
func (r *Report) Readable() (*Profile, error) {
	if r.token == nil || !r.Valid && r.Reason != Expired {
		return nil, fmt.Errorf("%w: %w", ErrNotVerified, r.Err())
	}
	return r.token.Unverified(), nil
}

// Token gives what was judged, or nil when it could not be read.
func (r *Report) Token() *Token { return r.token }

// Has reports whether the report carries a warning.
func (r *Report) Has(w Warning) bool {
	for _, have := range r.Warnings {
		if have == w {
			return true
		}
	}
	return false
}

// InvalidError is the verdict of a report as an error.
type InvalidError struct {
	Reason Reason
	Detail string
}

// Error gives the detail.
func (e *InvalidError) Error() string { return e.Detail }

// Is makes errors.Is(err, ErrMalformed) true for malformed tokens.
func (e *InvalidError) Is(target error) bool { return target == ErrMalformed && e.Reason == Malformed }

// Err gives nil for a valid report, else an *InvalidError with the failed check that decided.
func (r *Report) Err() error {
	if r.Valid {
		return nil
	}
	for _, c := range r.Checks {
		if c.Outcome == Failed {
			return &InvalidError{Reason: r.Reason, Detail: c.Detail}
		}
	}
	return errors.New("no check was made")
}

func (r *Report) pass(name, detail string) { r.add(name, Passed, detail) }

// fail notes a failed check. The first one decides the reason.
func (r *Report) fail(name string, why Reason, detail string) {
	r.add(name, Failed, detail)
	if r.Reason == OK {
		r.Reason = why
	}
}

func (r *Report) warn(name string, w Warning) {
	r.add(name, Warned, w.Text())
	r.Warnings = append(r.Warnings, w)
}

func (r *Report) add(name string, o Outcome, detail string) {
	r.Checks = append(r.Checks, Check{Name: name, Outcome: o, Detail: detail})
}

func (r *Report) close() *Report {
	r.Valid = r.Reason == OK
	return r
}
