package commands

import (
	"context"
	"encoding/json"
	"os"

	"github.com/urfave/cli/v2"

	"blockstack/names"
	"blockstack/profile"
)

// isFile reports whether a path is there.
func isFile(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// lookupCommand is `lookup`.
func lookupCommand() *cli.Command {
	return &cli.Command{
		Name:      "lookup",
		Usage:     "find everything about a name: owner, zone file, profile, and whether the profile is the owner's",
		ArgsUsage: "NAME",
		Category:  catNames,
		Description: "The owner comes from the index, the zone file from --zonefiles, the profile from where the zone file says; each is\n" +
			"checked against the one before. What cannot be reached is shown from the cache, which is said.\n\n" + examples("blockstack lookup alice.id --zonefiles https://zonefiles.example"),
		Action: verb(nameArgument, runLookup),
	}
}

// lookupView is what programs see of a name and what is behind it.
type lookupView struct {
	nameView
	ZoneFile       string          `json:"zonefile,omitempty"`
	ZoneFileSource string          `json:"zonefile_source,omitempty"`
	ProfileURL     string          `json:"profile_url,omitempty"`
	ProfileSource  string          `json:"profile_source,omitempty"`     // "url" or "cache"
	FetchedAt      string          `json:"profile_fetched_at,omitempty"` // when it is from the cache
	Verdict        *profile.Report `json:"verdict"`
	Profile        json.RawMessage `json:"profile"`
}

// runLookup resolves a name, fetches its profile and judges it.
func runLookup(ctx context.Context, env *Env, n names.Name) error {
	r, err := env.Resolver(ctx)
	if err != nil {
		return err
	}
	res, err := r.Resolve(ctx, n)
	if err != nil {
		return err
	}
	v := lookupView{nameView: viewName(res.Record), ZoneFile: string(res.Text), ZoneFileSource: res.Source}
	v.ExactUntil = env.exactUntil()
	var outcome error
	if len(res.URLs) > 0 || res.Problem != nil {
		found, err := env.readNameProfile(ctx, res, nil, true)
		if err != nil {
			return err
		}
		v.ProfileURL, v.Verdict, v.ProfileSource = found.URL, found.Report, "url"
		if !found.CachedAt.IsZero() {
			v.ProfileSource, v.FetchedAt = "cache", rfc3339(found.CachedAt)
			env.Out.Warn("the profile is from the cache: %s could not be read now; it was last read at %s", found.URL, v.FetchedAt)
		}
		if p, err := found.Report.Readable(); err == nil {
			if v.Profile, err = p.MarshalJSON(); err != nil {
				return err
			}
		}
		outcome = verdict(found.Report)
	}
	if err := env.Out.Result("lookup", v, func(t *Text) { writeLookup(t, v) }); err != nil {
		return err
	}
	return outcome
}

// writeLookup writes a name and its profile in words. Nothing of a profile that does not verify is shown.
func writeLookup(t *Text, v lookupView) {
	writeName(t, v.nameView)
	t.Field("zone file from", "%s", v.ZoneFileSource)
	t.Field("profile at", "%s", v.ProfileURL)
	if v.ProfileSource == "cache" {
		t.Field("profile from", "the cache, of %s", v.FetchedAt)
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
}
