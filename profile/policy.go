package profile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"blockstack/names"
)

// ErrBadPolicy is wrapped by every error about the content of a policy file.
var ErrBadPolicy = errors.New("not a valid policy")

// PolicySchema is the schema of policy files.
const PolicySchema = "blockstack/signers/v1"

const maxPolicySize = 1 << 20 // bytes

// Policy is the content of a policy file, usually signers.toml: which tokens a build accepts. It is
// TOML; unknown keys are refused.
//
//	schema  = "blockstack/signers/v1"
//	max_age = "180d"                        # optional: how long ago a token may have been issued; <number>h, d or w
//	require = ["name", "account.github"]    # optional: what the profile must say; paths as in profile set
//
//	[[signer]]                              # one or more; each with exactly one of:
//	name    = "alice.id"                    # the owner of a name, by the index
//
//	[[signer]]
//	address = "1Eh9o67jF1SjUyzqAXJCWvbWXvvoeSF9i7"
//
//	[[signer]]
//	key     = "022c35fa5664f357898cdc4502a68e3a825a88e1a4ba0435fc761affdb5318b1eb"
type Policy struct {
	MaxAge  time.Duration // 0: any
	Require []string
	Signers []PolicySigner
}

// PolicySigner is one who may sign; exactly one field is set.
type PolicySigner struct {
	Name    names.Name
	Address string
	Key     string
}

// policyFile is the file as TOML.
type policyFile struct {
	Schema  string   `toml:"schema"`
	MaxAge  string   `toml:"max_age"`
	Require []string `toml:"require"`
	Signer  []struct {
		Name    string `toml:"name"`
		Address string `toml:"address"`
		Key     string `toml:"key"`
	} `toml:"signer"`
}

// ParsePolicy reads a policy file. Addresses must be those of the network v. Errors wrap
// ErrBadPolicy.
func ParsePolicy(raw []byte, v AddressVersions) (*Policy, error) {
	if len(raw) > maxPolicySize {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrBadPolicy, maxPolicySize)
	}
	var file policyFile
	if err := toml.NewDecoder(bytes.NewReader(raw)).DisallowUnknownFields().Decode(&file); err != nil {
		return nil, policyTOMLError(err)
	}
	if file.Schema != PolicySchema {
		return nil, fmt.Errorf("%w: schema is %s; want %q", ErrBadPolicy, quote(file.Schema), PolicySchema)
	}
	if len(file.Signer) == 0 {
		return nil, fmt.Errorf("%w: no [[signer]]", ErrBadPolicy)
	}
	p := &Policy{Require: file.Require}
	if file.MaxAge != "" {
		age, err := parseAge(file.MaxAge)
		if err != nil {
			return nil, fmt.Errorf("%w: max_age: %w", ErrBadPolicy, err)
		}
		p.MaxAge = age
	}
	for _, path := range p.Require {
		if strings.TrimSpace(path) == "" {
			return nil, fmt.Errorf("%w: require has an empty entry", ErrBadPolicy)
		}
	}
	for i, s := range file.Signer {
		signer, err := parseSigner(s.Name, s.Address, s.Key, v)
		if err != nil {
			return nil, fmt.Errorf("%w: signer %d: %w", ErrBadPolicy, i+1, err)
		}
		p.Signers = append(p.Signers, signer)
	}
	return p, nil
}

// policyTOMLError says where the file is wrong.
func policyTOMLError(err error) error {
	if strict := (*toml.StrictMissingError)(nil); errors.As(err, &strict) && len(strict.Errors) > 0 {
		row, _ := strict.Errors[0].Position()
		return fmt.Errorf("%w: line %d: key %s is not known", ErrBadPolicy, row, quote(strings.Join(strict.Errors[0].Key(), ".")))
	}
	if decode := (*toml.DecodeError)(nil); errors.As(err, &decode) {
		row, _ := decode.Position()
		return fmt.Errorf("%w: line %d: %s", ErrBadPolicy, row, strings.TrimPrefix(decode.Error(), "toml: "))
	}
	return fmt.Errorf("%w: %w", ErrBadPolicy, err)
}

func parseSigner(name, address, key string, v AddressVersions) (PolicySigner, error) {
	set := 0
	for _, s := range []string{name, address, key} {
		if s != "" {
			set++
		}
	}
	if set != 1 {
		return PolicySigner{}, fmt.Errorf("want exactly one of name, address and key")
	}
	switch {
	case address != "":
		if _, err := OwnerAddress(address, v); err != nil {
			return PolicySigner{}, err
		}
	case key != "":
		if _, err := OwnerKey(key); err != nil {
			return PolicySigner{}, err
		}
	default:
		n, err := names.Parse(name)
		return PolicySigner{Name: n}, err
	}
	return PolicySigner{Address: address, Key: key}, nil
}

// parseAge reads a whole number of hours, days or weeks.
func parseAge(text string) (time.Duration, error) {
	units := map[byte]time.Duration{'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	unit, known := units[text[len(text)-1]]
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 16)
	if !known || err != nil || n == 0 {
		return 0, fmt.Errorf("%s is not a number with h, d or w", quote(text))
	}
	return time.Duration(n) * unit, nil
}

// PolicyJudge decides about tokens by a policy. Its fields are read only, so one may be used from
// several goroutines.
type PolicyJudge struct {
	policy *Policy
	byHash map[[20]byte]Owner
	byKey  map[string]Owner
	base   Verifier
}

// Judge makes the policy ready: names are looked up once, with lookup, which may be nil when the
// policy has no names. base gives the clock, the delegated keys and the memory of newest profiles;
// its owner does not count.
func (p *Policy) Judge(ctx context.Context, v AddressVersions, lookup func(context.Context, names.Name) (Owner, error), base Verifier) (*PolicyJudge, error) {
	j := &PolicyJudge{policy: p, byHash: map[[20]byte]Owner{}, byKey: map[string]Owner{}, base: base}
	for _, s := range p.Signers {
		var owner Owner
		var err error
		switch {
		case s.Address != "":
			owner, err = OwnerAddress(s.Address, v)
		case s.Key != "":
			owner, err = OwnerKey(s.Key)
		case lookup == nil:
			err = fmt.Errorf("%w: signer %s is a name, which takes an index to look up", ErrBadPolicy, s.Name)
		default:
			owner, err = lookup(ctx, s.Name)
		}
		if err != nil {
			return nil, fmt.Errorf("policy: %w", err)
		}
		switch {
		case owner.key != nil:
			addOwner(j.byKey, keyText(owner.key), owner)
		case owner.isHash:
			addOwner(j.byHash, owner.hash, owner)
		}
	}
	return j, nil
}

// addOwner keeps the first of several signers with the same key, unless a later one says more.
func addOwner[K comparable](m map[K]Owner, k K, o Owner) {
	if have, found := m[k]; !found || have.record == nil && o.record != nil {
		m[k] = o
	}
}

// Verify judges a token: its signer must be one of the policy's, then the policy's other demands
// are checked.
func (j *PolicyJudge) Verify(ctx context.Context, t *Token) (*Report, error) {
	v := j.base
	v.Owner = j.ownerOf(t)
	r, err := v.Verify(ctx, t)
	if err != nil || !r.Valid {
		return r, err
	}
	if j.policy.MaxAge > 0 {
		r.checkAge(t, v.now(), j.policy.MaxAge)
	}
	if len(j.policy.Require) > 0 {
		r.checkFields(t.Unverified(), j.policy.Require)
	}
	return r.close(), nil
}

func (j *PolicyJudge) ownerOf(t *Token) Owner {
	if owner, found := j.byKey[keyText(t.issuer)]; found {
		return owner
	}
	compressed, uncompressed := keyHashes(t.issuer)
	if owner, found := j.byHash[compressed]; found {
		return owner
	}
	return j.byHash[uncompressed] // or nobody
}

func (r *Report) checkAge(t *Token, now time.Time, most time.Duration) {
	switch {
	case !t.issuedAt.set:
		r.fail("age", Expired, "does not say when it was issued, and the policy limits the age")
	case now.Sub(t.issuedAt.at) > most:
		r.fail("age", Expired, fmt.Sprintf("issued at %s, longer ago than the policy allows", t.issuedAt.at.Format(time.RFC3339)))
	default:
		r.pass("age", "")
	}
}

func (r *Report) checkFields(p *Profile, require []string) {
	var missing []string
	for _, path := range require {
		if s, found := p.Get(path); found && strings.TrimSpace(s) != "" {
			continue
		}
		if raw, found := p.Field(path); found && !emptyJSON(raw) {
			continue
		}
		missing = append(missing, path)
	}
	if missing != nil {
		r.fail("fields", Incomplete, "profile lacks what the policy requires: "+strings.Join(missing, ", "))
		return
	}
	r.pass("fields", "")
}

// emptyJSON reports whether a value says nothing: null, empty text, list or object.
func emptyJSON(raw []byte) bool {
	switch string(raw) {
	case "null", `""`, "[]", "{}":
		return true
	}
	if s, isText := text(raw); isText {
		return strings.TrimSpace(s) == ""
	}
	return false
}
