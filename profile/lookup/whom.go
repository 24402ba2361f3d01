package lookup

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"blockstack/names"
	"blockstack/names/resolver"
	"blockstack/names/snv"
	"blockstack/profile"
	"blockstack/profile/bundle"
)

var (
	// ErrNobody means that nobody was named whom a profile must speak for.
	ErrNobody = errors.New("say whom the profile must speak for: a signature alone proves nothing")
	// ErrNoTrust means that a bundle is to be judged by nothing.
	ErrNoTrust = errors.New("a bundle by itself proves nothing: say what you trust")
)

// Whom says who profiles must speak for: at most one of the first four is set. Without any, each
// entry of a stream says it itself.
type Whom struct {
	Address string // as people have it: as it is, after ID-, or as a DID
	Key     string // a public key in hex
	Name    names.Name
	Policy  *profile.Policy
	Trust   snv.Trust // what bundles are measured by
	At      time.Time // the time to judge by; zero: now
}

// Named reports whether it says who must have signed.
func (w Whom) Named() bool {
	return w.Address != "" || w.Key != "" || !w.Name.IsZero() || w.Policy != nil
}

// clock is the clock to judge by; nil: the system's.
func (w Whom) clock() func() time.Time {
	if w.At.IsZero() {
		return nil
	}
	return func() time.Time { return w.At }
}

// ParseOwner reads an address as people have it: as it is, after ID-, or as a DID.
func ParseOwner(text string, v profile.AddressVersions) (profile.Owner, error) {
	if strings.Contains(text, ":") {
		return profile.OwnerDID(text, v)
	}
	return profile.OwnerAddress(profile.TrimID(text), v)
}

// Judges makes judges of profiles. Names are looked up only where that is needed, each once; it may
// be used by several goroutines.
type Judges struct {
	// Open gives the Lookup that names are looked up by; it is called when the first one is.
	Open     func(ctx context.Context) (*Lookup, error)
	Versions profile.AddressVersions

	mu    sync.Mutex
	known map[names.Name]profile.Owner
}

// Owner finds the owner of a name.
func (j *Judges) Owner(ctx context.Context, n names.Name) (profile.Owner, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if o, ok := j.known[n]; ok {
		return o, nil
	}
	l, err := j.Open(ctx)
	if err != nil {
		return profile.Owner{}, err
	}
	a, err := l.Resolve(ctx, n)
	if err != nil {
		return profile.Owner{}, err
	}
	o, err := a.Owner()
	if err != nil {
		return profile.Owner{}, err
	}
	if j.known == nil {
		j.known = map[names.Name]profile.Owner{}
	}
	j.known[n] = o
	return o, nil
}

// named is the owner of an address or a key.
func (j *Judges) named(address, key string) (profile.Owner, error) {
	if address != "" {
		return ParseOwner(address, j.Versions)
	}
	return profile.OwnerKey(key)
}

// Verifier makes the judge of profiles of an address or a key.
func (j *Judges) Verifier(w Whom, newest profile.Seen) (*profile.Verifier, error) {
	if w.Address == "" && w.Key == "" {
		return nil, ErrNobody
	}
	owner, err := j.named(w.Address, w.Key)
	return &profile.Verifier{Owner: owner, Clock: w.clock(), Seen: newest}, err
}

// ForEach makes what decides about each of many profiles: whom w says, else whom the entry names.
func (j *Judges) ForEach(ctx context.Context, w Whom) (func(context.Context, *profile.Entry) (profile.Judge, error), error) {
	base := profile.Verifier{Clock: w.clock()}
	one := func(judge profile.Judge, err error) (func(context.Context, *profile.Entry) (profile.Judge, error), error) {
		return func(context.Context, *profile.Entry) (profile.Judge, error) { return judge, nil }, err
	}
	var err error
	switch {
	case w.Policy != nil:
		policy := w.Policy
		if !w.Trust.Empty() { // there may be no index: names are proven by bundles
			policy = policy.WithoutNames()
		}
		return one(policy.Judge(ctx, j.Versions, j.Owner, base))
	case !w.Name.IsZero() && !w.Trust.Empty(): // bundles need no look-up
		return func(ctx context.Context, _ *profile.Entry) (profile.Judge, error) {
			v := base
			var err error
			v.Owner, err = j.Owner(ctx, w.Name)
			return &v, err
		}, nil
	case !w.Name.IsZero():
		base.Owner, err = j.Owner(ctx, w.Name)
		return one(&base, err)
	case w.Named():
		base.Owner, err = j.named(w.Address, w.Key)
		return one(&base, err)
	}
	return func(ctx context.Context, e *profile.Entry) (profile.Judge, error) {
		v := base
		var err error
		v.Owner, err = j.ofEntry(ctx, e)
		return &v, err
	}, nil
}

// ofEntry is whom an entry of a stream names.
func (j *Judges) ofEntry(ctx context.Context, e *profile.Entry) (profile.Owner, error) {
	if e.Name != "" {
		n, err := names.Parse(e.Name)
		if err != nil {
			return profile.Owner{}, err
		}
		return j.Owner(ctx, n)
	}
	if e.Address == "" && e.Key == "" {
		return profile.Owner{}, ErrNobody
	}
	return j.named(e.Address, e.Key)
}

// Bundles makes the judge of bundles, which needs neither index nor network. Trust is asked for
// first: without it nothing is proven.
func (j *Judges) Bundles(w Whom, rules *names.Params) (*bundle.Verifier, error) {
	if w.Trust.Empty() {
		return nil, ErrNoTrust
	}
	v := &bundle.Verifier{Params: rules, Trust: w.Trust, Base: profile.Verifier{Clock: w.clock()}, Policy: w.Policy}
	signer := profile.PolicySigner{Name: w.Name, Key: w.Key}
	if w.Address != "" || w.Key != "" {
		owner, err := j.named(w.Address, w.Key)
		if err != nil {
			return nil, err
		}
		signer.Address = owner.Address()
	}
	if w.Policy == nil && w.Named() {
		v.Policy = &profile.Policy{Signers: []profile.PolicySigner{signer}}
	}
	return v, nil
}

// IfBundle makes what judges the bundles among many inputs. v may be nil, when nothing is trusted:
// then a bundle is an error.
func IfBundle(v *bundle.Verifier) func(ctx context.Context, raw []byte) (*profile.Report, bool, error) {
	return func(ctx context.Context, raw []byte) (*profile.Report, bool, error) {
		switch {
		case !bundle.Is(raw):
			return nil, false, nil
		case v == nil:
			return nil, true, ErrNoTrust
		}
		r, err := v.Verify(ctx, raw)
		return r, true, err
	}
}

// Verify judges a profile that came from elsewhere for a name. Where the zone file cannot be read
// the owner's key is asked for, and the answer's Why says so: a data key that the zone file may
// name is not known then.
func (l *Lookup) Verify(ctx context.Context, n names.Name, raw []byte, o Options) (*Answer, error) {
	a, err := l.Resolve(ctx, n)
	if err != nil && (a == nil || !errors.Is(err, resolver.ErrNoZoneFile)) {
		return nil, err
	}
	owner, err := a.Owner()
	if err != nil {
		return nil, err
	}
	v := &profile.Verifier{Owner: owner, Clock: l.judgeAt(o), Seen: l.Memory}
	if a.Report, err = v.VerifyBytes(ctx, raw); err != nil {
		return nil, err
	}
	a.Raw, a.ReadAt, a.Outcome = raw, l.now(), a.judged()
	return a, nil
}
