package profiles

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/names/resolver"
	"blockstack/names/snv"
	"blockstack/profile"
	"blockstack/profile/lookup"
)

// profileVerifyCommand is `profile verify`.
func profileVerifyCommand() *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Usage:     "judge whether signed profiles speak for an owner",
		ArgsUsage: "FILE|URL|NAME...",
		Description: "A token that nobody is named for proves nothing: name the owner by address, key or name, or the signers by a policy\n" +
			"file. For a name the owner is read from the index and the profile from where its zone file says. Several files, a quoted\n" +
			"pattern, or - with one token or object on each line, are judged in bulk, with a result for each in the order of the input.\n" +
			"A bundle (see profile bundle) is judged without index and network, by a consensus hash that you trust.\n\n" + line.Examples(
			"blockstack profile verify profile.json --address 1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk",
			"blockstack profile verify profile.json --name alice.id",
			"blockstack profile verify alice.id",
			"blockstack profile verify alice.proof --trust 17ac43c1d8549c3181b200f1bf97eb7d@599000",
			"blockstack profile verify 'profiles/*.json' --policy signers.toml --junit report.xml",
			"blockstack profile verify - --json < tokens.jsonl"),
		Flags: append(ownerFlags(),
			&cli.StringFlag{Name: "policy", Usage: "who may sign, and what must be there, stands in `FILE` (signers.toml)"},
			trustFlag(),
			&cli.BoolFlag{Name: "lines", Usage: "each input has one token or object on each line"},
			&cli.StringFlag{Name: "junit", Usage: "write a JUnit report to `FILE`"},
		),
		Action: verb(parseProfileVerify, runProfileVerify),
	}
}

// ownerFlags say who must have signed, and when.
func ownerFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "address", Usage: "the owner has the `ADDRESS`, or did:btc-addr:ADDRESS"},
		&cli.StringFlag{Name: "key", Usage: "the owner has the public key `PUBLICKEY`, in hex"},
		&cli.StringFlag{Name: "name", Usage: "the owner is the owner of `NAME`"},
		&cli.StringFlag{Name: "at", Usage: "judge as if it were `TIME`, as in 2026-01-31T12:00:00Z"},
	}
}

// profileVerifyOptions say what is judged against whom.
type profileVerifyOptions struct {
	What          []string
	Address, Key  string
	Name          names.Name
	At            time.Time
	Policy, JUnit string
	Lines         bool
	Trust         snv.Trust
}

// parseProfileVerify wants exactly one owner, except for streams, whose lines may say it.
func parseProfileVerify(c *cli.Context) (profileVerifyOptions, error) {
	o := profileVerifyOptions{
		What: c.Args().Slice(), Address: c.String("address"), Key: c.String("key"),
		Policy: c.String("policy"), JUnit: c.String("junit"), Lines: c.Bool("lines"),
	}
	var err error
	if c.IsSet("name") {
		if o.Name, err = names.Parse(c.String("name")); err != nil {
			return o, err
		}
	}
	if o.Trust, err = snv.ParseTrust(c.StringSlice("trust")...); err != nil {
		return o, err
	}
	given := 0
	for _, set := range []bool{o.Address != "", o.Key != "", !o.Name.IsZero(), o.Policy != ""} {
		if set {
			given++
		}
	}
	if n, err := names.Parse(o.What[0]); given == 0 && o.Trust.Empty() && len(o.What) == 1 && err == nil && !isFile(o.What[0]) {
		o.Name, given = n, 1
	}
	if given > 1 || given == 0 && o.Trust.Empty() && !o.Lines && !slices.Contains(o.What, "-") {
		if given == 0 && slices.ContainsFunc(o.What, looksLikeBundle) {
			return o, lookup.ErrNoTrust
		}
		return o, lookup.ErrNobody
	}
	if s := c.String("at"); s != "" {
		if o.At, err = time.Parse(time.RFC3339, s); err != nil {
			return o, fault.Usage("--at is %.40q, not a time such as 2026-01-31T12:00:00Z", s)
		}
	}
	return o, nil
}

// hasOwner reports whether the command line says who must have signed.
func (o profileVerifyOptions) hasOwner() bool {
	return o.Address != "" || o.Key != "" || !o.Name.IsZero() || o.Policy != ""
}

// whom is whom the command line names; a policy file is read.
func whom(e *Env, o profileVerifyOptions) (w lookup.Whom, err error) {
	w = lookup.Whom{Address: o.Address, Key: o.Key, Name: o.Name, Trust: o.Trust, At: o.At}
	if o.Policy != "" {
		w.Policy, err = e.readPolicy(o.Policy)
	}
	return w, err
}

// runProfileVerify judges one profile or many and ends with the exit code of the verdict.
func runProfileVerify(ctx context.Context, env *Env, o profileVerifyOptions) error {
	if len(o.What) > 1 || o.Lines || o.Policy != "" || o.JUnit != "" || isPattern(o.What[0]) {
		return runProfileVerifyBulk(ctx, env, o)
	}
	is, err := env.isBundle(o.What[0], o)
	if err != nil {
		return err
	}
	if o.What[0] == "-" && !is {
		many, err := env.peekLines()
		if err != nil {
			return err
		}
		if many {
			return runProfileVerifyBulk(ctx, env, o)
		}
		if !o.hasOwner() {
			return lookup.ErrNobody
		}
	}
	judge := verifyProfile
	if is {
		judge = verifyBundleAt
	}
	report, err := judge(ctx, env, o)
	if err != nil {
		return err
	}
	if err := env.Out.Result("profile.verify", report, func(t *voice.Text) { writeReport(t, report) }); err != nil {
		return err
	}
	return verdict(report)
}

// verifyProfile finds owner and bytes, and judges.
func verifyProfile(ctx context.Context, e *Env, o profileVerifyOptions) (*profile.Report, error) {
	if !o.hasOwner() {
		return nil, notBundle(o.What[0])
	}
	if !o.Name.IsZero() {
		return verifyForName(ctx, e, o)
	}
	w, err := whom(e, o)
	if err != nil {
		return nil, err
	}
	v, err := e.judges().Verifier(w, e.SeenProfiles())
	if err != nil {
		return nil, err
	}
	raw, err := e.readProfile(ctx, o.What[0])
	if err != nil {
		return nil, err
	}
	return v.VerifyBytes(ctx, raw)
}

// verifyForName judges against the owner of a name. What is judged is a file or URL, or the name's
// own published profile.
func verifyForName(ctx context.Context, e *Env, o profileVerifyOptions) (*profile.Report, error) {
	if o.ofName() {
		a, err := e.findProfile(ctx, o.Name, lookup.Options{At: o.At})
		if err != nil {
			return nil, err
		}
		return a.Report, nil
	}
	l, err := e.Lookup(ctx)
	if err != nil {
		return nil, err
	}
	raw, err := e.readProfile(ctx, o.What[0])
	if err != nil {
		return nil, err
	}
	a, err := l.Verify(ctx, o.Name, raw, lookup.Options{At: o.At})
	if err != nil {
		return nil, err
	}
	if errors.Is(a.Why, resolver.ErrNoZoneFile) {
		e.Out.Warn("%v; a data key that it may name is not known, so the owner's key is asked for", a.Why)
	}
	return a.Report, nil
}

// ofName reports whether the published profile of the name is meant, and not a file.
func (o profileVerifyOptions) ofName() bool {
	return !o.Name.IsZero() && o.What[0] == o.Name.String() && !isFile(o.What[0])
}

// writeReport writes a judgement in words.
func writeReport(t *voice.Text, r *profile.Report) {
	answer := "no: " + string(r.Reason)
	if r.Valid {
		answer = "yes"
	}
	t.Field("valid", "%s", answer)
	t.Field("name", "%s", r.Name)
	t.Field("owner", "%s", r.OwnerAddress)
	t.Field("signed by", "%s", r.IssuerPublicKey)
	if r.IssuedAt != nil {
		t.Field("issued at", "%s", voice.Time(*r.IssuedAt))
	}
	if r.NotBefore != nil {
		t.Field("not before", "%s", voice.Time(*r.NotBefore))
	}
	if r.ExpiresAt != nil {
		t.Field("expires at", "%s", voice.Time(*r.ExpiresAt))
	}
	for _, c := range r.Checks {
		if c.Outcome == profile.Failed {
			t.Field(c.Name, "%s", c.Detail)
		}
	}
	for _, w := range r.Warnings {
		t.Field("warning", "%s", w.Text())
	}
	writeProof(t, r)
}

// verdict is nil for a valid report, else the fault whose exit code is the verdict.
func verdict(r *profile.Report) error {
	err := r.Err()
	if err == nil {
		return nil
	}
	return fault.New(string(r.Reason), "profile is not valid: %v", err).Because(err).Keep()
}
