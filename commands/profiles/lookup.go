package profiles

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/record"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/names"
	"blockstack/profile"
	"blockstack/profile/lookup"
	"blockstack/profile/proof"
)

// LookupCommand is `lookup`.
func LookupCommand() *cli.Command {
	return &cli.Command{
		Name:      "lookup",
		Usage:     "find everything about a name: owner, zone file, profile, and whether the profile is the owner's",
		ArgsUsage: "NAME",
		Category:  line.Names,
		Description: "The owner comes from the index, the zone file from --zonefiles, the profile from where the zone file says; each is\n" +
			"checked against the one before. What cannot be reached is shown from the cache, which is said. Of proofs it is shown what\n" +
			"was known last, or with --proofs what they say now.\n\n" + line.Examples(
			"blockstack lookup alice.id --zonefiles https://zonefiles.example",
			"blockstack lookup alice.id --proofs"),
		Flags: []cli.Flag{&cli.BoolFlag{Name: "proofs", Usage: "check the proofs of the profile now, as proof verify does"}},
		Action: verb(func(c *cli.Context) (lookupOptions, error) {
			n, err := line.NameArgument(c)
			return lookupOptions{Name: n, Proofs: c.Bool("proofs")}, err
		}, runLookup),
	}
}

// lookupOptions say what is looked up.
type lookupOptions struct {
	Name   names.Name
	Proofs bool
}

// lookupHow says how each part of an answer is known.
type lookupHow struct {
	Name     string `json:"name"`
	ZoneFile string `json:"zonefile,omitempty"`
	Profile  string `json:"profile,omitempty"`
	Proofs   string `json:"proofs,omitempty"`
}

// lookupView is what programs see of a name and what is behind it.
type lookupView struct {
	record.View
	ZoneFile       string          `json:"zonefile,omitempty"`
	ZoneFileSource string          `json:"zonefile_source,omitempty"`
	ProfileURL     string          `json:"profile_url,omitempty"`
	ProfileSource  string          `json:"profile_source,omitempty"`     // "url" or "cache"
	FetchedAt      string          `json:"profile_fetched_at,omitempty"` // when it is from the cache
	Verdict        *profile.Report `json:"verdict"`
	Profile        json.RawMessage `json:"profile"`
	Proofs         []proof.Checked `json:"proofs"`
	How            lookupHow       `json:"how"`
}

// runLookup resolves a name, fetches its profile and judges it.
func runLookup(ctx context.Context, env *Env, o lookupOptions) error {
	l, err := env.Lookup(ctx)
	if err != nil {
		return err
	}
	a, err := l.Find(ctx, o.Name, lookup.Options{Copies: true})
	if err != nil {
		return err
	}
	env.TellAnswer(a)
	if a.Why != nil && a.Outcome != lookup.NoProfile {
		return a.Why
	}
	v := lookupView{View: record.Of(a.Record), ZoneFile: string(a.Text), ZoneFileSource: a.Source}
	v.ExactUntil, v.Proofs = a.ExactUntil, []proof.Checked{}
	v.How.Name = fmt.Sprintf("computed from Bitcoin's blocks by the index of this machine, up to block %d", a.Record.Height)
	if v.ExactUntil != nil {
		v.How.Name += fmt.Sprintf("; certain up to block %d", *v.ExactUntil)
	}
	if len(a.Text) > 0 {
		v.How.ZoneFile = "from " + a.Source + "; its hash is the one in the record of the name"
	}
	var outcome error
	if a.Report != nil {
		v.ProfileURL, v.Verdict, v.ProfileSource = a.URL, a.Report, "url"
		if a.Cached {
			v.ProfileSource, v.FetchedAt = "cache", voice.Time(a.ReadAt)
		}
		if p, err := a.Report.Readable(); err == nil {
			if v.Profile, err = p.MarshalJSON(); err != nil {
				return err
			}
			if err := lookupProofs(ctx, env, &v, o, p); err != nil {
				return err
			}
		}
		v.How.Profile = "read from " + a.URL + " now"
		if a.Cached {
			v.How.Profile = "from the cache, read from " + a.URL + " at " + v.FetchedAt
		}
		if a.Report.Valid {
			v.How.Profile += "; signed with the key of the owner"
		}
		outcome = verdict(a.Report)
	}
	if err := env.Out.Result("lookup", v, func(t *voice.Text) { writeLookup(t, v) }); err != nil {
		return err
	}
	return outcome
}

// lookupProofs says what is known of the proofs of a profile that is its owner's.
func lookupProofs(ctx context.Context, e *Env, v *lookupView, o lookupOptions, p *profile.Profile) error {
	s := proof.Subject{Name: o.Name.String(), Owner: v.Verdict.OwnerAddress, Profiles: []string{v.ProfileURL}}
	v.How.Proofs = "not looked at now; what was known last is shown with its age"
	if o.Proofs {
		found, err := checkProofs(ctx, e, s, p)
		if err != nil {
			return err
		}
		v.Proofs, v.How.Proofs = found.Proofs, "looked at now"
	} else {
		v.Proofs = home.ProofMemory(e.Config).Known(ctx, s, p)
	}
	if len(v.Proofs) == 0 {
		v.How.Proofs = ""
	}
	return nil
}

// writeLookup writes a name and its profile in words. Nothing of a profile that does not verify is
// shown.
func writeLookup(t *voice.Text, v lookupView) {
	record.Write(t, v.View)
	t.Field("zone file from", "%s", v.ZoneFileSource)
	t.Field("profile at", "%s", v.ProfileURL)
	t.Gap()
	for _, how := range [][2]string{{"name", v.How.Name}, {"zone file", v.How.ZoneFile}, {"profile", v.How.Profile}, {"proofs", v.How.Proofs}} {
		if how[1] != "" {
			t.Field("known: "+how[0], "%s", how[1])
		}
	}
	if v.Verdict == nil {
		t.Field("profile", "none")
		return
	}
	t.Gap()
	writeReport(t, v.Verdict)
	if len(v.Profile) == 0 {
		return
	}
	p, err := profile.Parse(v.Profile)
	if err != nil {
		return
	}
	t.Gap()
	writePerson(t, "", p)
	if len(v.Proofs) > 0 {
		t.Gap()
		writeProofs(t, v.Proofs)
	}
}
