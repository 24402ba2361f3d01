package commands

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"blockstack/names"
	"blockstack/names/resolver"
	"blockstack/profile"
)

// profileVerifyCommand is `profile verify`.
func profileVerifyCommand() *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Usage:     "judge whether a signed profile speaks for an owner",
		ArgsUsage: "FILE|URL|NAME",
		Description: "A token that nobody is named for proves nothing: name the owner by address, key or name. For a name the owner is\n" +
			"read from the index and the profile from where its zone file says. - is standard input.\n\n" + examples(
			"blockstack profile verify profile.json --address 1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk",
			"blockstack profile verify profile.json --name alice.id",
			"blockstack profile verify alice.id"),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "address", Usage: "the owner has the `ADDRESS`"},
			&cli.StringFlag{Name: "key", Usage: "the owner has the public key `PUBLICKEY`, in hex"},
			&cli.StringFlag{Name: "name", Usage: "the owner is the owner of `NAME`"},
			&cli.StringFlag{Name: "at", Usage: "judge as if it were `TIME`, as in 2026-01-31T12:00:00Z"},
		},
		Action: verb(parseProfileVerify, runProfileVerify),
	}
}

// profileVerifyOptions say what is judged against whom.
type profileVerifyOptions struct {
	What, Address, Key string
	Name               names.Name
	At                 time.Time
}

// parseProfileVerify wants exactly one owner.
func parseProfileVerify(c *cli.Context) (profileVerifyOptions, error) {
	o := profileVerifyOptions{What: c.Args().First(), Address: c.String("address"), Key: c.String("key")}
	var err error
	if c.IsSet("name") {
		if o.Name, err = names.Parse(c.String("name")); err != nil {
			return o, err
		}
	}
	given := 0
	for _, set := range []bool{o.Address != "", o.Key != "", !o.Name.IsZero()} {
		if set {
			given++
		}
	}
	if n, err := names.Parse(o.What); given == 0 && err == nil && !isFile(o.What) {
		o.Name, given = n, 1
	}
	if given != 1 {
		return o, usagef("say whom the profile must speak for: a signature alone proves nothing").
			hint("give one of --address ADDRESS, --key PUBLICKEY and --name NAME")
	}
	if s := c.String("at"); s != "" {
		if o.At, err = time.Parse(time.RFC3339, s); err != nil {
			return o, usagef("--at is %.40q, not a time such as 2026-01-31T12:00:00Z", s)
		}
	}
	return o, nil
}

// clock is the clock to judge by; nil: the system's.
func (o profileVerifyOptions) clock() func() time.Time {
	if o.At.IsZero() {
		return nil
	}
	return func() time.Time { return o.At }
}

// runProfileVerify judges a profile and ends with the exit code of the verdict.
func runProfileVerify(ctx context.Context, env *Env, o profileVerifyOptions) error {
	report, err := env.verifyProfile(ctx, o)
	if err != nil {
		return err
	}
	if err := env.Out.Result("profile.verify", report, func(t *Text) { writeReport(t, report) }); err != nil {
		return err
	}
	return verdict(report)
}

// verifyProfile finds owner and bytes, and judges.
func (e *Env) verifyProfile(ctx context.Context, o profileVerifyOptions) (*profile.Report, error) {
	v := &profile.Verifier{Clock: o.clock()}
	var err error
	switch {
	case o.Address != "":
		v.Owner, err = profile.OwnerAddress(profile.TrimID(o.Address), e.addressVersions())
	case o.Key != "":
		v.Owner, err = profile.OwnerKey(o.Key)
	default:
		return e.verifyForName(ctx, o, v)
	}
	if err != nil {
		return nil, err
	}
	raw, err := e.readProfile(ctx, o.What)
	if err != nil {
		return nil, err
	}
	return v.VerifyBytes(ctx, raw)
}

// verifyForName judges against the owner of a name. What is judged is a file or URL, or the name's own published profile.
func (e *Env) verifyForName(ctx context.Context, o profileVerifyOptions, v *profile.Verifier) (*profile.Report, error) {
	r, err := e.Resolver(ctx)
	if err != nil {
		return nil, err
	}
	res, err := r.Resolve(ctx, o.Name)
	if err != nil && (res == nil || !errors.Is(err, resolver.ErrNoZoneFile) || o.What == o.Name.String()) {
		return nil, err
	}
	if err != nil {
		e.Out.Warn("%v; a data key that it may name is not known, so the owner's key is asked for", err)
	}
	if o.What == o.Name.String() && !isFile(o.What) {
		found, err := e.fetchProfile(ctx, res, o.clock())
		if err != nil {
			return nil, err
		}
		return found.Report, nil
	}
	if v.Owner, err = profile.OwnerRecord(res.Record, res.DataKeys...); err != nil {
		return nil, err
	}
	raw, err := e.readProfile(ctx, o.What)
	if err != nil {
		return nil, err
	}
	return v.VerifyBytes(ctx, raw)
}

// readProfile reads a token file from a file, standard input or a URL.
func (e *Env) readProfile(ctx context.Context, what string) ([]byte, error) {
	if strings.HasPrefix(what, "https://") || strings.HasPrefix(what, "http://") {
		page, err := e.Fetcher().Fetch(ctx, what)
		if err != nil {
			return nil, err
		}
		return page.Body, nil
	}
	raw, err := readBounded(what, e.In)
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	return raw, nil
}

// writeReport writes a judgement in words.
func writeReport(t *Text, r *profile.Report) {
	answer := "no: " + string(r.Reason)
	if r.Valid {
		answer = "yes"
	}
	t.Field("valid", "%s", answer)
	t.Field("name", "%s", r.Name)
	t.Field("owner", "%s", r.OwnerAddress)
	t.Field("signed by", "%s", r.IssuerPublicKey)
	if r.IssuedAt != nil {
		t.Field("issued at", "%s", rfc3339(*r.IssuedAt))
	}
	if r.ExpiresAt != nil {
		t.Field("expires at", "%s", rfc3339(*r.ExpiresAt))
	}
	for _, c := range r.Checks {
		if c.Outcome == profile.Failed {
			t.Field(c.Name, "%s", c.Detail)
		}
	}
	for _, w := range r.Warnings {
		t.Field("warning", "%s", w.Text())
	}
}

// verdict is nil for a valid report, else the fault whose exit code is the verdict.
func verdict(r *profile.Report) error {
	err := r.Err()
	if err == nil {
		return nil
	}
	return fault(string(r.Reason), "profile is not valid: %v", err).because(err).keep()
}
